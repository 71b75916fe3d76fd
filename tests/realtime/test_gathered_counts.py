"""Counts are gathered: however many upvote, a page hears few messages, and the last one is right."""

from __future__ import annotations

import time

from sqlalchemy import func, select

from app.core import clock
from app.core.extensions import db
from app.ideas.actions.upvoting import take_back_upvote, upvote
from app.ideas.models import Idea, Upvote
from app.live import changes
from app.live import delivery as delivering
from tests.boards import post


def test_forty_upvotes_travel_in_few_messages_and_the_last_is_right(socket, city, make_user, settle):
    mara = make_user("Mara")
    first, second = post(city, mara), post(city, mara, "A second idea of hers")
    room = [make_user(f"Student {number}", group="student") for number in range(20)]
    page = socket()
    page.watch("rotterdam")
    settle()
    page.heard()
    began = time.monotonic()
    for student in room:
        upvote(first, by=student, at=clock.now())
        upvote(second, by=student, at=clock.now())
    for student in room[:5]:
        take_back_upvote(second, by=student, at=clock.now())
    settle()
    counts = page.heard("counts")
    assert len(counts) <= (time.monotonic() - began) / delivering.TICK_SECONDS + 1
    assert len(counts) < 40
    last: dict[str, int] = {}
    for message in counts:
        last.update(message["counts"])
    assert last == {str(first.id): 20, str(second.id): 15}
    assert counts[-1]["figures"] == {"ideas": 2, "upvotes": 35, "people": 21}


def test_a_burst_on_one_idea_names_it_once_a_message(socket, city, make_user, settle):
    idea = post(city, make_user("Mara"))
    page = socket()
    page.watch("rotterdam", idea=idea.id)
    for number in range(12):
        upvote(idea, by=make_user(f"Resident {number}"), at=clock.now())
    settle()
    counts, groups = page.heard("counts"), page.heard("groups")
    assert counts[-1]["counts"] == {str(idea.id): 12}
    assert groups[-1]["groups"]["resident"] == 12
    assert len(groups) <= len(counts)


def test_the_pushed_count_is_the_databases_whatever_the_page_missed(socket, city, make_user, settle):
    idea = post(city, make_user("Mara"))
    upvote(idea, by=make_user("Tom"), at=clock.now())
    settle()
    page = socket()
    page.watch("rotterdam")
    upvote(idea, by=make_user("Nia"), at=clock.now())
    settle()
    rows = db.session.scalar(select(func.count()).select_from(Upvote).where(Upvote.idea_id == idea.id))
    assert page.heard("counts")[-1]["counts"] == {str(idea.id): rows} == {str(idea.id): 2}
    assert db.session.get_one(Idea, idea.id).upvote_count == 2


def test_one_failing_message_does_not_stop_the_next(socket, city, make_user, settle, monkeypatch):
    mara = make_user("Mara")
    page = socket()
    page.watch("rotterdam")
    real, failed = changes.board_message, []

    def fails_once(**words):
        if not failed:
            failed.append(words["number"])
            raise RuntimeError("a broken fragment")
        return real(**words)

    noted: list[str] = []
    monkeypatch.setattr(delivering.log, "exception", noted.append)
    monkeypatch.setattr(changes, "board_message", fails_once)
    post(city, mara)
    post(city, mara, "The one after it")
    settle()
    assert failed == [1] and noted == ["delivery_fault"]
    [change] = page.heard("change")
    assert (change["seq"], change["prev"]) == (2, 1)  # the gap tells the page to ask


def test_who_takes_part_before_their_upvotes_count_is_among_the_people(socket, city, make_user, settle):
    idea = post(city, make_user("Mara"))
    page = socket()
    page.watch("rotterdam")
    settle()
    page.heard()
    upvote(idea, by=make_user("Karl", confirmed=False), at=clock.now())
    settle()
    [message] = page.heard("counts")
    assert message["counts"] == {} and message["figures"] == {"ideas": 1, "upvotes": 0, "people": 2}
