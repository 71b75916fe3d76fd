"""What happens to somebody's inbox. Ids only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NoticesChanged:
    """So many notices wait for this person now."""

    user_id: int
    unread: int


@dataclass(frozen=True)
class LettersDue:
    """These notices are to leave by mail at once, each in a letter of its own."""

    notice_ids: tuple[int, ...]
