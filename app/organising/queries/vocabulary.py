"""Themes and reasons with all their names, in order."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.cities.models import Theme, ThemeName
from app.core.extensions import db
from app.ideas.models import IdeaTheme
from app.moderation.models import Act, Reason, ReasonName, Report


@dataclass(frozen=True)
class Word:
    """A theme or a reason; `uses` counts where it is in use."""

    id: int
    key: str
    names: dict[str, str]
    is_retired: bool
    is_first: bool
    is_last: bool
    uses: int

    @property
    def name(self) -> str:
        """The English one."""
        return self.names.get("en", self.key)


def themes() -> tuple[Word, ...]:
    """Every theme, and how many ideas have it."""
    uses = _counts(IdeaTheme.theme_id)
    rows = db.session.execute(
        select(Theme.id, Theme.key, Theme.is_retired).order_by(Theme.position, Theme.id)
    ).all()
    return _words(rows, _names(ThemeName.theme_id, ThemeName), uses)


def reasons() -> tuple[Word, ...]:
    """Every reason, and how many reports and acts give it."""
    uses = _counts(Report.reason_id) + _counts(Act.reason_id)
    rows = db.session.execute(
        select(Reason.id, Reason.id, Reason.is_retired).order_by(Reason.position, Reason.id)
    ).all()
    return _words(rows, _names(ReasonName.reason_id, ReasonName), uses)


def _words(rows: Any, names: dict[int, dict[str, str]], uses: Counter[int]) -> tuple[Word, ...]:
    return tuple(
        Word(
            id=word_id,
            key=str(key),
            names=names[word_id],
            is_retired=is_retired,
            is_first=place == 0,
            is_last=place == len(rows) - 1,
            uses=uses[word_id],
        )
        for place, (word_id, key, is_retired) in enumerate(rows)
    )


def _names(owner: Any, table: Any) -> dict[int, dict[str, str]]:
    names: dict[int, dict[str, str]] = defaultdict(dict)
    for word_id, language, name in db.session.execute(select(owner, table.language, table.name)):
        names[word_id][language] = name
    return names


def _counts(column: Any) -> Counter[int]:
    rows = db.session.execute(select(column, func.count()).where(column.isnot(None)).group_by(column))
    return Counter(dict(rows.all()))
