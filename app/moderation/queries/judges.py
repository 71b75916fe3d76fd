"""Whether somebody else can look at what one moderator has decided."""

from __future__ import annotations

from sqlalchemy import exists, or_, select
from sqlalchemy.sql import ColumnElement

from app.accounts.models import User
from app.cities.models import Moderator
from app.core.clock import now
from app.core.extensions import db


def another_judges(city_id: int, user_id: int | None) -> ColumnElement[bool]:
    """The condition that the city has a moderator besides this one, who can sign in."""
    return exists().where(
        Moderator.city_id == city_id,
        Moderator.user_id != (user_id or 0),
        User.id == Moderator.user_id,
        User.erased_at.is_(None),
        or_(User.banned_until.is_(None), User.banned_until <= now()),
    )


def others_can_judge(city_id: int, user_id: int | None) -> bool:
    """Whether the city has such a moderator."""
    return bool(db.session.scalar(select(another_judges(city_id, user_id))))
