"""The only place that commits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

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
    session.rollback()
    with _in_turn():
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


@contextmanager
def _in_turn() -> Iterator[None]:
    """One writer of this process after the other, where the database can take only one.

    SQLite lets the others sleep, longer each time, and wakes nobody: eight writers at once got a third of the writes
    of one, and the slowest waited for seconds. After TURN_SECONDS it is left to SQLite after all.
    """
    if db.engine.dialect.name != "sqlite":
        yield
        return
    has_turn = _turn.acquire(timeout=TURN_SECONDS)
    try:
        yield
    finally:
        if has_turn:
            _turn.release()
