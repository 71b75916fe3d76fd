"""One write transaction: all of it or nothing; events leave after the commit."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from app.cities.models import City
from app.core import announce as announcing
from app.core import database
from app.core.announce import after, announce, during
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from tests.boards import at_once, database_kind, post
from tests.servers import ROOT


@dataclass(frozen=True)
class TramArrived:
    """An event of these tests."""

    number: int


@pytest.fixture(autouse=True)
def _own_listeners(monkeypatch):
    """Who listens in one test does not listen in the next."""
    for name in ("_during", "_after"):
        kept = defaultdict(list, {kind: list(heard) for kind, heard in getattr(announcing, name).items()})
        monkeypatch.setattr(announcing, name, kept)


def question(city: City) -> str | None:
    """What the database says, seen from outside any transaction of before."""
    db.session.rollback()
    return db.session.scalar(select(City.question).where(City.id == city.id))


def ask(city: City, words: str) -> None:
    db.session.execute(update(City).where(City.id == city.id).values(question=words))


def test_what_is_written_inside_is_there_afterwards(city):
    with unit_of_work():
        ask(city, "Which tram?")
    assert question(city) == "Which tram?"


def test_an_error_takes_everything_back(city):
    with pytest.raises(ZeroDivisionError), unit_of_work():
        ask(city, "Which tram?")
        raise ZeroDivisionError
    assert question(city) != "Which tram?"


def test_a_statement_that_failed_before_stops_no_write(city):
    with pytest.raises(SQLAlchemyError):
        db.session.execute(text("SELECT nothing FROM nowhere"))
    with unit_of_work():
        ask(city, "Which tram?")
    assert question(city) == "Which tram?"


def test_what_was_read_before_is_read_afresh_inside(city):
    assert city.question != "Which tram?"
    with db.engine.begin() as elsewhere:
        elsewhere.execute(update(City).where(City.id == city.id).values(question="Which tram?"))
    with unit_of_work():
        assert city.question == "Which tram?"


def test_a_connection_that_was_cut_off_while_it_rested_is_not_used(city, monkeypatch):
    if database_kind() != "postgresql":
        pytest.skip("PostgreSQL only")
    monkeypatch.setattr(database, "RESTED", 0.0)
    ask_who = text("SELECT pg_backend_pid()")
    cut_off = db.session.scalar(ask_who)
    db.session.rollback()  # it rests
    with create_engine(db.engine.url, poolclass=NullPool).connect() as elsewhere:
        elsewhere.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": cut_off})
    assert db.session.scalar(ask_who) != cut_off


def test_a_unit_inside_a_unit_joins_it(city):
    with pytest.raises(ZeroDivisionError), unit_of_work():
        with unit_of_work():
            ask(city, "Which tram?")
        raise ZeroDivisionError
    assert question(city) != "Which tram?"


def test_events_leave_after_the_commit_in_their_order(city):
    heard: list[tuple[int, str | None]] = []
    after(TramArrived)(lambda event: heard.append((event.number, question(city))))
    with unit_of_work():
        announce(TramArrived(1))
        ask(city, "Which tram?")
        announce(TramArrived(2))
        assert heard == []
    assert heard == [(1, "Which tram?"), (2, "Which tram?")]


def test_events_of_what_was_rolled_back_never_leave(city):
    heard: list[int] = []
    after(TramArrived)(lambda event: heard.append(event.number))
    with pytest.raises(ZeroDivisionError), unit_of_work():
        announce(TramArrived(1))
        raise ZeroDivisionError
    with unit_of_work():
        announce(TramArrived(2))
    assert heard == [2]


def test_who_listens_during_writes_in_the_same_transaction(city):
    during(TramArrived)(lambda event: ask(city, f"Tram {event.number}?"))
    with pytest.raises(ZeroDivisionError), unit_of_work():
        announce(TramArrived(1))
        raise ZeroDivisionError
    assert question(city) != "Tram 1?"
    with unit_of_work():
        announce(TramArrived(2))
    assert question(city) == "Tram 2?"


def test_one_listener_that_fails_stops_no_other_and_no_caller(city):
    heard: list[int] = []

    def broken(_event: object) -> None:
        raise RuntimeError("no network")

    after(TramArrived)(broken)
    after(TramArrived)(lambda event: heard.append(event.number))
    with unit_of_work():
        ask(city, "Which tram?")
        announce(TramArrived(1))
    assert heard == [1] and question(city) == "Which tram?"


def test_listening_twice_is_hearing_once():
    heard: list[int] = []

    def listener(event: TramArrived) -> None:
        heard.append(event.number)

    after(TramArrived)(listener)
    after(TramArrived)(listener)
    announcing.deliver([TramArrived(1)])
    assert heard == [1]


def test_nothing_is_announced_outside_of_a_unit(app):
    with pytest.raises(RuntimeError, match="outside a unit of work"):
        announce(TramArrived(1))


def test_decisions_are_taken_on_what_the_database_says_now(app, city):
    assert city.question is None or city.question != "Which tram?"
    at_once(app, lambda: _ask_elsewhere(city.id))
    with unit_of_work():
        assert city.question == "Which tram?"


def _ask_elsewhere(city_id: int) -> None:
    with unit_of_work():
        db.session.execute(update(City).where(City.id == city_id).values(question="Which tram?"))


def test_two_writers_at_once_wait_for_each_other_and_lose_nothing(app, city, make_user):
    writers = [make_user(f"Writer {number}") for number in range(8)]
    ids, city_id = [writer.id for writer in writers], city.id
    from app.accounts.models import User

    def write(user_id: int) -> int:
        by, board = db.session.get_one(User, user_id), db.session.get_one(City, city_id)
        return [post(board, by, f"Idea number {number} of {user_id}").id for number in range(3)][-1]

    results = at_once(app, *[lambda user_id=user_id: write(user_id) for user_id in ids])
    assert all(isinstance(result, int) for result in results), results
    assert db.session.scalar(select(City.seq).where(City.id == city_id)) == 24


def test_a_sqlite_writer_says_so_when_it_begins(app):
    if database_kind() != "sqlite":
        return  # elsewhere a row's lock does this
    begun: list[str] = []
    from sqlalchemy import event

    def note(_connection, _cursor, statement, *_more) -> None:
        begun.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        with unit_of_work():
            pass
        db.session.rollback()
        db.session.scalar(select(City.id))
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert [words for words in begun if words.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]


def test_the_only_commit_of_the_product_is_in_the_unit_of_work():
    """Of a transaction; a savepoint inside one is let go by its own name."""
    found = [
        str(path.relative_to(ROOT))
        for path in sorted(Path(ROOT / "app").rglob("*.py"))
        if re.search(r"(?<!savepoint)\.commit\(", path.read_text(encoding="utf-8"))
    ]
    assert found == ["app/core/unit_of_work.py"]
