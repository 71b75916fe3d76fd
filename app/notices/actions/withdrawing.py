"""Taking notices back: an act was undone, or what they speak of is not public any more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from app.accounts.models import User
from app.core.extensions import db
from app.notices.actions.telling import News, say_counts, tell
from app.notices.models import Notice, NoticeChoice


def take_back(undone_id: int, kind: str, *, by: int | None, undoing_id: int, at: datetime) -> None:
    """An act (`kind`) was undone: who has not seen its notice never will, who was told is told that, too."""
    rows = list(
        db.session.scalars(
            select(Notice).where(Notice.act_id == undone_id, Notice.kind != "objection").order_by(Notice.id)
        )
    )
    unseen = [row for row in rows if row.read_at is None and row.mailed_at is None]
    if unseen:
        db.session.execute(delete(Notice).where(Notice.id.in_([row.id for row in unseen])))
        _say_counts_of({row.user_id for row in unseen})
    for row in rows:
        news = None if row in unseen else _that_it_was_undone(row, kind, undoing_id)
        if news is not None:
            tell([row.user_id], news, at=at, but=by)


def _that_it_was_undone(row: Notice, kind: str, undoing_id: int) -> News | None:
    if kind == "verify":
        return News("unverify", row.city_id, act_id=undoing_id)
    if kind == "unverify" or row.kind == "taken_up":  # open again, or not shown any more by itself
        return None
    details = {"kind": kind, **{key: value for key, value in row.details.items() if key == "other"}}
    return News("taken_back", row.city_id, row.idea_id, row.comment_id, undoing_id, details)


def look_again(idea_ids: tuple[int | None, ...], comment_id: int | None = None) -> None:
    """Something has become public, or is not any more: count anew for those who wait to read about it."""
    about: Any = (
        Notice.comment_id == comment_id
        if comment_id is not None
        else Notice.idea_id.in_(set(idea_ids) - {None})
    )
    readers = select(Notice.user_id).where(about, Notice.read_at.is_(None))
    users = list(db.session.scalars(select(User).where(User.id.in_(readers)).order_by(User.id)))
    if users:
        say_counts(users)


def forget(user_id: int) -> None:
    """The person is gone: so is all they were told, and how."""
    for table in (Notice, NoticeChoice):
        db.session.execute(delete(table).where(table.user_id == user_id))


def _say_counts_of(user_ids: set[int]) -> None:
    say_counts(list(db.session.scalars(select(User).where(User.id.in_(user_ids)).order_by(User.id))))
