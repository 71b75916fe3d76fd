"""The difference between two workshops of a city, both closed: which themes and ideas moved."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.cities.models import City, Workshop
from app.cities.queries import all_themes, workshop_label
from app.core.extensions import db
from app.workshops.models import WorkshopResult
from app.workshops.queries.result import total_of
from app.workshops.queries.shares import Place, ThemeMove, first_of, places, theme_moves
from app.workshops.queries.titles import Titled, titles_of

FIRST = 10


@dataclass(frozen=True)
class IdeaMove:
    """Where an idea stood in the earlier and in the later workshop; None where nobody upvoted it."""

    idea: Titled
    before: Place | None
    after: Place | None


@dataclass(frozen=True)
class Difference:
    """From the earlier workshop to the later one."""

    before_label: str
    before_number: int
    after_label: str
    after_number: int
    themes: tuple[ThemeMove, ...]
    ideas: tuple[IdeaMove, ...]
    not_shown: int
    """Ideas that belong here and are not public any more."""


def difference_between(city: City, workshop: Workshop) -> Difference | None:
    """Between this closed workshop and the one before it, else the one after it; None where no other is closed."""
    rows = db.session.execute(
        select(Workshop, WorkshopResult.result)
        .join(WorkshopResult, WorkshopResult.workshop_id == Workshop.id)
        .where(Workshop.city_id == city.id)
        .order_by(Workshop.number)
    ).all()
    numbers = [one.number for one, _result in rows]
    if len(rows) < 2 or workshop.number not in numbers:
        return None
    later = max(1, numbers.index(workshop.number))
    (earlier, before), (last, after) = rows[later - 1], rows[later]
    stood, stands = _places(before), _places(after)
    wanted = first_of(stood, stands, most=FIRST)
    titles = titles_of(city, wanted)
    names = {theme.id: theme.name for theme in all_themes()}
    return Difference(
        before_label=workshop_label(earlier),
        before_number=earlier.number,
        after_label=workshop_label(last),
        after_number=last.number,
        themes=theme_moves(*_raised(before), *_raised(after), names),
        ideas=tuple(
            IdeaMove(titles[key], stood.get(key), stands.get(key)) for key in wanted if key in titles
        ),
        not_shown=sum(key not in titles for key in wanted),
    )


def _places(result: dict[str, Any]) -> dict[int, Place]:
    return places({idea["id"]: total_of(idea) for idea in result["ideas"]})


def _raised(result: dict[str, Any]) -> tuple[Counter[int], int]:
    """Ideas posted in the workshop by theme, and how many there are."""
    posted = [idea for idea in result["ideas"] if idea["posted_here"]]
    return Counter(theme for idea in posted for theme in idea["themes"]), len(posted)
