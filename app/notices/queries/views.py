"""What the inbox and letters are given of a notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Part:
    """A piece of a sentence; `language` is given where it is somebody's own words."""

    text: str
    language: str = ""


@dataclass(frozen=True)
class NoticeView:
    """One line of the inbox. `count` notices are gathered in it; `id` is the newest of them.

    `quote` is what somebody wrote (a comment, an answer), shortened; `sentence` is the moderator's. `path` leads to
    what it speaks of, `objection_path` to objecting; both are empty where that is not possible.
    """

    id: int
    kind: str
    parts: tuple[Part, ...]
    count: int
    is_unread: bool
    city_name: str
    city_slug: str
    time_zone: str
    at: datetime
    idea_id: int | None
    quote: str
    quote_language: str
    reason: str
    sentence: str
    path: str
    objection_path: str

    @property
    def words(self) -> str:
        """The sentence in one piece."""
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True)
class Inbox:
    """One page of the inbox, newest first."""

    notices: tuple[NoticeView, ...]
    unread: int
    mail: str
    has_address: bool
    older: int | None
    """The id before which the next page begins."""

    @property
    def newest(self) -> int:
        """The id of the newest notice shown."""
        return max(notice.id for notice in self.notices)
