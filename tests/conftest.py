"""Fixtures for every kind of test.

`app` has a database of its own, migrated, with the edition, its five cities and the themes, nothing else, and is
the application that the test stands in (queries and actions can be called at once). Another database server than
SQLite is used where TEST_DATABASE_URL names one. Settings differ by `@pytest.mark.settings(confirm_email=True)`.
"""

from __future__ import annotations

import ast
import gc
import os
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import flask_migrate
import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import select
from sqlalchemy.engine import make_url

from app.accounts.actions.sessions import start_session
from app.accounts.models import User
from app.cities.actions.moderating import appoint
from app.cities.models import City
from app.core import clock as core_clock
from app.core import mail
from app.core.config import Settings
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.factory import create_app
from app.live.delivery import delivery
from tests.clients import Client, Socket, look_again, open_socket
from tests.servers import ROOT, Board, valkey

PASSWORD = "seven trams to the sea"
NOON = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
MIGRATIONS = str(ROOT / "migrations")


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """The suite means the same on every machine: what the shell exports for the product does not reach it."""
    kept = {field.name.upper() for field in fields(Settings)} & set(os.environ)
    before = {name: os.environ.pop(name) for name in kept}
    yield
    os.environ.update(before)


@pytest.fixture(scope="session", autouse=True)
def _parsed_alone() -> Iterator[None]:
    """Routes are parsed as Python. Up to 3.11.7 a collection in the midst may let another thread parse, and both fail.

    CPython's issue 106905. A server makes its application before it has threads; here those of the one before run on.
    """
    parse = ast.parse

    def alone(*source: Any, **options: Any) -> ast.AST:
        gc.disable()
        try:
            return parse(*source, **options)
        finally:
            gc.enable()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ast, "parse", alone)
        yield


# databases -------------------------------------------------------------------------------------------


class _Compiled(BytecodeCache):
    """Templates are compiled once a session, not once a test."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.known:
            bucket.bytecode_from_string(self.known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()


class Databases:
    """Hands out copies of a database that was migrated once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = os.environ.get("TEST_DATABASE_URL", "")
        self.template = f"board_template_{uuid.uuid4().hex[:8]}"
        if self.server:
            self._command(f"CREATE DATABASE {self.template}")
        self._migrate(self._address(self.template))

    def _address(self, name: str) -> str:
        if not self.server:
            return f"sqlite:///{self.folder / name}.sqlite"
        url = make_url(self.server).set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)

    def _command(self, sql: str) -> None:
        url = make_url(self.server).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql)  # names are our own

    def _migrate(self, address: str) -> None:
        app = create_app({"data": self.folder, "database_url": address, "secret_key": "x" * 32})
        with app.app_context():
            flask_migrate.upgrade(directory=MIGRATIONS)
            db.engine.dispose()

    def copy(self, name: str, folder: Path) -> str:
        """The address of a fresh migrated database called `name`; a SQLite file lies in `folder`."""
        if self.server:
            self._command(f"CREATE DATABASE {name} TEMPLATE {self.template} STRATEGY FILE_COPY")
            return self._address(name)
        target = folder / "board.sqlite"
        with sqlite3.connect(self.folder / f"{self.template}.sqlite") as template:
            template.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        template.close()
        shutil.copyfile(self.folder / f"{self.template}.sqlite", target)
        return f"sqlite:///{target}"

    def empty(self, folder: Path) -> str:
        """The address of a database without any table, for tests of migrations."""
        if not self.server:
            return f"sqlite:///{folder / 'empty.sqlite'}"
        name = f"board_empty_{uuid.uuid4().hex[:8]}"
        self._command(f"CREATE DATABASE {name}")
        return self._address(name)

    def drop(self, address: str) -> None:
        """Forget a database that `copy` or `empty` made."""
        if self.server:
            self._command(f"DROP DATABASE IF EXISTS {make_url(address).database} WITH (FORCE)")


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Where test databases come from."""
    made = Databases(tmp_path_factory.mktemp("template"))
    yield made
    made.drop(made._address(made.template))


@pytest.fixture
def empty_database(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    address = databases.empty(tmp_path)
    yield address
    databases.drop(address)


# the application -------------------------------------------------------------------------------------


@pytest.fixture
def overrides(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Settings of this test: the defaults below, then every `settings` mark, the nearest last."""
    values: dict[str, Any] = {"secret_key": "only-for-tests-" + "x" * 32, "rate_limits": False}
    for mark in reversed(list(request.node.iter_markers("settings"))):
        values.update(mark.kwargs)
    return values


