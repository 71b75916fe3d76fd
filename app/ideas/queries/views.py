"""What pages and fragments are given: frozen, complete, without rows of the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from app.accounts.queries import AuthorView
from app.cities.queries import CityView, ThemeView
from app.ideas.queries.filters import BoardFilter


@dataclass(frozen=True)
class Viewer:
    """Who looks; laid over public fragments."""

    id: int | None = None
    name: str = ""
    is_signed_in: bool = False
    upvoted: frozenset[int] = frozenset()
    may_take_part: bool = False
    needs_confirmation: bool = False
    is_organiser: bool = False
    moderates: frozenset[int] = frozenset()
    """The ids of the cities whose boards they curate."""


NOBODY = Viewer()
"""For whom public fragments are rendered."""


@dataclass(frozen=True)
class Figures:
    """A board in three numbers."""

    ideas: int
    upvotes: int
    people: int


@dataclass(frozen=True)
class IdeaCard:
    """An idea on a board."""

    id: int
    city_id: int
    city_slug: str
    url: str
    version: int
    last_change: int
    kind: str
    title: str
    excerpt: str
    language: str
    themes: tuple[ThemeView, ...]
    author: AuthorView
    came_from: str
    workshop_number: int | None
    status: str
    state: str
    upvotes: int
    comments: int
    created_at: datetime
    edited_at: datetime | None
    is_sample: bool
    time_zone: str
    is_locked: bool = False
    is_pinned: bool = False
    is_answered: bool = False
    also_by: tuple[AuthorView, ...] = ()
    """The authors of the ideas merged into this one."""

    @property
    def workshop(self) -> str:
        """`online`, or the workshop's number: the value of the board's filter."""
        return str(self.workshop_number) if self.workshop_number else "online"


@dataclass(frozen=True)
class CityStop:
    """A city on the home page."""

    city: CityView
    figures: Figures
    dates: str


@dataclass(frozen=True)
class BoardPage:
    """A board, filtered, one page of it."""

    city: CityView
    figures: Figures
    filter: BoardFilter
    cards: tuple[IdeaCard, ...]
    next_url: str | None
    total: int | None
    themes: tuple[ThemeView, ...]
    watching: int
    pinned: tuple[IdeaCard, ...] = ()
    """Above the others, on the first page."""


@dataclass(frozen=True)
class GroupCount:
    """How many of a stakeholder group upvoted an idea; or how many, of all groups, were counted on paper ("paper")."""

    group: str
    label: str
    upvotes: int


@dataclass(frozen=True)
class RevisionView:
    """What was said before an edit made at `at`."""

    number: int
    at: datetime
    title: str
    text: str
    body_html: Markup
    kind: str
    themes: tuple[ThemeView, ...] = ()
    stance: str = ""


@dataclass(frozen=True)
class CommentView:
    """A comment or reply."""

    id: int
    idea_id: int
    parent_id: int | None
    author: AuthorView
    body_html: Markup
    text: str
    stance: str
    language: str
    created_at: datetime
    edited_at: datetime | None
    state: str
    version: int
    time_zone: str
    editable_until: datetime
    revisions: tuple[RevisionView, ...] = ()
    came_with: str = ""
    """The title of the merged idea it was written on."""


@dataclass(frozen=True)
class CommentThread:
    """A comment and its replies, oldest first."""

    comment: CommentView
    replies: tuple[CommentView, ...]


@dataclass(frozen=True)
class ArticleView:
    """What of an idea's page changes with an edit, and is the same for everyone."""

    idea: IdeaCard
    body_html: Markup
    revisions: tuple[RevisionView, ...]
    answer_html: Markup
    answered_at: datetime | None


@dataclass(frozen=True)
class NeighbourView:
    """The idea before or after, newest first."""

    title: str
    url: str


@dataclass(frozen=True)
class IdeaPage:
    """An idea with all that belongs to it."""

    city: CityView
    idea: IdeaCard
    text: str
    body_html: Markup
    groups: tuple[GroupCount, ...]
    comments: tuple[CommentThread, ...]
    revisions: tuple[RevisionView, ...]
    previous: NeighbourView | None
    next: NeighbourView | None
    share_url: str
    may_edit: bool
    edit_until: datetime | None
    answer_html: Markup
    answered_at: datetime | None
    watching: int = 0
    unseen_comments: tuple[CommentView, ...] = ()
    """Those that are held or hidden: the reader's own, to moderators all."""


@dataclass(frozen=True)
class OwnComment:
    """One of a person's comments on My page."""

    idea_title: str
    url: str
    excerpt: str
    created_at: datetime
    state: str
    time_zone: str


@dataclass(frozen=True)
class OwnUpvote:
    """One of a person's upvotes on My page."""

    idea_title: str
    url: str
    city_name: str
    is_counted: bool
    created_at: datetime
    time_zone: str


@dataclass(frozen=True)
class MyPage:
    """What a person has contributed."""

    ideas: tuple[IdeaCard, ...]
    comments: tuple[OwnComment, ...]
    upvotes: tuple[OwnUpvote, ...]
    more: bool = field(default=False)
