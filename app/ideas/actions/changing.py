"""What every structural change of an idea does: a new version, a number, an event."""

from __future__ import annotations

from datetime import datetime

from app.cities.actions.numbering import record_change
from app.core.announce import announce
from app.ideas.events import BoardChanged
from app.ideas.models import Idea


def note_change(idea: Idea, kind: str, *, at: datetime, comment_id: int | None = None) -> None:
    """Number a change of `idea` (flushed, so that it has an id) and announce it."""
    number = record_change(idea.city_id, kind, idea.id, comment_id, at)
    previous, idea.last_change = idea.last_change, number
    idea.version += 1
    announce(BoardChanged(idea.city_id, number, previous, kind, idea.id, comment_id))
