"""Who may do what to whom on a board. Pure; that `by` curates the board is asked by the access room."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.accounts.models import User
from app.moderation.models import Act

UNDO_MINUTES = 10
OBJECTIONABLE = ("hide", "decline", "hold", "merge")
"""What takes an author's text out of sight."""
BAN_AT_MOST = timedelta(days=366)


def undo_until(act: Act) -> datetime:
    """Until when an act can be undone; what it did can be set right by another act for ever."""
    return act.at + timedelta(minutes=UNDO_MINUTES)


def can_undo(act: Act, at: datetime) -> bool:
    """Within ten minutes, once, and not an undoing itself; a board's rules are set, not undone."""
    return (
        act.undone_at is None
        and act.undoes_id is None
        and act.kind not in ("settings", "unmerge", "count_again", "lift_ban")
        and act.role != "board"
        and at < undo_until(act)
    )


def can_ban(by: User | None, person: User, *, is_moderator: bool) -> bool:
    """Nobody themselves, nobody an organiser; only organisers a moderator."""
    if person.is_organiser or person.origin != "registered" or person.erased_at is not None:
        return False
    if by is not None and by.id == person.id:
        return False
    return not is_moderator or by is None or by.is_organiser


def can_object(user: User | None, act: Act, *, author_id: int | None) -> bool:
    """The author of what was hidden, declined, held back or merged, while that stands."""
    return (
        user is not None
        and user.id == author_id
        and act.kind in OBJECTIONABLE
        and act.undone_at is None
        and act.undoes_id is None
    )
