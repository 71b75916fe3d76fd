"""What a workshop's phase lets those do who type in what is on paper. Pure."""

from __future__ import annotations

from app.cities.models import Workshop


def may_note(workshop: Workshop) -> bool:
    """Whether ideas can be typed in: as long as the workshop is open, since a stack of paper takes its time."""
    return workshop.is_open


def may_tally(workshop: Workshop) -> bool:
    """Whether hands and dots can be counted: in the vote, and while its outcome is looked at."""
    return workshop.is_open and workshop.phase in ("vote", "reveal")
