"""Status and answer: published, or kept as a draft and published together with others."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.extensions import db
from app.ideas.models import Idea
from app.moderation.actions.deciding import hide
from app.moderation.models import AnswerDraft
from tests.boards import post, put_in_state, say
from tests.pages import page_of


@pytest.fixture
def ana(city, make_moderator, clock):
    """A moderator of Rotterdam."""
    return make_moderator(city, "Ana")


@pytest.fixture
def anas(ana, signed_in):
    """Her browser."""
    return signed_in(ana)


@pytest.fixture
def ideas(city, make_user):
    """Three of Mara's."""
    mara = make_user("Mara")
    return [post(city, mara, f"Idea for the city number {number}") for number in range(3)]


def standing(idea: Idea) -> tuple[str, str | None]:
    db.session.rollback()
    fresh = db.session.get_one(Idea, idea.id)
    return fresh.status, fresh.answer


def drafts() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(AnswerDraft)).all())


def test_an_answer_is_published_and_can_be_undone(anas, ideas):
    said = anas.post_form(
        f"/ideas/{ideas[0].id}/answer", {"status": "taken_up", "text": "We build it in May.", "do": "publish"}
    )
    assert said.status_code == 303
    assert standing(ideas[0]) == ("taken_up", "We build it in May.")
    page = page_of(anas.get(said.headers["Location"]))
    assert "The answer is published." in page.words and "We build it in May." in page.words
    [undo] = [one for one in page.all("button") if "/undo" in (one.get("formaction") or "")]
    anas.post_form(undo["formaction"])
    assert standing(ideas[0]) == ("new", None)


def test_a_draft_is_nobodys_but_the_moderators(anas, client, ideas):
    anas.post_form(
        f"/ideas/{ideas[0].id}/answer", {"status": "shortlisted", "text": "Canary sentence.", "do": "draft"}
    )
    assert standing(ideas[0]) == ("new", None)
    assert (
        "Canary sentence."
        not in page_of(client.get(f"/rotterdam/ideas/{ideas[0].id}", follow_redirects=True)).words
    )
    page = page_of(anas.get("/rotterdam/answers"))
    assert "Canary sentence." in page.words and "shortlisted" in page.words
    again = anas.get(f"/ideas/{ideas[0].id}/answer")
    assert "Canary sentence." in again.get_data(as_text=True)


def test_ticked_drafts_are_published_together(anas, ideas):
    for idea in ideas:
        anas.post_form(
            f"/ideas/{idea.id}/answer", {"status": "in_discussion", "text": "Soon.", "do": "draft"}
        )
    said = anas.post_form(
        "/rotterdam/answers", {"ideas": [str(ideas[0].id), str(ideas[1].id)], "do": "publish"}
    )
    assert said.status_code == 303
    assert "2 answers are published." in page_of(anas.get(said.headers["Location"])).words
    assert [standing(idea)[0] for idea in ideas] == ["in_discussion", "in_discussion", "new"]
    assert drafts() == 1


def test_drafts_are_discarded(anas, ideas):
    for idea in ideas:
        anas.post_form(
            f"/ideas/{idea.id}/answer", {"status": "in_discussion", "text": "Soon.", "do": "draft"}
        )
    anas.post_form("/rotterdam/answers", {"ideas": [str(ideas[0].id)], "do": "discard"})
    anas.post_form(f"/ideas/{ideas[1].id}/answer", {"do": "discard"})
    assert drafts() == 1 and standing(ideas[0]) == ("new", None)


def test_nothing_ticked_is_said(anas, ideas):
    said = anas.post_form("/rotterdam/answers", {"do": "publish"})
    assert said.status_code == 422 and "Tick at least one draft." in page_of(said).words
    nobodys = anas.post_form("/rotterdam/answers", {"ideas": ["x", "999", "9" * 5000], "do": "publish"})
    assert nobodys.status_code == 422


def test_all_are_published_or_none(anas, ideas):
    for idea in ideas[:2]:
        anas.post_form(
            f"/ideas/{idea.id}/answer", {"status": "in_discussion", "text": "Soon.", "do": "draft"}
        )
    put_in_state(ideas[1], "hidden")
    said = anas.post_form("/rotterdam/answers", {"ideas": [str(idea.id) for idea in ideas], "do": "publish"})
    assert said.status_code == 422 and "Only ideas that everybody can read" in page_of(said).words
    assert standing(ideas[0])[0] == "new" and drafts() == 2


def test_what_was_typed_is_kept_when_it_is_refused(anas, ideas):
    address = f"/ideas/{ideas[0].id}/answer"
    none = anas.post_form(address, {"text": "A long answer.", "do": "publish"})
    assert none.status_code == 422 and "Choose a status." in page_of(none).words
    assert "A long answer." in none.get_data(as_text=True)
    long = anas.post_form(address, {"status": "taken_up", "text": "x" * 5001, "do": "publish"})
    assert long.status_code == 422 and "5000 characters" in page_of(long).words.replace(",", "")
    put_in_state(ideas[0], "held")
    held = anas.post_form(address, {"status": "taken_up", "text": "Yes", "do": "publish"})
    assert held.status_code == 422 and "Only ideas that everybody can read" in page_of(held).words


def test_drafts_of_a_city_are_its_moderators(anas, signed_in, client, ideas, make_user):
    assert anas.get("/berlin/answers").status_code == 404
    assert signed_in(ideas[0].author).get("/rotterdam/answers").status_code == 404
    assert client.get("/rotterdam/answers").status_code == 303
    assert signed_in(make_user("Olga", organiser=True)).get("/rotterdam/answers").status_code == 200


def test_the_second_of_two_answers_is_not_put_over_the_first_unseen(
    city, make_user, make_moderator, signed_in
):
    """Both open the form; Ben publishes, then Ana: she is told, keeps what she typed, and can then decide."""
    idea = post(city, make_user("Mara"))
    ana, ben = signed_in(make_moderator(city, "Ana")), signed_in(make_moderator(city, "Ben"))
    path = f"/ideas/{idea.id}/answer"
    seen = re.search(r'name="seen" value="(\d+)"', ana.get(path).get_data(as_text=True))[1]
    said = {"status": "taken_up", "seen": seen}
    assert ben.post_form(path, {**said, "text": "From May on."}).status_code == 303
    refused = ana.post_form(path, {**said, "text": "We look into it."})
    words = refused.get_data(as_text=True)
    assert refused.status_code == 409 and "answered by Ben" in words and "We look into it." in words
    again = re.search(r'name="seen" value="(\d+)"', words)[1]
    assert ana.post_form(path, {**said, "seen": again, "text": "We look into it."}).status_code == 303


def test_a_moderator_finds_a_hidden_comment_on_the_ideas_page(
    city, make_user, make_moderator, signed_in, client
):
    idea = post(city, make_user("Mara"))
    comment = say(idea, make_user("Tom"), "Whispered behind the door")
    ana = make_moderator(city, "Ana")
    hide(comment, because=1, sentence="", by=ana, at=clock.now())
    path = f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel"
    page = signed_in(ana).get(path).get_data(as_text=True)
    assert "Whispered behind the door" in page and f"/comments/{comment.id}/moderate" in page
    assert "Whispered" not in client.get(path).get_data(as_text=True)
    assert "Whispered" not in signed_in(make_user("Lea")).get(path).get_data(as_text=True)
