"""Organisers look after people: find, ban, verify, see who upvoted. Their looks are logged, without names."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.core.extensions import db
from app.ideas.actions.upvoting import upvote
from app.moderation.models import Act, Reason
from tests.boards import post
from tests.pages import page_of


@pytest.fixture
def organiser(make_user):
    return make_user("Olga", organiser=True)


@pytest.fixture
def olga(signed_in, organiser):
    """A browser in which an organiser is signed in."""
    return signed_in(organiser)


def said(response) -> str:
    return page_of(response).words


def noted(capsys, event: str) -> list[dict]:
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event]


def test_people_are_found_by_a_part_of_name_or_address(olga, make_user):
    make_user("Mara Öztürk", email="mara@harbour.example")
    make_user("Tom", email="tom@else.example")
    make_user("Lena", email="lena@harbour.example", confirmed=False)
    assert "Mara" not in said(olga.get("/organise/participants")), (
        "nobody is shown before somebody is looked for"
    )
    words = said(olga.get("/organise/participants?q=HARBOUR"))
    assert "mara@harbour.example" in words and "lena@harbour.example (not confirmed)" in words
    assert "Tom" not in words
    assert "Mara" in said(olga.get("/organise/participants?q=öztürk"))
    assert "Mara" in said(olga.get("/organise/participants?q=ÖZTÜRK"))
    assert "holds these letters" in said(olga.get("/organise/participants?q=%25"))


def test_a_search_is_noted_with_ids_only(olga, organiser, make_user, capsys):
    mara = make_user("Mara", email="mara@harbour.example")
    capsys.readouterr()
    olga.get("/organise/participants?q=harbour")
    olga.get(f"/organise/participants/{mara.id}")
    log = capsys.readouterr().err
    assert "harbour" not in log and "Mara" not in log
    events = {line["event"]: line for line in map(json.loads, log.splitlines())}
    assert events["participants_searched"]["by"] == organiser.id
    assert events["participant_viewed"]["user"] == mara.id


def test_a_persons_page_says_what_there_is(olga, make_user, city, cities):
    mara = make_user("Mara", group="company", affiliation="RET", email="mara@harbour.example")
    post(city, mara)
    idea = post(cities["berlin"], make_user("Tom"))
    upvote(idea, by=mara, at=idea.created_at)
    words = said(olga.get(f"/organise/participants/{mara.id}"))
    assert "mara@harbour.example (confirmed)" in words and "RET (not verified)" in words
    assert "Rotterdam" in words and "1 idea" in words and "Berlin" in words and "1 upvote" in words
    assert olga.get("/organise/participants/99999").status_code == 404
    assert olga.get(f"/organise/participants/{2**40}").status_code == 404


def test_who_upvoted_is_shown_to_organisers_and_noted(olga, signed_in, make_user, city, capsys):
    mara, tom = make_user("Mara"), make_user("Tom", email="tom@else.example")
    idea = post(city, mara)
    upvote(idea, by=tom, at=idea.created_at)
    capsys.readouterr()
    words = said(olga.get(f"/organise/ideas/{idea.id}/upvoters"))
    assert "Tom" in words and "tom@else.example" not in words
    assert noted(capsys, "upvoters_viewed")[0]["idea"] == idea.id
    assert signed_in(mara).get(f"/organise/ideas/{idea.id}/upvoters").status_code == 404
    assert olga.get("/organise/ideas/99999/upvoters").status_code == 404


def ban_of(user, clock, **more):
    until = (clock.now() + timedelta(days=3)).date().isoformat()
    reason = str(db.session.scalar(select(Reason.id)))
    return {"until": until, "reason": reason, "city": "rotterdam", "sentence": "Again and again.", **more}


def test_somebody_is_banned_and_let_in_again(olga, signed_in, make_user, city, clock):
    mara = make_user("Mara")
    post(city, mara)
    maras = signed_in(mara)
    assert olga.post_form(f"/organise/participants/{mara.id}/ban", ban_of(mara, clock)).status_code == 303
    assert maras.get("/me").status_code == 303, "signed out"
    words = said(olga.get(f"/organise/participants/{mara.id}"))
    assert "Lift the ban" in words and "signed out everywhere" in words
    assert "banned until" in said(olga.get("/organise/participants?banned=1"))
    olga.post_form(f"/organise/participants/{mara.id}/ban-end", {"city": "rotterdam"})
    assert signed_in(mara).get("/me").status_code == 200
    assert list(db.session.scalars(select(Act.kind).order_by(Act.id))) == ["ban", "lift_ban"]
    olga.post_form(f"/organise/participants/{mara.id}/ban-end", {"city": "rotterdam"})
    assert "There is no ban any more." in said(olga.get(f"/organise/participants/{mara.id}"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"until": ""}, "Choose a day."),
        ({"until": "2020-01-01"}, "Choose a day from tomorrow"),
        ({"until": "9999-12-31"}, "Choose an earlier day."),
        ({"reason": "999"}, "Not a valid choice"),
        ({"city": "berlin"}, "Not a valid choice"),
        ({"sentence": "x" * 501}, "Shorten this to 500"),
    ],
)
def test_a_ban_that_cannot_be_is_shown_again_as_typed(olga, make_user, city, clock, wrong, sentence):
    mara = make_user("Mara")
    post(city, mara)
    refused = olga.post_form(f"/organise/participants/{mara.id}/ban", ban_of(mara, clock, **wrong))
    assert refused.status_code == 422 and sentence in said(refused)
    assert wrong.get("sentence", "Again and again.") in refused.get_data(as_text=True)
    assert db.session.get(User, mara.id).banned_until is None


def test_organisers_are_not_banned(olga, organiser, clock):
    refused = olga.post_form(f"/organise/participants/{organiser.id}/ban", ban_of(organiser, clock))
    assert refused.status_code in (403, 422)
    assert olga.get("/organise").status_code == 200


# affiliations ----------------------------------------------------------------------------------------


def test_an_affiliation_is_verified_in_the_log_of_a_board(olga, make_user, city):
    mara = make_user("Mara", group="company", affiliation="Harbour Works")
    make_user("Resi")
    post(city, mara)
    words = said(olga.get("/organise/affiliations"))
    assert "Harbour Works" in words and "Resi" not in words
    assert "1 affiliation waits" in said(olga.get("/organise"))
    olga.post_form(f"/organise/affiliations/{mara.id}", {"act": "verify", "city": "rotterdam"})
    assert "Nobody waits to be verified." in said(olga.get("/organise/affiliations"))
    db.session.refresh(mara)
    assert mara.verified_at is not None
    act = db.session.scalar(select(Act))
    assert (act.kind, act.city_id, act.user_id) == ("verify", city.id, mara.id)
    olga.post_form(f"/organise/affiliations/{mara.id}", {"act": "verify", "city": "rotterdam"})
    assert "verified already" in said(olga.get("/organise/affiliations"))


@pytest.mark.parametrize("takes_part", [True, False])
def test_an_affiliation_that_is_not_confirmed_waits_no_more(olga, make_user, city, takes_part):
    mara = make_user("Mara", group="company", affiliation="Harbour Works")
    if takes_part:
        post(city, mara)
    olga.post_form(f"/organise/affiliations/{mara.id}", {"act": "unverify", "city": "rotterdam"})
    assert "Harbour Works" not in said(olga.get("/organise/affiliations"))
    assert "Harbour Works" in said(olga.get("/organise/affiliations?denied=1"))
    olga.post_form(f"/organise/affiliations/{mara.id}", {"act": "verify", "city": "rotterdam"})
    assert "Harbour Works" not in said(olga.get("/organise/affiliations?denied=1"))


def test_the_board_of_the_log_is_one_the_person_takes_part_in(olga, make_user, city):
    mara = make_user("Mara", group="company")
    post(city, mara)
    olga.post_form(f"/organise/affiliations/{mara.id}", {"act": "verify", "city": "berlin"})
    assert "Choose in which board" in said(olga.get("/organise/affiliations"))
    assert db.session.scalar(select(Act)) is None
    assert olga.post_form(f"/organise/affiliations/{mara.id}", {"act": "praise"}).status_code == 422


def test_a_badge_is_taken_back_on_the_persons_page(olga, make_user, city):
    mara = make_user("Mara", group="company", verified=True)
    post(city, mara)
    page = f"/organise/participants/{mara.id}"
    assert "Take the badge back" in said(olga.get(page))
    done = olga.post_form(
        f"/organise/affiliations/{mara.id}", {"act": "unverify", "city": "rotterdam", "next": page}
    )
    assert done.headers["Location"] == page
    db.session.refresh(mara)
    assert mara.verified_at is None
