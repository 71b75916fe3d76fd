"""A participant's page for the moderators of a board: what they said, their badge, and a ban."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.core.extensions import db
from app.moderation.models import Act
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
def mara(make_user, city):
    """Somebody of a company who has posted in Rotterdam."""
    somebody = make_user("Mara", group="company", affiliation="RET", email="mara@example.org")
    post(city, somebody)
    return somebody


def fresh(user: User) -> User:
    db.session.rollback()
    return db.session.get_one(User, user.id)


def acts() -> list[Act]:
    db.session.rollback()
    return list(db.session.scalars(select(Act).order_by(Act.id)))


def test_it_shows_what_somebody_said_here_and_no_address(anas, mara, cities, make_user):
    post(cities["berlin"], mara, "Something she said in Berlin")
    hidden = post(cities["rotterdam"], mara, "Something that was hidden")
    put_in_state(hidden, "hidden")
    say(post(cities["rotterdam"], make_user("Tom"), "An idea by Tom himself"), mara, "What Mara says to it")
    response = anas.get(f"/rotterdam/people/{mara.id}")
    words = page_of(response).words
    for shown in (
        "Mara",
        "Company, RET",
        "Bike lane on Coolsingel",
        "Something that was hidden",
        "What Mara says",
    ):
        assert shown in words, shown
    assert "Berlin himself" not in words and "said in Berlin" not in words
    assert "mara@example.org" not in response.get_data(as_text=True)
    assert response.headers["Cache-Control"] == "no-store"


def test_it_is_there_for_moderators_of_a_board_where_the_person_takes_part(
    anas, signed_in, client, mara, make_user
):
    assert anas.get(f"/berlin/people/{mara.id}").status_code == 404
    assert anas.get(f"/rotterdam/people/{make_user('Lisa').id}").status_code == 404
    assert signed_in(mara).get(f"/rotterdam/people/{mara.id}").status_code == 404
    assert client.get(f"/rotterdam/people/{mara.id}").status_code == 303
    olgas = signed_in(make_user("Olga", organiser=True))
    assert olgas.get(f"/rotterdam/people/{mara.id}").status_code == 200


def test_a_ban_lasts_until_the_end_of_a_day_in_the_city(anas, signed_in, mara):
    maras = signed_in(mara)
    form = {"act": "ban", "until": "2026-10-24", "reason": "3", "sentence": "Advertising in ten comments."}
    said = anas.post_form(f"/rotterdam/people/{mara.id}/acts", form)
    assert said.status_code == 303
    page = page_of(anas.get(said.headers["Location"]))
    assert "Mara is banned until 25 October 2026 00:00 CEST." in page.words
    assert page.all("button", formaction=f"/acts/{acts()[-1].id}/undo")
    assert fresh(mara).banned_until == datetime(2026, 10, 25, tzinfo=ZoneInfo("Europe/Amsterdam"))
    assert maras.get("/me").status_code == 303  # signed out everywhere
    assert acts()[-1].sentence == "Advertising in ten comments."


def test_a_week_is_offered(anas, mara):
    page = page_of(anas.get(f"/rotterdam/people/{mara.id}"))
    assert page.one("input", name="until")["value"] == "2026-09-21"


def test_a_ban_is_lifted(anas, mara):
    address = f"/rotterdam/people/{mara.id}/acts"
    anas.post_form(address, {"act": "ban", "until": "2026-10-24", "reason": "3"})
    said = anas.post_form(address, {"act": "lift_ban"})
    assert "Mara may take part again." in page_of(anas.get(said.headers["Location"])).words
    assert fresh(mara).banned_until is None
    again = anas.post_form(address, {"act": "lift_ban"})
    assert again.status_code == 409 and "no ban any more" in page_of(again).words


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"until": ""}, "Enter the last day of the ban"),
        ({"until": "tomorrow"}, "Enter the last day of the ban"),
        ({"until": "2026-09-13"}, "That day is over."),
        ({"until": "2036-09-13"}, "within the next year"),
        ({"reason": ""}, "Choose a reason."),
        ({"reason": "77"}, "Choose a reason."),
        ({"sentence": "x" * 501}, "500 characters"),
    ],
)
def test_a_refused_ban_keeps_what_was_typed(anas, mara, typed, message):
    form = {"act": "ban", "until": "2026-09-20", "reason": "3", "sentence": "My sentence", **typed}
    said = anas.post_form(f"/rotterdam/people/{mara.id}/acts", form)
    assert said.status_code == 422 and message in page_of(said).words
    assert form["sentence"] in said.get_data(as_text=True)
    assert fresh(mara).banned_until is None


def test_organisers_and_oneself_cannot_be_banned(anas, ana, city, make_user):
    olga = make_user("Olga", organiser=True)
    form = {"act": "ban", "until": "2026-09-20", "reason": "3"}
    for somebody in (ana, olga):
        post(city, somebody, f"An idea by {somebody.name}")
        page = page_of(anas.get(f"/rotterdam/people/{somebody.id}"))
        assert not page.all("input", name="until")
        said = anas.post_form(f"/rotterdam/people/{somebody.id}/acts", form)
        assert said.status_code == 403 and "cannot be banned" in page_of(said).words


def test_an_affiliation_is_verified_and_the_badge_taken_back(anas, client, mara):
    address = f"/rotterdam/people/{mara.id}/acts"
    assert "works for RET" in page_of(anas.get(f"/rotterdam/people/{mara.id}")).words
    assert anas.post_form(address, {"act": "verify"}).status_code == 303
    assert fresh(mara).verified_at is not None
    assert "verified" in page_of(client.get("/rotterdam")).words
    assert "Take the badge back" in page_of(anas.get(f"/rotterdam/people/{mara.id}")).words
    assert anas.post_form(address, {"act": "verify"}).status_code == 409
    anas.post_form(address, {"act": "unverify"})
    assert fresh(mara).verified_at is None


def test_an_act_nobody_knows_is_refused(anas, mara):
    said = anas.post_form(f"/rotterdam/people/{mara.id}/acts", {"act": "promote"})
    assert said.status_code == 422 and "Choose what to do." in page_of(said).words


def test_a_script_gets_the_act_and_until_when_it_can_be_undone(anas, mara):
    answer = anas.post_form(
        f"/rotterdam/people/{mara.id}/acts", {"act": "verify"}, headers={"Accept": "application/json"}
    ).get_json()
    assert answer["act"] == acts()[-1].id and answer["undo_until"]
