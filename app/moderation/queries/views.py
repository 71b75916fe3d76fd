"""What the queue's pages and fragments are given: frozen, complete, for the moderator who looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.accounts.queries import AuthorView
from app.cities.queries import CityView
from app.moderation.queries.filters import QueueFilter
from app.moderation.queries.reasons import ReasonView


@dataclass(frozen=True)
class ReportCount:
    """How often an item was reported for a reason, and the latest sentences with it."""

    reason: str
    count: int
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class ObjectionView:
    """What an author says against an act, and what that act was."""

    text: str
    at: datetime
    against: str


@dataclass(frozen=True)
class LastAct:
    """The latest act on an item. `by` is empty for the board itself; `undo_until` None where nothing can be undone."""

    id: int
    words: str
    by: str
    is_mine: bool
    at: datetime
    reason: str
    sentence: str
    undo_until: datetime | None


@dataclass(frozen=True)
class ActsOn:
    """Which acts an item can meet now, by name in their order, and where they are sent.

    `path` is the item's own (`/ideas/42`); `seen` how many decisions the page knows of; `idea` the id of an idea.
    """

    path: str
    seen: int
    offered: tuple[str, ...]
    idea: int | None = None
    undo: int | None = None


@dataclass(frozen=True)
class QueueRow:
    """An item of the queue as one moderator sees it. `id` is None for an item nobody has had to look at yet."""

    id: int | None
    key: str
    subject: str
    needs: str
    order: str
    decisions: int
    stamp: int
    since: datetime
    settled_at: datetime | None
    time_zone: str
    city_slug: str
    title: str
    url: str
    text: str
    language: str
    kind: str
    state: str
    author: AuthorView | None
    acts: ActsOn
    is_pinned: bool = False
    is_locked: bool = False
    reports: tuple[ReportCount, ...] = ()
    objection: ObjectionView | None = None
    last: LastAct | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nobody has to look at it."""
        return not self.needs

    @property
    def anchor(self) -> str:
        """The row's id on a page."""
        return f"item-{self.id or self.key.replace(':', '-')}"


@dataclass(frozen=True)
class QueuePage:
    """A city's queue, filtered, one page of it. `waiting` counts by need, under "" all."""

    city: CityView
    filter: QueueFilter
    rows: tuple[QueueRow, ...]
    waiting: dict[str, int]
    reasons: tuple[ReasonView, ...]
    next_url: str | None
    stamp: int


@dataclass(frozen=True)
class QueueNews:
    """What of a queue has changed: the ids, the rows this moderator may see, and which of them belong to the view.

    `waiting` counts by need; `stamp` is the number to ask from next; `more`: there is more already.
    """

    stamp: int
    waiting: dict[str, int]
    changed: tuple[int, ...]
    rows: tuple[QueueRow, ...]
    belonging: frozenset[int]
    more: bool = False
