"""Events on their way between processes: what is carried, and what is not believed."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from app.accounts.events import SessionsEnded
from app.cities.events import BoardRulesChanged, RightsChanged
from app.ideas.events import BoardChanged, Contributed, CountsChanged, UpvotesChanged
from app.live.wire import HEARD, read, written
from app.moderation.events import QueueChanged
from app.notices.events import NoticesChanged
from app.workshops.events import RoomChanged, ScreensChanged, WorkshopChanged

SAMPLES = [
    BoardChanged(city_id=1, number=18, previous=3, kind="comment_posted", idea_id=42, comment_id=7),
    BoardChanged(city_id=1, number=19, previous=0, kind="idea_posted", idea_id=43, comment_id=None),
    UpvotesChanged(city_id=1, idea_id=42, user_id=5, upvoted=False, is_counted=False),
    UpvotesChanged(city_id=1, idea_id=42, user_id=5, upvoted=True, at=datetime(2026, 9, 14, 12, tzinfo=UTC)),
    CountsChanged(city_id=1, idea_id=42),
    SessionsEnded(session_ids=(4, 9)),
    RightsChanged(user_id=5),
    BoardRulesChanged(city_id=1),
    QueueChanged(city_id=1, item_ids=()),
    NoticesChanged(user_id=5, unread=0),
    WorkshopChanged(city_id=1, workshop_id=2, seq=8),
    RoomChanged(city_id=1, workshop_id=2),
    ScreensChanged(city_id=1, screen_ids=(3,), revoked=True),
]
ONE = {"from": "a", "missed": False, "events": []}
UPVOTE = {"city_id": 1, "idea_id": 2, "user_id": 3, "upvoted": True}
CHANGE = {"city_id": 1, "number": 2, "previous": 1, "kind": "idea_posted", "idea_id": 3, "comment_id": None}


def test_every_event_that_pages_hear_of_arrives_as_it_left():
    assert {type(sample) for sample in SAMPLES} == set(HEARD)
    assert read(written("a", SAMPLES)) == ("a", False, SAMPLES)


def test_several_arrive_in_their_order_with_the_word_that_some_are_missing():
    origin, missed, events = read(written("b", SAMPLES[:2], missed=True))
    assert (origin, missed, events) == ("b", True, SAMPLES[:2])


def test_nothing_but_ids_words_flags_and_moments_is_carried_and_of_a_person_only_the_id():
    upvote = replace(SAMPLES[2], registered_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert read(written("a", [upvote]))[2] == [SAMPLES[2]]
    for event in HEARD:
        kinds = {field.type for field in fields(event)}
        assert kinds <= {"int", "int | None", "bool", "str", "tuple[int, ...]", "datetime | None"}, event


def test_an_event_that_pages_do_not_hear_of_is_not_carried():
    with pytest.raises(KeyError):
        written("a", [Contributed(1, 2, None, 3, is_new=True, is_public=True)])


@pytest.mark.parametrize(
    "message",
    [
        "",
        "17",
        "null",
        "[]",
        "{}",
        b"\xff",
        json.dumps({**ONE, "from": 7}),
        json.dumps({**ONE, "events": "all"}),
        json.dumps({**ONE, "events": [{}]}),
        json.dumps({**ONE, "events": [["BoardChanged"]]}),
        json.dumps({**ONE, "events": [["BoardChanged", []]]}),
        json.dumps({**ONE, "events": [[["BoardChanged"], {}]]}),
        json.dumps({**ONE, "events": [["BoardChanged", {}]]}),
        *(
            json.dumps({**ONE, "events": [["BoardChanged", {**CHANGE, **wrong}]]})
            for wrong in (
                {"city_id": "1"},
                {"city_id": None},
                {"city_id": True},
                {"city_id": 1.0},
                {"city_id": -1},
                {"city_id": 2**63},
                {"kind": 4},
                {"kind": "x" * 41},
                {"comment_id": "none"},
            )
        ),
        json.dumps({**ONE, "events": [["UpvotesChanged", {**UPVOTE, "at": "noon"}]]}),
        json.dumps({**ONE, "events": [["UpvotesChanged", {**UPVOTE, "at": 1e300}]]}),
        json.dumps({**ONE, "events": [["SessionsEnded", {"session_ids": [1, "2"]}]]}),
        json.dumps({**ONE, "events": [["ScreensChanged", {"city_id": 1, "screen_ids": [2], "revoked": 1}]]}),
    ],
)
def test_what_is_no_message_of_ours_is_refused(message):
    with pytest.raises(ValueError):
        read(message)


def test_what_another_version_says_beside_what_we_know_is_left_out():
    said = [["TramArrived", {"line": 7}], ["BoardChanged", {**CHANGE, "colour": "red"}]]
    known = BoardChanged(city_id=1, number=2, previous=1, kind="idea_posted", idea_id=3, comment_id=None)
    assert read(json.dumps({**ONE, "events": said})) == ("a", False, [known])
