"""A board's moderation in figures, of acts that were not taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from babel.dates import format_timedelta
from flask_babel import get_locale
from sqlalchemy import case, func, select

from app.cities.models import City, Participation
from app.core.extensions import db
from app.moderation.models import Act

_ITEMS = case(
    (Act.kind.in_(("hold", "approve", "decline")), "held"),
    (Act.kind == "restore", "restored"),
    else_="hidden",
)


@dataclass(frozen=True)
class LogFigures:
    """Items that were held, hidden, restored; accounts set aside now; the median time to a decision, in words."""

    held: int
    hidden: int
    restored: int
    set_aside: int
    median_wait: str


def log_figures(city: City) -> LogFigures:
    """The figures of a city's log, in four queries. An item that was hidden twice is one item."""
    standing = (Act.city_id == city.id, Act.undone_at.is_(None), Act.undoes_id.is_(None))
    met = (
        select(_ITEMS.label("what"), Act.idea_id, Act.comment_id)
        .where(*standing, Act.kind.in_(("hold", "approve", "decline", "hide", "restore")))
        .distinct()
        .subquery()
    )
    found = dict(db.session.execute(select(met.c.what, func.count()).group_by(met.c.what)).all())
    declined = (
        select(Act.idea_id, Act.comment_id)
        .where(*standing, Act.kind == "decline")
        .distinct()
        .subquery()
    )
    aside = select(func.count()).where(
        Participation.city_id == city.id, Participation.set_aside_at.is_not(None)
    )
    return LogFigures(
        held=found.get("held", 0),
        hidden=found.get("hidden", 0) + (db.session.scalar(select(func.count()).select_from(declined)) or 0),
        restored=found.get("restored", 0),
        set_aside=db.session.scalar(aside) or 0,
        median_wait=_in_words(_median_wait(standing)),
    )


def _median_wait(standing: tuple[object, ...]) -> float | None:
    """The middle of all seconds that items waited, or the mean of the two middle ones."""
    waited = (*standing, Act.waited_seconds.is_not(None))
    count = db.session.scalar(select(func.count()).select_from(Act).where(*waited)) or 0  # type: ignore[arg-type]
    if not count:
        return None
    middle = db.session.scalars(
        select(Act.waited_seconds)
        .where(*waited)  # type: ignore[arg-type]
        .order_by(Act.waited_seconds)
        .offset((count - 1) // 2)
        .limit(2 - count % 2)
    ).all()
    return sum(middle) / len(middle)


def _in_words(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return format_timedelta(timedelta(seconds=seconds), locale=get_locale(), threshold=1.5)
