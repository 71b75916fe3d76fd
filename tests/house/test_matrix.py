"""Who may do what: every route and every socket event, for every role. What is missing from the tables fails.

`yes`: done or shown. `in`: sent to sign in. A number: refused so. What one may not see answers 404.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.accounts.actions.erasing import erase
from app.accounts.actions.sessions import end_all_sessions
from app.accounts.models import User
from app.cities.models import City
from app.core import clock
from app.core.extensions import socketio
from app.ideas.models import Comment, Idea
from app.live.namespace import Live
from tests.boards import post, put_in_state, say
from tests.clients import Client
from tests.conftest import PASSWORD

pytestmark = pytest.mark.settings(confirm_email=True)

ROLES = ("nobody", "resident", "author", "organiser", "late")
"""`author` wrote the idea and the comment in question; `late` has not confirmed within the first day."""
ALSO_NOBODY = ("signed out, cookie copied", "erased, cookie copied")

IDEA = {"kind": "challenge", "title": "Trams wait for cars", "text": "", "themes": ["1"]}


@dataclass(frozen=True)
class Row:
    """One act, and what comes of it for each of ROLES. `{idea}` and the like are filled in afresh for each."""

    method: str
    endpoint: str
    path: str
    comes: str
    data: dict[str, Any] = field(default_factory=dict)

    def expected(self, role: str) -> str:
        return self.comes.split()[ROLES.index(role)]


TABLE = [
    #                                                                     nobody resident author organiser late
    Row("GET", "cities.home", "/", "yes yes yes yes yes"),
    Row("GET", "ideas.board", "/rotterdam", "yes yes yes yes yes"),
    Row("GET", "ideas.board", "/atlantis", "404 404 404 404 404"),
    Row("GET", "ideas.changes", "/rotterdam/changes?since=0", "yes yes yes yes yes"),
    Row("GET", "ideas.similar", "/rotterdam/similar?title=bike", "yes yes yes yes yes"),
    Row("GET", "ideas.idea", "/rotterdam/ideas/{idea}", "yes yes yes yes yes"),
    Row("GET", "ideas.idea", "/rotterdam/ideas/{idea}-bike-lane-on-coolsingel", "yes yes yes yes yes"),
    Row("GET", "ideas.idea", "/rotterdam/ideas/{hidden}-bike-lane-on-coolsingel", "404 404 yes 404 404"),
    Row("GET", "ideas.idea", "/rotterdam/ideas/{withdrawn}-bike-lane-on-coolsingel", "404 404 404 404 404"),
    Row("GET", "ideas.idea", "/berlin/ideas/{idea}-bike-lane-on-coolsingel", "404 404 404 404 404"),
    Row("GET", "ideas.compose", "/rotterdam/ideas/new", "in yes yes yes yes"),
    Row("POST", "ideas.post_idea", "/rotterdam/ideas", "in yes yes yes 403", IDEA),
    Row("GET", "ideas.edit_idea", "/ideas/{idea}/edit", "in 404 yes 404 404"),
    Row("POST", "ideas.edit_idea", "/ideas/{idea}/edit", "in 404 yes 404 404", IDEA),
    Row("POST", "ideas.edit_idea", "/ideas/{hidden}/edit", "in 404 422 404 404", IDEA),
    Row("POST", "ideas.edit_idea", "/ideas/{old}/edit", "in 404 422 404 404", IDEA),
    Row("GET", "ideas.withdraw_idea", "/ideas/{idea}/withdrawal", "in 404 yes 404 404"),
    Row("POST", "ideas.withdraw_idea", "/ideas/{idea}/withdrawal", "in 404 yes 404 404"),
    Row("POST", "ideas.withdraw_idea", "/ideas/{old}/withdrawal", "in 404 422 404 404"),
    Row("POST", "ideas.upvote", "/ideas/{idea}/upvote", "in yes 403 yes 403", {"upvote": "on"}),
    Row("PUT", "ideas.upvote", "/ideas/{idea}/upvote", "in yes 403 yes 403"),
    Row("DELETE", "ideas.upvote", "/ideas/{idea}/upvote", "in yes yes yes yes"),
    Row("PUT", "ideas.upvote", "/ideas/{hidden}/upvote", "in 404 404 404 404"),
    Row("PUT", "ideas.upvote", "/ideas/{withdrawn}/upvote", "in 404 404 404 404"),
    Row("POST", "ideas.post_comment", "/ideas/{idea}/comments", "in yes yes yes 403", {"text": "Hello"}),
    Row("POST", "ideas.post_comment", "/ideas/{hidden}/comments", "in 404 404 404 404", {"text": "Hello"}),
    Row("GET", "ideas.edit_comment", "/comments/{comment}/edit", "in 404 yes 404 404"),
    Row("POST", "ideas.edit_comment", "/comments/{comment}/edit", "in 404 yes 404 404", {"text": "Hello"}),
    Row("GET", "ideas.withdraw_comment", "/comments/{comment}/withdrawal", "in 404 yes 404 404"),
    Row("POST", "ideas.withdraw_comment", "/comments/{comment}/withdrawal", "in 404 yes 404 404"),
    Row("POST", "ideas.preview", "/preview", "in yes yes yes yes", {"text": "*x*"}),
    Row("GET", "ideas.me", "/me", "in yes yes yes yes"),
    Row("GET", "ideas.own_data_file", "/me/data.json", "in yes yes yes yes"),
    Row("GET", "ideas.delete_account", "/me/deletion", "in yes yes yes yes"),
    Row("POST", "ideas.delete_account", "/me/deletion", "in 422 422 422 422", {"password": "guessed"}),
    Row("POST", "ideas.delete_account", "/me/deletion", "in yes yes yes yes", {"password": PASSWORD}),
    Row("GET", "cities.organise", "/organise", "in 404 404 yes 404"),
    Row("POST", "cities.remove_sample_content", "/organise/sample", "in 404 404 yes 404"),
    Row("GET", "accounts.register", "/register", "yes yes yes yes yes"),
    Row("POST", "accounts.register", "/register", "422 yes yes yes yes"),
    Row("GET", "accounts.sign_in", "/sign-in", "yes yes yes yes yes"),
    Row("POST", "accounts.sign_in", "/sign-in", "422 yes yes yes yes"),
    Row("POST", "accounts.sign_out", "/sign-out", "yes yes yes yes yes"),
    Row("GET", "accounts.forgotten_password", "/forgotten-password", "yes yes yes yes yes"),
    Row(
        "POST",
        "accounts.forgotten_password",
        "/forgotten-password",
        "yes yes yes yes yes",
        {"email": "x@example.org"},
    ),
    Row("GET", "accounts.reset_password", "/reset-password/guessed", "404 404 404 404 404"),
    Row("POST", "accounts.reset_password", "/reset-password/guessed", "404 404 404 404 404"),
    Row("GET", "accounts.confirm", "/confirm/guessed", "404 404 404 404 404"),
    Row("POST", "accounts.confirm", "/confirm/guessed", "404 404 404 404 404"),
    Row("POST", "accounts.resend_confirmation", "/confirm", "in yes yes yes yes"),
    Row("GET", "accounts.become_organiser", "/organiser/guessed", "404 404 404 404 404"),
    Row("POST", "accounts.become_organiser", "/organiser/guessed", "404 404 404 404 404"),
    Row("GET", "accounts.account", "/me/account", "in yes yes yes yes"),
    Row("POST", "accounts.change_password", "/me/password", "in 422 422 422 422"),
    Row("POST", "accounts.change_email", "/me/email", "in 422 422 422 422"),
    Row("POST", "accounts.choose_language", "/language", "yes yes yes yes yes", {"language": "de"}),
    Row("GET", "accounts.privacy", "/privacy", "yes yes yes yes yes"),
    Row("GET", "healthz", "/healthz", "yes yes yes yes yes"),
    Row("GET", "readyz", "/readyz", "yes yes yes yes yes"),
]
SOCKET_EVENTS = {"connect", "disconnect", "watch", "unwatch"}


@dataclass
class World:
    """A board with one author, and somebody who acts; both made anew for each act."""

    city: City
    make_user: Callable[..., User]
    signed_in: Callable[[User], Client]
    app: Flask

    def act(self, row: Row, role: str, **more: Any) -> str:
        """What comes of it."""
        author = self.make_user("Mara")
        path = row.path.format_map(_Things(self.city, author))
        client = self.client_of(role, author)
        send = client.get if row.method == "GET" else client.send
        asked = (path,) if row.method == "GET" else (row.method, path, row.data)
        response = send(*asked, **more)
        location = response.headers.get("Location", "")
        if response.status_code == 303 and location.startswith("/sign-in"):
            return "in"
        return "yes" if response.status_code < 400 else str(response.status_code)

    def client_of(self, role: str, author: User) -> Client:
        if role == "nobody":
            client = self.app.test_client()
            assert isinstance(client, Client)
            return client
        if role == "author":
            return self.signed_in(author)
        if role == "late":
            day_ago = clock.now() - timedelta(hours=24)
            return self.signed_in(self.make_user("Lena", confirmed=False, created_at=day_ago))
        user = self.make_user("Tom", organiser=role == "organiser")
        client = self.signed_in(user)
        if role == "signed out, cookie copied":
            end_all_sessions(user)
        elif role == "erased, cookie copied":
            erase(user, clock.now())
        return client


class _Things(dict[str, int]):
    """Ideas and comments by `author`, made when a path asks for them."""

    def __init__(self, city: City, author: User) -> None:
        super().__init__()
        self.city, self.author = city, author

    def __missing__(self, name: str) -> int:
        at = clock.now() - timedelta(minutes=16) if name == "old" else None
        idea: Idea = post(self.city, self.author, at=at)
        if name == "comment":
            comment: Comment = say(idea, self.author)
            return comment.id
        if name in ("hidden", "withdrawn"):
            put_in_state(idea, name)
        return idea.id


@pytest.fixture
def world(app, city, make_user, signed_in) -> Iterator[World]:
    return World(city, make_user, signed_in, app)


@pytest.mark.parametrize("role", ROLES)
def test_every_act_for(world, role):
    wrong = {}
    for row in TABLE:
        came = world.act(row, role)
        if came != row.expected(role):
            wrong[row.method, row.path] = f"{came}, not {row.expected(role)}"
    assert not wrong


@pytest.mark.parametrize("role", ALSO_NOBODY)
def test_a_copied_cookie_is_worth_nothing(world, role):
    wrong = {}
    for row in TABLE:
        came = world.act(row, role)
        if came != row.expected("nobody"):
            wrong[row.method, row.path] = f"{came}, not {row.expected('nobody')}"
    assert not wrong


def test_scripts_are_told_401_where_people_are_sent_to_sign_in(world):
    for row in TABLE:
        if row.expected("nobody") == "in":
            assert world.act(row, "nobody", headers={"Accept": "application/json"}) == "401", row


def test_no_route_is_missing_from_the_table(app):
    there = {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    listed = {(row.method, row.endpoint) for row in TABLE}
    assert there - listed == set(), "routes that nobody has thought about"
    assert listed - there == set(), "rows of routes that are no more"


def test_every_row_leads_to_the_route_it_names(app):
    adapter = app.url_map.bind("localhost")
    for row in TABLE:
        path = row.path.format_map(dict.fromkeys(("idea", "hidden", "withdrawn", "old", "comment"), 1))
        assert adapter.match(path.split("?")[0], method=row.method)[0] == row.endpoint, row


def test_no_socket_event_is_missing(app):
    events = {name.removeprefix("on_") for name in dir(Live) if name.startswith("on_")}
    assert events == SOCKET_EVENTS
    assert set(socketio.server.namespace_handlers) == {"/live"}
    assert not any(handlers for name, handlers in socketio.server.handlers.items() if name != "/live")


def test_the_table_says_something_for_every_role():
    for row in TABLE:
        assert len(row.comes.split()) == len(ROLES), row
    assert len({row.comes for row in TABLE}) >= 10