@pytest.fixture
def app(databases: Databases, overrides: dict[str, Any], tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh database; the test stands in its context."""
    data = tmp_path / "data"
    data.mkdir()
    address = databases.copy(f"board_{uuid.uuid4().hex[:12]}", data)
    app = create_app({"data": data, "database_url": address, **overrides})
    app.testing = True
    app.test_client_class = Client
    app.jinja_env.bytecode_cache = _compiled
    with app.app_context():
        yield app
        _settle()
        db.session.remove()
        db.engine.dispose()
    databases.drop(address)


def _settle() -> None:
    mail.settle()
    delivery.settle()
    look_again()


@pytest.fixture
def settle(app: Flask) -> Callable[[], None]:
    """Call it to wait until everything announced so far has been delivered: socket messages and mail."""
    return _settle


@pytest.fixture
def clock() -> Iterator[ModuleType]:
    """The time, held at noon UTC of 14 September 2026: `.advance(seconds)`, `.freeze(at)`, `.now()`."""
    core_clock.freeze(NOON)
    yield core_clock
    core_clock.release()


@pytest.fixture
def letters(app: Flask) -> Callable[[], list[EmailMessage]]:
    """Call it for all mail written so far, oldest first."""
    folder: Path = app.extensions["settings"].data / "mail"

    def written() -> list[EmailMessage]:
        mail.settle()
        files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]

    return written


# cities, people --------------------------------------------------------------------------------------


@pytest.fixture
def cities(app: Flask) -> dict[str, City]:
    """The five cities by slug, as rows."""
    return {city.slug: city for city in db.session.scalars(select(City))}


@pytest.fixture
def city(cities: dict[str, City]) -> City:
    """Rotterdam."""
    return cities["rotterdam"]


@lru_cache
def _hash_of_password() -> str:
    return PasswordHasher().hash(PASSWORD)


def add_person(
    name: str,
    group: str = "resident",
    *,
    email: str | None = None,
    affiliation: str | None = None,
    confirmed: bool = True,
    verified: bool = False,
    organiser: bool = False,
    **more: Any,
) -> User:
    """Write a participant into the database of the application at work; the password is `PASSWORD`."""
    at = core_clock.now()
    needs_affiliation = group not in ("resident", "student")
    address = email or f"{name.lower().replace(' ', '.')}-{uuid.uuid4().hex[:6]}@example.org"
    user = User(
        name=name,
        email=address if confirmed else None,
        claimed_email=None if confirmed else address,
        password_hash=_hash_of_password(),
        group=group,
        affiliation=affiliation or ("RET" if needs_affiliation else None),
        confirmed_at=at if confirmed else None,
        verified_at=at if verified else None,
        is_organiser=organiser,
        origin="registered",
        created_at=more.pop("created_at", at),
        consented_at=at,
        **more,
    )
    with unit_of_work():
        db.session.add(user)
    return user


@pytest.fixture
def make_user(app: Flask) -> Callable[..., User]:
    """`make_user("Mara", group="company", confirmed=True, verified=False, organiser=False, email=…)` -> User."""
    return add_person


@pytest.fixture
def make_moderator(app: Flask) -> Callable[..., User]:
    """`make_moderator(city, "Ana")` -> a participant who moderates that city's board."""

    def make(city: City, name: str = "Ana", **more: Any) -> User:
        user = add_person(name, **more)
        appoint(city, user, core_clock.now())
        return user

    return make


@pytest.fixture
def client(app: Flask) -> Client:
    """A client that is not signed in."""
    made = app.test_client()
    assert isinstance(made, Client)
    return made


@pytest.fixture
def signed_in(app: Flask) -> Callable[[User], Client]:
    """`signed_in(user)` -> a client in which that participant has a session of their own."""

    def sign_in(user: User) -> Client:
        client = app.test_client()
        assert isinstance(client, Client)
        token = start_session(user, core_clock.now())
        with client.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
        return client

    return sign_in


@pytest.fixture
def socket(app: Flask, signed_in: Callable[[User], Client]) -> Iterator[Callable[..., Socket]]:
    """`socket(user=None, client=None)` -> a socket on `/live`; `.watch("rotterdam")`, `.heard("change")`."""
    opened: list[Socket] = []

    def connect(user: User | None = None, client: Client | None = None, **more: Any) -> Socket:
        made = open_socket(app, client or (signed_in(user) if user else None), **more)
        opened.append(made)
        return made

    yield connect
    for one in opened:
        if one.is_open:
            one.disconnect(namespace="/live")
        Socket.clients.pop(one.eio_sid, None)


# real servers ----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Valkey server."""
    with valkey() as address:
        yield address


@pytest.fixture(scope="module")
def serve(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Board]]:
    """`serve(assets="local", …)` -> the board as people run it, on a fresh database, until the module ends."""
    boards: list[Board] = []

    def start(**settings: Any) -> Board:
        data = tmp_path_factory.mktemp("board")
        address = databases.copy(f"board_{uuid.uuid4().hex[:12]}", data)
        defaults = {"database_url": address, "rate_limits": False, "assets": "local"}
        board = Board(data, **{**defaults, **settings})
        boards.append(board)
        return board.start()

    yield start
    for board in boards:
        if board.process is not None and board.process.poll() is None:
            board.stop()
        databases.drop(board.settings["database_url"])


@pytest.fixture(scope="module")
def live_server(serve: Callable[..., Board]) -> Board:
    """The board as people run it, one for the test file: `.url`, `.data`, `.stop()`, `.kill()`, `.start()`."""
    return serve()
