"""Who may do what: every route and every socket event, for every role. What is missing from the tables fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from app.accounts import passwords
from app.core.extensions import socketio
from app.live.namespace import Live
from tests.house.matrix.table import ROLES, TABLE, TOPICS
from tests.house.matrix.things import FORMS
from tests.house.matrix.world import ALSO_NOBODY, World

pytestmark = pytest.mark.settings(confirm_email=True)

SOCKET_EVENTS = {"connect", "disconnect", "watch", "unwatch"}


class _AnyId(dict[str, int]):
    def __missing__(self, name: str) -> int:
        return 1


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def world(app, cities, make_user, signed_in) -> Iterator[World]:
    return World(app, cities, make_user, signed_in)


def test_every_act_for_everybody(world):
    wrong = []
    for role in (*ROLES, *ALSO_NOBODY):
        for row in TABLE:
            came = world.act(row, role)
            if came != row.expected(role):
                wrong.append(f"{role}: {row.method} {row.path} {row.form}: {came}, not {row.expected(role)}")
    assert not wrong, "\n".join(wrong)


def test_every_topic_for_everybody(world, socket):
    wrong = []
    for role in (*ROLES, *ALSO_NOBODY):
        page = socket(client=world.client_of(role))
        for topic in TOPICS:
            of = topic.of and world.things[topic.of]
            asked = {"queue": True} if topic.is_queue else {"idea": of} if of else {}
            given = page.watch(topic.city, **asked)["ok"]
            if given is not topic.expected(role):
                wrong.append(f"{role}: {topic.city} {topic.of} {topic.is_queue}: {given}")
    assert not wrong, "\n".join(wrong)


def test_scripts_are_told_401_where_people_are_sent_to_sign_in(world):
    for row in TABLE:
        if row.expected("nobody") == "in":
            assert world.act(row, "nobody", headers={"Accept": "application/json"}) == "401", row


def test_no_route_is_missing_from_the_table(app):
    adapter = app.url_map.bind("localhost")
    there = {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    listed = {
        (row.method, adapter.match(row.path.format_map(_AnyId()).split("?")[0], method=row.method)[0])
        for row in TABLE
    }
    assert there - listed == set(), "routes that nobody has thought about"


def test_no_socket_event_is_missing(app):
    events = {name.removeprefix("on_") for name in dir(Live) if name.startswith("on_")}
    assert events == SOCKET_EVENTS
    assert set(socketio.server.namespace_handlers) == {"/live"}
    assert not any(handlers for name, handlers in socketio.server.handlers.items() if name != "/live")


def test_the_table_says_something_for_every_role():
    for row in [*TABLE, *TOPICS]:
        assert len(row.comes) == len(ROLES), row
    assert {row.form for row in TABLE} == set(FORMS), "forms that are sent nowhere, or rows that send none"
