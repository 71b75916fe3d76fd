"""My page, my data, and leaving."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.accounts.models import Session, User
from app.core.extensions import db
from app.ideas.actions.posting import edit_idea
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Comment, Idea, Upvote
from tests.boards import draft, numbers_of, post, say
from tests.conftest import PASSWORD
from tests.pages import cards_on, page_of


@pytest.fixture
def mara(make_user):
    return make_user("Mara", email="mara@example.org")


@pytest.fixture
def busy(city, mara, make_user, clock):
    """Mara has posted, commented and upvoted; Tom too."""
    tom = make_user("Tom", email="tom@example.org")
    own, toms = post(city, mara, "An idea of Mara's"), post(city, tom, "An idea of Tom's")
    edit_idea(own, draft("An idea of Mara's, better"), by=mara, at=clock.now())
    say(toms, mara, "Mara says so")
    say(own, tom, "Tom says no")
    upvote(toms, by=mara, at=clock.now())
    upvote(own, by=tom, at=clock.now())
    return own, toms


def test_my_page_shows_what_is_mine_and_nothing_else(signed_in, busy, mara):
    own, _toms = busy
    response = signed_in(mara).get("/me")
    page = page_of(response)
    assert cards_on(response) == [own.id]
    assert "Mara says so" in page.words and "Tom says no" not in page.words
    assert "An idea of Tom's" in page.words  # commented on and upvoted
    assert response.status_code == 200


def test_an_empty_page_of_mine_says_what_to_do(signed_in, mara):
    words = page_of(signed_in(mara).get("/me")).words
    for sentence in (
        "You have not posted an idea yet.",
        "You have not commented yet.",
        "You have not upvoted an idea yet.",
    ):
        assert sentence in words


def test_what_was_withdrawn_is_not_on_my_page(signed_in, busy, mara):
    own, _ = busy
    maras = signed_in(mara)
    maras.post_form(f"/ideas/{own.id}/withdrawal")
    assert cards_on(maras.get("/me")) == []
    assert [one["state"] for one in maras.get("/me/data.json").get_json()["ideas"]] == ["withdrawn"]


def test_my_data_is_complete_and_only_mine(signed_in, busy, mara):
    response = signed_in(mara).get("/me/data.json")
    data, words = response.get_json(), response.get_data(as_text=True)
    assert "attachment" in response.headers["Content-Disposition"]
    assert response.headers["Cache-Control"] == "no-store"
    assert data["account"]["email"] == "mara@example.org"
    assert [idea["title"] for idea in data["ideas"]] == ["An idea of Mara's, better"]
    assert [one["title"] for one in data["ideas"][0]["revisions"]] == ["An idea of Mara's"]
    assert [comment["text"] for comment in data["comments"]] == ["Mara says so"]
    assert [one["counted"] for one in data["upvotes"]] == [True]
    assert "tom@example.org" not in words and "Tom says no" not in words
    assert "argon2" not in words and "token" not in words


def test_my_pages_are_nobody_elses(client):
    for address in ("/me", "/me/data.json", "/me/deletion"):
        response = client.get(address)
        assert response.status_code == 303
        assert response.headers["Location"] == f"/sign-in?next={address}"


def test_leaving_needs_the_password(signed_in, busy, mara):
    maras = signed_in(mara)
    assert "Delete the account" in page_of(maras.get("/me/deletion")).words
    for wrong in ({}, {"password": ""}, {"password": "not mine at all"}):
        assert maras.post_form("/me/deletion", wrong).status_code == 422
    assert db.session.get_one(User, mara.id).erased_at is None
    assert maras.get("/me").status_code == 200


def test_leaving_takes_the_person_and_leaves_the_words(signed_in, client, city, busy, mara):
    own, toms = busy
    laptop, phone = signed_in(mara), signed_in(mara)
    before = numbers_of(city)
    assert laptop.post_form("/me/deletion", {"password": PASSWORD}).headers["Location"] == "/"
    gone = db.session.get_one(User, mara.id)
    assert (gone.name, gone.email, gone.claimed_email, gone.password_hash) == ("", None, None, None)
    assert db.session.scalar(select(func.count()).select_from(Session).where(Session.user_id == mara.id)) == 0
    for device in (laptop, phone):
        assert device.get("/me").status_code == 303
    board = client.get("/rotterdam")
    assert set(cards_on(board)) == {own.id, toms.id}
    words = page_of(board).words
    assert "Former participant" in words and "Mara ." not in words
    on_page = page_of(client.get(f"/rotterdam/ideas/{toms.id}-an-idea-of-tom-s")).words
    assert "Mara says so" in on_page and "Former participant" in on_page
    assert db.session.get_one(Idea, toms.id).upvote_count == 1
    assert db.session.scalar(select(func.count()).select_from(Upvote).where(Upvote.user_id == mara.id)) == 1
    assert len(numbers_of(city)) == len(before) + 2  # her idea and her comment are shown anew
    refused = client.post_form("/sign-in", {"email": "mara@example.org", "password": PASSWORD})
    assert refused.status_code == 422


def test_who_has_left_leaves_no_name_anywhere(signed_in, client, busy, mara):
    own, toms = busy
    signed_in(mara).post_form("/me/deletion", {"password": PASSWORD})
    for address in (
        "/rotterdam",
        "/",
        f"/rotterdam/ideas/{own.id}-an-idea-of-mara-s-better",
        f"/rotterdam/ideas/{toms.id}-an-idea-of-tom-s",
        "/rotterdam/changes?since=0",
        f"/rotterdam/changes?since=0&idea={toms.id}",
    ):
        text = client.get(address).get_data(as_text=True)
        assert "<b>Mara</b>" not in text and "mara@example.org" not in text, address


@pytest.mark.settings(rate_limits=True)
def test_guessing_the_password_is_slowed(signed_in, mara):
    maras = signed_in(mara)
    statuses = [maras.post_form("/me/deletion", {"password": "guess"}).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    assert maras.post_form("/me/deletion", {"password": PASSWORD}).status_code == 429
    assert db.session.get_one(User, mara.id).erased_at is None


def test_my_latest_hundred_are_shown_and_the_download_has_them_all(signed_in, city, mara, make_user):
    idea = post(city, make_user("Tom"))
    for number in range(101):
        say(idea, mara, f"Comment number {number}.")
    maras = signed_in(mara)
    words = page_of(maras.get("/me")).words
    assert "Comment number 100." in words and "Comment number 0." not in words
    assert "Your latest hundred" in words
    assert len(maras.get("/me/data.json").get_json()["comments"]) == 101
    assert db.session.scalar(select(func.count()).select_from(Comment)) == 101
