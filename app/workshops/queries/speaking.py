"""Who speaks of what: a board's themes by the stakeholder groups that raised them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from app.accounts.groups import GROUPS, group_label
from app.accounts.models import User
from app.cities.models import City
from app.cities.queries import all_themes
from app.core.extensions import db
from app.ideas.models import Idea, IdeaTheme

MOST = 7


@dataclass(frozen=True)
class Cell:
    """How many ideas of a group have a theme."""

    group: str
    label: str
    ideas: int
    length: float
    """0 to 100: of the longest bar on the screen."""


@dataclass(frozen=True)
class ThemeRow:
    """A theme, group by group, every group named, also at nought: whom have we not heard?"""

    theme_id: int
    name: str
    ideas: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Speaking:
    """The seven themes raised most, and the groups that raise any."""

    groups: tuple[str, ...]
    rows: tuple[ThemeRow, ...]


def speaking_of(city: City) -> Speaking:
    """Ideas by theme and by their authors' group. Two queries."""
    counts: dict[int, dict[str, int]] = {}
    for theme_id, group, count in db.session.execute(
        select(IdeaTheme.theme_id, User.group, func.count())
        .join(Idea, Idea.id == IdeaTheme.idea_id)
        .join(User, User.id == Idea.author_id)
        .where(Idea.city_id == city.id, Idea.state == "published")
        .group_by(IdeaTheme.theme_id, User.group)
    ):
        counts.setdefault(theme_id, {})[group] = count
    names = {theme.id: theme.name for theme in all_themes()}
    raised = [
        theme_id for theme_id in names if theme_id in counts
    ]  # in the themes' own order where they are even
    raised.sort(key=lambda theme_id: -sum(counts[theme_id].values()))
    groups = [group for group in GROUPS if any(found.get(group) for found in counts.values())]
    longest = max((max(counts[theme_id].values()) for theme_id in raised[:MOST]), default=1)
    return Speaking(
        groups=tuple(str(group_label(group)) for group in groups),
        rows=tuple(
            ThemeRow(
                theme_id,
                names[theme_id],
                sum(counts[theme_id].values()),
                tuple(_cell(group, counts[theme_id].get(group, 0), longest) for group in groups),
            )
            for theme_id in raised[:MOST]
        ),
    )


def _cell(group: str, ideas: int, longest: int) -> Cell:
    return Cell(group, str(group_label(group)), ideas, round(100 * ideas / longest, 1))
