"""What every structural change of an idea does: a new version, a number, an event.

Rows are locked in one order, so that no two writers wait for each other: people, ideas by id, then cities.
"""

from __future__ import annotations

from datetime import datetime

from app.accounts.models import User
from app.cities.actions.numbering import record_change
from app.core.announce import announce
from app.core.extensions import db
from app.ideas.events import BoardChanged
from app.ideas.models import Idea


def note_change(idea: Idea, kind: str, *, at: datetime, comment_id: int | None = None) -> None:
    """Number a change of `idea` (flushed, so that it has an id) and announce it.

    Only of what everybody sees, or saw until now: a change has the idea's number, and a board's changes are public.
    """
    number = record_change(idea.city_id, kind, idea.id, comment_id, at)
    previous, idea.last_change = idea.last_change, number
    idea.version += 1
    announce(BoardChanged(idea.city_id, number, previous, kind, idea.id, comment_id))


def note_unseen_change(idea: Idea) -> None:
    """A change of what nobody but its author and moderators sees: a new version, and no number."""
    idea.version += 1


def lock_sender(by: User) -> None:
    """Let what `by` sends at the same moment wait: a form's double, to whichever board or idea, or their leaving."""
    db.session.refresh(by, with_for_update={"key_share": True})
