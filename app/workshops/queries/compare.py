"""A board before its first workshop, in each workshop, and online since: side by side.

Everything on the board belongs to exactly one of these parts. Of upvotes only those that count, so hidden ones stay
hidden until their reveal.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from flask_babel import gettext as _

from app.accounts.groups import GROUPS
from app.cities.models import City, Workshop
from app.cities.phases import shows_counts
from app.cities.queries import CityView, all_themes, city_view, workshop_label
from app.workshops.queries.said import Said, said_on
from app.workshops.queries.shares import Place, Share, ThemeMove, first_of, places, theme_moves
from app.workshops.queries.titles import Titled, labels_of, titles_of

FIRST = 5
BEFORE, SINCE = "before", "since"


@dataclass(frozen=True)
class Part:
    """A column: `url` is the board, or the result of a workshop that is closed."""

    key: str
    label: str
    url: str
    waits_for_reveal: bool
    ideas: int
    on_paper: int
    upvotes: int
    on_paper_upvotes: int
    comments: int
    people: int
    by_group: tuple[int, ...]
    """People, in the order of the page's groups."""


@dataclass(frozen=True)
class ThemeAcross:
    """A theme's share of the ideas of each part."""

    name: str
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class IdeaAcross:
    """An idea's upvotes in each part, and its place there; None where it got none."""

    idea: Titled
    places: tuple[Place | None, ...]


@dataclass(frozen=True)
class Step:
    """From one part to the next that has ideas: the themes whose share changed."""

    before: str
    after: str
    rose: tuple[ThemeMove, ...]
    fell: tuple[ThemeMove, ...]


@dataclass(frozen=True)
class Comparison:
    """Everything on the page."""

    city: CityView
    parts: tuple[Part, ...]
    groups: tuple[str, ...]
    themes: tuple[ThemeAcross, ...]
    ideas: tuple[IdeaAcross, ...]
    steps: tuple[Step, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nobody has said anything yet."""
        return not any(part.ideas or part.upvotes or part.comments for part in self.parts)


def comparison_of(city: City) -> Comparison:
    """The parts of the city's way. A constant number of queries for each part."""
    workshops = {str(one.number): one for one in city.workshops}
    said = said_on(city)
    keys = [BEFORE, *workshops, *([SINCE] if said[SINCE] else [])]
    parts = {key: said[key] for key in keys}
    groups = labels_of({group for part in parts.values() for group in part.people})
    stands = {key: places(part.upvotes) for key, part in parts.items()}
    wanted = first_of(*stands.values(), most=FIRST)
    titles = titles_of(city, wanted)
    names = {theme.id: theme.name for theme in all_themes()}
    return Comparison(
        city=city_view(city),
        parts=tuple(_part(city, key, part, workshops.get(key), groups) for key, part in parts.items()),
        groups=tuple(groups.values()),
        themes=_themes(list(parts.values()), names),
        ideas=tuple(
            IdeaAcross(titles[idea_id], tuple(stands[key].get(idea_id) for key in keys))
            for idea_id in wanted
            if idea_id in titles
        ),
        steps=_steps(
            [(_label(key, workshops.get(key)), part) for key, part in parts.items() if part.ideas], names
        ),
    )


def _label(key: str, workshop: Workshop | None) -> str:
    if workshop is not None:
        return workshop_label(workshop)
    return _("Online, before the workshops") if key == BEFORE else _("Online, since then")


def _part(city: City, key: str, said: Said, workshop: Workshop | None, groups: dict[str, str]) -> Part:
    if workshop is None:
        url = f"/{city.slug}?workshop=online"
    elif workshop.closed_at is not None:
        url = f"/{city.slug}/workshops/{workshop.number}/result"
    else:
        url = f"/{city.slug}?workshop={workshop.number}"
    return Part(
        key=key,
        label=_label(key, workshop),
        url=url,
        waits_for_reveal=workshop is not None
        and workshop.opened_at is not None
        and not shows_counts(workshop),
        ideas=said.ideas,
        on_paper=said.on_paper,
        upvotes=sum(said.upvotes.values()),
        on_paper_upvotes=said.on_paper_upvotes,
        comments=said.comments,
        people=sum(len(people) for people in said.people.values()),
        by_group=tuple(len(said.people.get(group, ())) for group in GROUPS if group in groups),
    )


def _themes(parts: list[Said], names: dict[int, str]) -> tuple[ThemeAcross, ...]:
    raised = [theme for theme in names if any(part.themes[theme] for part in parts)]
    raised.sort(key=lambda theme: -sum(part.themes[theme] for part in parts))
    return tuple(
        ThemeAcross(names[theme], tuple(Share(part.themes[theme], part.ideas) for part in parts))
        for theme in raised
    )


def _steps(parts: list[tuple[str, Said]], names: dict[int, str]) -> tuple[Step, ...]:
    found = []
    for (before_label, before), (after_label, after) in pairwise(parts):
        moves = theme_moves(before.themes, before.ideas, after.themes, after.ideas, names)
        rose = tuple(move for move in moves if move.points > 0)
        fell = tuple(move for move in reversed(moves) if move.points < 0)
        found.append(Step(before_label, after_label, rose, fell))
    return tuple(found)
