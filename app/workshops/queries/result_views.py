"""What the page of a workshop's result shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.cities.queries import CityView
from app.workshops.queries.difference import Difference
from app.workshops.queries.titles import Titled


@dataclass(frozen=True)
class GroupSaid:
    """What the people of a stakeholder group did."""

    key: str
    label: str
    people: int
    ideas: int
    comments: int
    upvotes: int


@dataclass(frozen=True)
class IdeaSaid:
    """A public idea of the workshop; `by_group` in the order of the page's groups."""

    idea: Titled
    place: int | None
    """None without upvotes."""
    kind: str
    group_label: str
    themes: tuple[str, ...]
    posted_here: bool
    on_paper: bool
    upvotes: int
    by_group: tuple[int, ...]
    on_paper_upvotes: int
    comments: int

    @property
    def by_phone(self) -> int:
        """Without those counted on paper."""
        return self.upvotes - self.on_paper_upvotes


@dataclass(frozen=True)
class GroupTop:
    """The ideas on a group's first five places, with its upvotes."""

    label: str
    ideas: tuple[tuple[Titled, int], ...]


@dataclass(frozen=True)
class Common:
    """The ideas on the first five places of both groups."""

    one: str
    other: str
    ideas: tuple[Titled, ...]


@dataclass(frozen=True)
class ThemeSaid:
    """In how many ideas of the workshop each group raised a theme."""

    name: str
    ideas: int
    by_group: tuple[int, ...]


@dataclass(frozen=True)
class ResultPage:
    """Everything on the page. `closed_at` is None in the preview that moderators have."""

    city: CityView
    number: int
    label: str
    question: str
    closed_at: datetime | None
    waits_for_reveal: bool
    sample: int
    people: int
    upvotes: int
    on_paper_upvotes: int
    comments: int
    groups: tuple[GroupSaid, ...]
    ideas: tuple[IdeaSaid, ...]
    not_shown: int
    """Ideas that are not public any more; their numbers stay in the sums."""
    tops: tuple[GroupTop, ...]
    in_common: tuple[Common, ...]
    themes: tuple[ThemeSaid, ...]
    difference: Difference | None

    @property
    def posted(self) -> int:
        """Ideas posted in the workshop, those not shown any more among them."""
        return sum(group.ideas for group in self.groups)
