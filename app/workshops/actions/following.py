"""Following: in the discussion, a phone goes where the wall goes."""

from __future__ import annotations

from app.cities.models import Attendance
from app.core.unit_of_work import unit_of_work


def follow(attendance: Attendance, follows: bool) -> None:
    """Go to the idea on the wall by itself from now on, or not."""
    with unit_of_work():
        attendance.follows = follows
