"""What the phases of a workshop let its people do. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.cities.models import PHASES, Workshop

READ_ONLY_AFTER = timedelta(hours=1)
"""So long after its end a workshop's people only read; then they go on online, like everybody."""


LEFT_OPEN = timedelta(hours=12)
"""So long after its end a workshop that nobody closed still holds its people."""
LEFT_OPEN_WITHOUT_END = timedelta(days=7)
"""The same after its opening, where no end is known: its code may have been given out days before."""


def may_post(phase: str) -> bool:
    """New ideas: while they are collected."""
    return phase == "collect"


def may_comment(phase: str) -> bool:
    """Comments: while ideas are discussed."""
    return phase == "discuss"


def may_upvote(phase: str) -> bool:
    """Upvotes, given and taken back: during the vote."""
    return phase == "vote"


def may_correct(phase: str) -> bool:
    """Changes and withdrawals of what one has written: until the vote, which is about what ideas say."""
    return phase in ("lobby", "collect", "discuss")


def shows_counts(workshop: Workshop) -> bool:
    """Whether upvotes given in the workshop are counted already."""
    return not workshop.hides_counts or workshop.phase in ("reveal", "closed")


def next_phase(phase: str) -> str | None:
    """The phase after this one; None after the last."""
    place = PHASES.index(phase) + 1
    return PHASES[place] if place < len(PHASES) else None


def can_move(workshop: Workshop, to: str) -> bool:
    """Forwards by one, backwards freely; never back behind the reveal of hidden counts, nor out of *closed*."""
    here, there = PHASES.index(workshop.phase), PHASES.index(to)
    if workshop.phase == "closed" or there == here or there > here + 1:
        return False
    return not (workshop.phase == "reveal" and workshop.hides_counts and there < here)


def is_final(workshop: Workshop, to: str) -> bool:
    """Whether moving on cannot be taken back: then people are asked whether they are sure."""
    return to == "closed" or (to == "reveal" and workshop.hides_counts)


def holds_people(workshop: Workshop, at: datetime) -> bool:
    """Whether what its people do at `at` is done in the workshop, and by its phase's rules.

    One that nobody closes lets them go after a while: they would be shut out of their board for good.
    """
    if workshop.opened_at is None:
        return False
    if workshop.closed_at is None:
        return at < _left_open_until(workshop, workshop.opened_at)
    until = workshop.closed_at + READ_ONLY_AFTER
    if workshop.ends_at is not None:
        until = max(until, workshop.ends_at)
    return at < until


def lets_in(workshop: Workshop, at: datetime) -> bool:
    """Whether its code opens the door at `at`: from its opening to its end."""
    return workshop.is_open and holds_people(workshop, at)


def _left_open_until(workshop: Workshop, opened_at: datetime) -> datetime:
    if workshop.ends_at is None:
        return opened_at + LEFT_OPEN_WITHOUT_END
    return max(opened_at, workshop.ends_at) + LEFT_OPEN
