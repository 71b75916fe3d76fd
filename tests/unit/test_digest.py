"""When the daily letter is due."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from app.core.extensions import db
from app.notices.actions import digesting
from app.notices.actions.choosing import choose_mail
from app.notices.actions.digesting import send_due_digests
from app.notices.models import NoticeChoice
from app.notices.timer import start_timer
from tests.boards import post, say

NIGHT = datetime(2026, 9, 14, 1, 0, tzinfo=UTC)


@pytest.fixture
def mara(make_user):
    return make_user("Mara")


@pytest.fixture
def told(mara, make_user, clock):
    """`told(city)`: somebody comments on an idea of Mara's there."""
    tom = make_user("Tom")
    clock.freeze(NIGHT)
    return lambda city: say(post(city, mara), tom)


def at(hour: int, minute: int = 0, day: int = 14) -> datetime:
    return datetime(2026, 9, day, hour, minute, tzinfo=UTC)


def test_not_before_seven_in_the_city(told, cities, letters):
    told(cities["rotterdam"])  # UTC+2
    assert send_due_digests(at(4, 59)) == 0
    assert send_due_digests(at(5, 0)) == 1
    assert len(letters()) == 1


def test_the_newest_notice_says_which_city(told, cities, clock):
    told(cities["shenzhen"])  # UTC+8: nine in the morning
    told(cities["los-angeles"])  # UTC-7: six in the evening before
    assert send_due_digests(at(8)) == 0, "one o'clock at night in Los Angeles"
    assert send_due_digests(at(14)) == 1


def test_late_in_the_evening_is_late_enough(told, cities):
    told(cities["rotterdam"])
    assert send_due_digests(at(21, 59)) == 1


def test_one_a_day(told, cities, clock, letters):
    told(cities["rotterdam"])
    assert send_due_digests(at(7)) == 1
    clock.freeze(at(7, 30))
    told(cities["rotterdam"])
    assert send_due_digests(at(8)) == 0
    assert send_due_digests(at(5, 59, day=15)) == 0, "not 23 hours ago"
    assert send_due_digests(at(6, 0, day=15)) == 1
    assert send_due_digests(at(6, 0, day=16)) == 0, "nothing new"
    assert len(letters()) == 2


def test_nothing_old_is_dug_out(told, cities):
    told(cities["rotterdam"])
    assert send_due_digests(NIGHT + timedelta(days=14, hours=8)) == 0


def test_a_fault_costs_one_letter_and_is_tried_again(told, cities, make_user, mara, monkeypatch, letters):
    comment = told(cities["rotterdam"])
    lena = make_user("Lena")
    say(post(cities["rotterdam"], lena), db.session.merge(comment.author))
    write = digesting.write_digest

    def fail_for_mara(user, facts):
        if user.id == mara.id:
            raise ValueError("a fault")
        write(user, facts)

    monkeypatch.setattr(digesting, "write_digest", fail_for_mara)
    assert send_due_digests(at(8)) == 1
    assert db.session.get(NoticeChoice, mara.id) is None
    monkeypatch.undo()
    assert send_due_digests(at(8, 10)) == 1
    assert len(letters()) == 2


def test_who_chose_otherwise_is_left_alone(told, cities, mara):
    choose_mail(mara, "none", at=NIGHT)
    told(cities["rotterdam"])
    assert send_due_digests(at(8)) == 0


def test_the_timer_looks_again_and_again_and_stops(app, told, cities, clock, letters, monkeypatch):
    told(cities["rotterdam"])
    clock.freeze(at(8))
    looks = []
    monkeypatch.setattr("app.notices.timer.FIRST_AFTER_SECONDS", 0.01)
    monkeypatch.setattr("app.notices.timer.EVERY_SECONDS", 0.01)
    monkeypatch.setattr("app.notices.timer.send_due_digests", lambda at: looks.append(send_due_digests(at)))
    db.session.rollback()
    stop, thread = start_timer(app)
    while len(looks) < 3:
        thread.join(0.01)
    stop.set()
    thread.join(5)
    assert not thread.is_alive() and thread.daemon
    assert looks[0] == 1 and not any(looks[1:]) and len(letters()) == 1


def test_no_timer_runs_where_nobody_is_served(app):
    assert "digests" not in {thread.name for thread in threading.enumerate()}
