"""When a workshop has its people: from its opening on, and not for ever where nobody closes it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.cities.models import Workshop
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.workshops.actions.driving import show
from app.workshops.actions.screening import make_screen
from tests.rooms import go_to, join, workshop_in

SCRIPT = {"Accept": "application/json"}
BOARD = "/rotterdam"


@pytest.fixture
def room(city, clock, make_user):
    """A workshop in its lobby, Mara in it."""
    made = workshop_in(city)
    made.mara = make_user("Mara")
    join(made, made.mara)
    return made


@pytest.fixture
def mara(room, signed_in):
    return signed_in(room.mara)


def posts(client):
    fields = {"kind": "challenge", "title": "Trams wait for cars", "text": "", "themes": ["1"]}
    return client.post_form(
        "/rotterdam/ideas", {**fields, "submission_key": str(uuid.uuid4())}, headers=SCRIPT
    )


def test_a_workshop_that_nobody_closes_lets_its_people_go_on_online(
    room, mara, clock, client, make_moderator, city, signed_in
):
    with unit_of_work():
        room.starts_at, room.ends_at = clock.now(), clock.now() + timedelta(hours=3)
    go_to(room, "vote")
    clock.advance(14 * 3600)
    assert posts(mara).status_code == 403, "it may take longer than was planned"
    assert client.get(f"/j/{room.join_code}").status_code == 200
    left_open = "This workshop was left open long after its end"
    assert left_open not in signed_in(make_moderator(city, "Ana")).get("/rotterdam/remote?workshop=1").text
    clock.advance(2 * 3600)
    assert posts(mara).status_code == 201
    assert 'id="room"' not in mara.get(BOARD).text
    assert client.get(f"/j/{room.join_code}").status_code == 404
    assert left_open in signed_in(make_moderator(city, "Ben")).get("/rotterdam/remote?workshop=1").text
    go_to(room, "closed")
    assert mara.get(f"{BOARD}/workshops/1/result").status_code == 200


def test_a_screen_shows_a_code_only_as_long_as_it_lets_people_in(room, client, clock, city, make_moderator):
    _screen, token = make_screen(city, name="Wall", by=make_moderator(city), at=clock.now(), workshop=room)
    shown = f"/screen/{token}/state.json"
    assert room.join_code in client.get_json(shown)["html"].replace(" ", "")
    clock.advance(8 * 24 * 3600)
    show(room, "wall", by=None)  # and back: what is drawn is kept for a second
    show(room, "join", by=None)
    assert room.join_code not in client.get_json(shown)["html"].replace(" ", "")


def test_a_workshop_without_an_end_holds_its_people_for_a_week(room, mara, clock):
    clock.advance(6 * 24 * 3600)
    assert posts(mara).status_code == 403
    clock.advance(2 * 24 * 3600)
    assert posts(mara).status_code == 201


def test_a_code_given_out_before_the_opening_opens_no_door(city, client, make_moderator, signed_in):
    ana = signed_in(make_moderator(city))
    ana.post_form(f"{BOARD}/workshops/1/code", {})
    first = select(Workshop.join_code).where(Workshop.city_id == city.id, Workshop.number == 1)
    code = db.session.scalars(first).one()
    assert client.get(f"/j/{code}").status_code == 404
    ana.post_form(f"{BOARD}/workshops/1/opening", {})
    assert client.get(f"/j/{code}").status_code == 200
