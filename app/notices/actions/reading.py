"""Noting what somebody has seen of their inbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update

from app.accounts.models import User
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.notices.actions.telling import say_counts
from app.notices.models import Notice
from app.notices.queries.standing import standing


def mark_read(user: User, notice_ids: Sequence[int], *, at: datetime) -> None:
    """These notices of `user` have been seen; those that were before keep their time."""
    _mark(user, Notice.id.in_(notice_ids), at)


def mark_all_read(user: User, *, up_to: int, at: datetime) -> None:
    """Everything in the inbox up to the notice `up_to` has been seen.

    What its reader cannot see at the moment stays unread: it may become public again.
    """
    seen = standing(Notice.id, readers=[user]).where(Notice.user_id == user.id, Notice.read_at.is_(None))
    _mark(user, Notice.id.in_(seen.where(Notice.id <= up_to)), at)


def _mark(user: User, which: object, at: datetime) -> None:
    with unit_of_work():
        changed = db.session.scalars(
            update(Notice)
            .where(Notice.user_id == user.id, Notice.read_at.is_(None), which)  # type: ignore[arg-type]
            .values(read_at=at)
            .returning(Notice.id)
            .execution_options(synchronize_session=False)
        ).all()
        if changed:
            say_counts([user])
