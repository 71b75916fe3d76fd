"""The only place that commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.core.announce import deliver
from app.core.database import WRITING
from app.core.extensions import db


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
