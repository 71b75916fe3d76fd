"""What people do on a board, in one line each, through the public actions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Barrier, Thread
from typing import Any

from flask import Flask
from sqlalchemy import event, func, select, text, update

from app.accounts.models import User
from app.cities.models import Change, City
from app.core import clock
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.changing import note_change
from app.ideas.actions.commenting import post_comment
from app.ideas.actions.posting import Draft, post_idea
from app.ideas.models import Comment, Idea


def draft(
    title: str = "Bike lane on Coolsingel",
    *,
    text: str = "Cars and trams leave no room for bicycles here.",
    kind: str = "opportunity",
    themes: tuple[int, ...] = (1,),
    language: str = "en",
    workshop: Any = None,
) -> Draft:
    """What somebody typed for an idea, checked already."""
    return Draft(kind, title, text, list(themes), language, workshop)


def post(
    city: City,
    by: User,
    title: str = "Bike lane on Coolsingel",
    *,
    at: datetime | None = None,
    key: str | None = None,
    **more: Any,
) -> Idea:
    """`by` posts an idea on the board of `city`."""
    return post_idea(city, draft(title, **more), by=by, at=at or clock.now(), submission_key=key)


def say(
    idea: Idea,
    by: User,
    text: str = "I would ride there every day.",
    *,
    under: Comment | None = None,
    stance: str | None = None,
    at: datetime | None = None,
    key: str | None = None,
) -> Comment:
    """`by` comments on `idea`, or replies to the comment `under`."""
    return post_comment(
        idea,
        text,
        stance=stance,
        language="en",
        by=by,
        at=at or clock.now(),
        parent_id=under.id if under else None,
        submission_key=key,
    )


def put_in_state(idea: Idea, state: str) -> None:
    """Hold, hide or merge an idea, numbered and announced as a moderator's act is."""
    with unit_of_work():
        db.session.execute(update(Idea).where(Idea.id == idea.id).values(state=state))
        db.session.refresh(idea)
        note_change(idea, "idea_edited", at=clock.now())


def numbers_of(city: City) -> list[int]:
    """The numbers of the changes a board keeps, ascending."""
    db.session.rollback()
    return list(
        db.session.scalars(select(Change.number).where(Change.city_id == city.id).order_by(Change.number))
    )


def at_once(app: Flask, *acts: Callable[[], Any]) -> list[Any]:
    """Do all these acts at the same moment, each in a thread with a database session of its own.

    Returns what each returned or raised, in their order.
    """
    db.session.rollback()  # the caller's own transaction must not stand in the way
    start = Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        with app.app_context():
            start.wait(30)
            try:
                results[place] = act()
            except Exception as error:  # noqa: BLE001  the test looks at it
                results[place] = error
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    db.session.rollback()
    return results


def slowly(act: Callable[[], Any]) -> Callable[[], Any]:
    """`act`, which begins now and commits when the others have come as far as they can without it."""

    def slow() -> Any:
        with unit_of_work():
            done = act()
            time.sleep(0.5)
        return done

    return slow


def later(act: Callable[[], Any]) -> Any:
    """`act`, once the slow one has begun."""
    time.sleep(0.2)
    return act()


def rows(model: Any, **values: Any) -> int:
    """How many rows of a model there are with these values."""
    return db.session.scalar(select(func.count()).select_from(model).filter_by(**values)) or 0


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements sent to the database within the block, transactions' own words left out."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.split(maxsplit=1)[0].upper() not in ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA"):
            sent.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def database_kind() -> str:
    """`sqlite` or `postgresql`."""
    return db.engine.dialect.name


def run_sql(statement: str, **values: Any) -> None:
    """Change the database behind the application's back, as a fault or an operator would."""
    with unit_of_work():
        db.session.execute(text(statement), values)
