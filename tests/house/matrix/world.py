"""Somebody of one role who does what the rows of the table say, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask

from app.accounts.actions.erasing import erase
from app.accounts.actions.sessions import end_all_sessions
from app.accounts.models import User
from app.cities.actions.moderating import appoint
from app.cities.models import City
from app.core import clock
from app.core.unit_of_work import unit_of_work
from app.moderation.actions.banning import ban
from tests.boards import post, statements
from tests.clients import Client
from tests.house.matrix.table import Row
from tests.house.matrix.things import FORMS, REASON, Things

ALSO_NOBODY = ("signed out, cookie copied", "banned, cookie copied", "erased, cookie copied")
ENDS_THE_SESSION = ("/sign-out", "/me/deletion", "/me/password", "/j/{code}")
NOTED_BY_READING = ("notices", "sessions", "pairings", "screens")
"""A notice that is opened counts as read, a session and a screen know when they were last used, a TV gets a code."""


class World:
    """The boards as the table wants them, an author with their things, and the one who acts."""

    def __init__(
        self,
        app: Flask,
        cities: dict[str, City],
        make_user: Callable[..., User],
        signed_in: Callable[[User], Client],
    ) -> None:
        self.app, self.cities, self.make_user, self.signed_in = app, cities, make_user, signed_in
        with unit_of_work():
            cities["melbourne"].posting_is_open = False
            cities["shenzhen"].moderation = "before"
            cities["los-angeles"].is_public = False
        self.things = Things(cities, make_user)
        self.clients: dict[str, Client] = {}

    def act(self, row: Row, role: str, headers: dict[str, str] | None = None) -> str:
        """What comes of the row. Whoever is refused has changed nothing, and neither has who only reads."""
        used = _Used(self.things)
        path = row.path.format_map(used)
        data = {key: _filled(value, used) for key, value in FORMS[row.form].items()}
        client = self.client_of(role)
        accept = {"Accept": "application/json"} if row.form == "json" else {}
        sent: Any = {"headers": {**accept, **(headers or {})}}
        with statements() as asked:
            response = (
                client.get(path, **sent)
                if row.method == "GET"
                else client.send(row.method, path, data, **sent)
            )
        came = _outcome(response)
        if accept and not headers and came == "401":
            came = "in"
        if row.method == "GET" or came in ("404", "in"):
            written = [statement for statement in asked if _writes(statement)]
            assert written == [], f"{row.method} {path} as {role} came to {came} and wrote: {written}"
        elif came == "yes":
            self._forget(used.names, ends_the_session=role if row.path in ENDS_THE_SESSION else "")
        return came

    def _forget(self, names: set[str], ends_the_session: str) -> None:
        """What the row was about is not what it was: the next row gets another."""
        for name in names:
            self.things.pop(name, None)
        self.clients.pop(ends_the_session, None)
        if ends_the_session == "author" or names & {"person", "alert"}:
            self.things = Things(self.cities, self.make_user)
            self.clients.pop("author", None)

    def client_of(self, role: str) -> Client:
        """A browser of somebody of this role."""
        if role not in self.clients:
            self.clients[role] = self._browser(role)
        return self.clients[role]

    def _browser(self, role: str) -> Client:
        if role == "nobody":
            client = self.app.test_client()
            assert isinstance(client, Client)
            return client
        if role == "author":
            return self.signed_in(self.things.author)
        user = self.user_of(role)
        client = self.signed_in(user)
        if role == "signed out, cookie copied":
            end_all_sessions(user)
        elif role == "banned, cookie copied":
            city, at = self.cities["rotterdam"], clock.now()
            ban(user, city, until=at + timedelta(days=9), because=REASON, sentence="", by=None, at=at)
        elif role == "erased, cookie copied":
            erase(user, at=clock.now())
        return client

    def user_of(self, role: str) -> User:
        """Somebody of this role."""
        if role == "expert":
            return self.make_user("Eva", group="university", verified=True)
        if role == "fresh":
            return self.make_user("Finn", confirmed=False)
        if role == "late":
            day_ago = clock.now() - timedelta(hours=24)
            return self.make_user("Lena", confirmed=False, created_at=day_ago)
        user = self.make_user("Tom", organiser=role == "organiser")
        for slug in {"ours": set(self.cities) - {"berlin"}, "other": {"berlin"}}.get(role, ()):
            appoint(self.cities[slug], user, clock.now())
        if role in ALSO_NOBODY:
            post(self.cities["rotterdam"], user, "Written before the end")
        return user


class _Used(dict[str, Any]):
    """The things, noting which were asked for."""

    def __init__(self, things: Things) -> None:
        super().__init__()
        self.things, self.names = things, set[str]()

    def __missing__(self, name: str) -> Any:
        self.names.add(name)
        return self.things[name]


def _filled(value: Any, things: _Used) -> Any:
    if isinstance(value, list):
        return [_filled(one, things) for one in value]
    return value.format_map(things)


def _outcome(response: Any) -> str:
    if response.status_code == 303 and response.headers.get("Location", "").startswith("/sign-in"):
        return "in"
    return "yes" if response.status_code < 400 else str(response.status_code)


def _writes(statement: str) -> bool:
    verb, *words = statement.replace('"', "").split()
    if verb.upper() not in ("INSERT", "UPDATE", "DELETE"):
        return False
    return not any(table in words[:2] for table in NOTED_BY_READING)
