"""Numbers a board's changes, in the transaction that makes them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update

from app.cities.models import Change, City, Participation
from app.core.config import settings
from app.core.database import insert_if_new
from app.core.extensions import db

PRUNE_EVERY = 100


def record_change(city_id: int, kind: str, idea_id: int, comment_id: int | None, at: datetime) -> int:
    """Raise the board's number and write down what changed. Returns the new number.

    The city's row stays locked until the commit, so numbers are committed in their order, without gaps.
    """
    number = db.session.execute(
        update(City).where(City.id == city_id).values(seq=City.seq + 1).returning(City.seq)
    ).scalar_one()
    db.session.add(
        Change(city_id=city_id, number=number, kind=kind, idea_id=idea_id, comment_id=comment_id, at=at)
    )
    if number % PRUNE_EVERY == 0:
        forget_old_changes(city_id, number)
    return number


def lock_board(city_id: int) -> None:
    """Nobody else numbers a change of this board, or of its queue, until the commit. Ideas are locked before it."""
    db.session.execute(select(City.id).where(City.id == city_id).with_for_update(key_share=True))


def forget_old_changes(city_id: int, number: int) -> None:
    """Keep the last `changes_kept` changes; pages away for longer load afresh."""
    kept = settings().changes_kept
    db.session.execute(delete(Change).where(Change.city_id == city_id, Change.number <= number - kept))


def take_part(city_id: int, user_id: int, at: datetime) -> None:
    """Count a person among the people of a board, once."""
    insert_if_new(Participation, city_id=city_id, user_id=user_id, since=at)
