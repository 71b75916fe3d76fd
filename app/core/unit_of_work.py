"""The only place that commits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app.core.announce import deliver
from app.core.database import WRITING
from app.core.extensions import db

_turn = threading.Lock()
TURN_SECONDS = 15.0


@contextmanager
def unit_of_work() -> Iterator[None]:
    """One write transaction: all of it, or nothing; events leave after the commit.

    Objects loaded before are read afresh inside, so decisions are taken on what the database says now.
    A unit inside a unit joins the outer one.
    """
    session = db.session()
    if session.info.get("events") is not None:
        yield
        return
    _forget(session)
    with _in_turn():
        if not session.in_transaction():
            session.connection(execution_options={WRITING: True})
        session.info["events"] = []
        try:
            yield
            session.commit()
            events = session.info["events"]
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["events"] = None
    deliver(events)


def _forget(session: Session) -> None:
    """What was read before is read afresh.

    To PostgreSQL each statement sees what is committed by then, so the transaction that has read goes on and writes,
    unless something in it has failed. SQLite has to be told at the beginning of one that it will write.
    """
    if _can_go_on(session):
        session.expire_all()
    else:
        session.rollback()


def _can_go_on(session: Session) -> bool:
    if _is_sqlite() or not session.in_transaction() or not session.is_active or session.new:
        return False
    connection = session.connection()
    return not connection.invalidated and _status(connection) in ("IDLE", "INTRANS")


def _status(connection: Connection) -> str:
    """What PostgreSQL's driver says of the transaction."""
    driver: Any = connection.connection.dbapi_connection
    return str(driver.info.transaction_status.name)


def _is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


@contextmanager
def _in_turn() -> Iterator[None]:
    """One writer of this process after the other, where the database can take only one.

    SQLite lets the others sleep, longer each time, and wakes nobody: eight writers at once got a third of the writes
    of one, and the slowest waited for seconds. After TURN_SECONDS it is left to SQLite after all.
    """
    if not _is_sqlite():
        yield
        return
    has_turn = _turn.acquire(timeout=TURN_SECONDS)
    try:
        yield
    finally:
        if has_turn:
            _turn.release()
