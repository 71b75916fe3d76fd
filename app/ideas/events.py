"""What happens on a board."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

IDEA_POSTED = "idea_posted"
IDEA_EDITED = "idea_edited"
IDEA_WITHDRAWN = "idea_withdrawn"
COMMENT_POSTED = "comment_posted"
COMMENT_EDITED = "comment_edited"
COMMENT_WITHDRAWN = "comment_withdrawn"
AUTHOR_CHANGED = "author_changed"
IDEA_MODERATED = "idea_moderated"


@dataclass(frozen=True)
class BoardChanged:
    """A structural change with its number; `previous` is the number of the same idea's change before it (0: none)."""

    city_id: int
    number: int
    previous: int
    kind: str
    idea_id: int
    comment_id: int | None


@dataclass(frozen=True)
class UpvotesChanged:
    """Somebody upvoted an idea or took it back. Counts are read when they are sent: the last value wins.

    `registered_at`: since when they have their account, where that is known.
    """

    city_id: int
    idea_id: int
    user_id: int
    upvoted: bool
    registered_at: datetime | None = None
    is_counted: bool = True
    """Whether the public count has changed with it: not for the unconfirmed, nor before a workshop's reveal."""
    at: datetime | None = None
    """When they asked for it."""
    is_first: bool = False
    """Whether the board has one participant more with it."""


@dataclass(frozen=True)
class Contributed:
    """Somebody posted or edited an idea, or one of its comments. `is_public`: everybody can see it already."""

    city_id: int
    idea_id: int
    comment_id: int | None
    user_id: int
    is_new: bool
    is_public: bool


@dataclass(frozen=True)
class Withdrawn:
    """An author took an idea, or one of its comments, back."""

    city_id: int
    idea_id: int
    comment_id: int | None


@dataclass(frozen=True)
class IdeasLeaving:
    """These ideas are about to be removed for good."""

    idea_ids: tuple[int, ...]


@dataclass(frozen=True)
class PeopleLeaving:
    """People who attended these workshops are about to be removed for good."""

    workshop_ids: tuple[int, ...]


@dataclass(frozen=True)
class PeopleLeft:
    """People who attended these workshops are removed, with all they said and gave."""

    workshop_ids: tuple[int, ...]


@dataclass(frozen=True)
class CountsChanged:
    """An idea's upvotes are counted anew, by nobody's vote; without an idea only the figures of its board are."""

    city_id: int
    idea_id: int | None
