"""A board's moderation in figures, of acts that were not taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from babel.dates import format_timedelta
from flask_babel import get_locale
from sqlalchemy import func, select

from app.cities.models import City, Participation
from app.core.extensions import db
from app.moderation.models import Act


@dataclass(frozen=True)
class LogFigures:
    """Items that were held, hidden, restored; accounts set aside now; the median time to a decision, in words."""

    held: int
    hidden: int
    restored: int
    set_aside: int
    median_wait: str


def log_figures(city: City) -> LogFigures:
    """The figures of a city's log, in three queries. An item that was hidden twice is one item."""
    standing = (Act.city_id == city.id, Act.undone_at.is_(None), Act.undoes_id.is_(None))

    def items(*kinds: str) -> Any:
        met = select(Act.idea_id, Act.comment_id).where(*standing, Act.kind.in_(kinds)).distinct().subquery()
        return select(func.count()).select_from(met).scalar_subquery()

    aside = (
        select(func.count())
        .where(Participation.city_id == city.id, Participation.set_aside_at.is_not(None))
        .scalar_subquery()
    )
    held, hidden, restored, set_aside = db.session.execute(
        select(items("hold", "approve", "decline"), items("hide", "decline"), items("restore"), aside)
    ).one()
    return LogFigures(held, hidden, restored, set_aside, _in_words(_median_wait(standing)))


def _median_wait(standing: tuple[Any, ...]) -> float | None:
    """The middle of all seconds that items waited, or the mean of the two middle ones."""
    waited = (*standing, Act.waited_seconds.is_not(None))
    count = db.session.scalar(select(func.count()).select_from(Act).where(*waited)) or 0
    if not count:
        return None
    middle = db.session.scalars(
        select(Act.waited_seconds)
        .where(*waited)
        .order_by(Act.waited_seconds)
        .offset((count - 1) // 2)
        .limit(2 - count % 2)
    ).all()
    return sum(seconds or 0 for seconds in middle) / len(middle)


def _in_words(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return format_timedelta(timedelta(seconds=seconds), locale=get_locale(), threshold=1.5)
