"""What a room is told of itself: its phase at once, its numbers soon, and nothing is looked up for nobody."""

from __future__ import annotations

import time

import pytest

from app.ideas.events import UpvotesChanged
from app.live import rooms as telling
from app.live.delivery import delivery
from app.workshops.events import RoomChanged, WorkshopChanged
from tests.boards import post, statements
from tests.rooms import go_to, join, workshop_in


@pytest.fixture
def mara(make_user):
    """Who looks at the board with her phone, in the workshop."""
    return make_user("Mara")


@pytest.fixture
def room(city, mara, make_user):
    """Mara's workshop; people come into it."""
    made = workshop_in(city, "collect")
    join(made, mara, *(make_user(f"Student {number}", "student") for number in range(6)))
    return made


@pytest.fixture
def phone(socket, room, mara):
    """Mara's."""
    page = socket(mara)
    assert page.watch("rotterdam", workshop=room.id)["ok"]
    return page


def test_all_that_has_happened_is_told_once_it_is_quiet(phone, room, city, make_user, settle):
    settle()
    began = time.monotonic()
    phone.heard("room")
    for number in range(5):
        author = make_user(f"Author {number}")
        join(room, author)
        post(city, author, f"Idea number {number}")
    settle()
    told = phone.heard("room")
    assert told[-1]["people"]["posted"] == 5 and told[-1]["people"]["joined"] == 12
    assert len(told) <= (time.monotonic() - began) / telling.ROOM_EVERY_SECONDS + 1


def test_a_phase_does_not_wait_for_the_numbers(phone, room, city, make_user, settle):
    settle()
    post(city, make_user("Tom"))  # whose numbers are gathered still
    phone.heard("room")
    began = time.monotonic()
    go_to(room, "discuss")
    while not (told := phone.heard("room")) or told[-1]["phase"] != "discuss":
        assert time.monotonic() - began < 5
        time.sleep(0.01)
    assert told[-1]["seq"] == room.state_seq


def test_rooms_that_nobody_hears_are_not_looked_up(room, city, mara, settle):
    idea, city_id, workshop_id = post(city, mara), city.id, room.id
    heard = [RoomChanged(city_id, workshop_id), WorkshopChanged(city_id, workshop_id, 9)]
    heard.append(UpvotesChanged(city_id, idea.id, mara.id, True))
    settle()
    with statements() as asked:
        for event in heard:
            delivery.hear(event)
        settle()
    assert [one for one in asked if "workshops" in one or "attendances" in one] == []


def test_who_looks_in_vain_leaves_nothing_behind(phone, room, city, settle, monkeypatch):
    def fails(*_asked, **_more):
        raise RuntimeError("a fault")

    settle()
    phone.heard("room")
    with monkeypatch.context() as broken:
        broken.setattr(telling, "room_message", fails)
        go_to(room, "discuss")
        settle()
    assert phone.heard("room") == []
    go_to(room, "vote")
    settle()
    assert phone.heard("room")[-1]["phase"] == "vote"
