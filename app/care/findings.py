"""What a look at the board finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["fine", "warning", "fault"]


@dataclass(frozen=True)
class Finding:
    """One sentence about one thing. `can_be_repaired`: by counting anew, see `app.care.repairing`."""

    level: Level
    about: str
    says: str
    can_be_repaired: bool = False


def fine(about: str, says: str) -> Finding:
    """As it should be."""
    return Finding("fine", about, says)


def warning(about: str, says: str) -> Finding:
    """Works, and may not for ever."""
    return Finding("warning", about, says)


def fault(about: str, says: str, *, can_be_repaired: bool = False) -> Finding:
    """Wrong."""
    return Finding("fault", about, says, can_be_repaired)
