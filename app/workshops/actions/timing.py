"""The timer of a workshop: an end while it runs, what is left while it does not. Devices do the counting."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _

from app.accounts.models import User
from app.cities.models import Workshop
from app.core.errors import Invalid
from app.core.unit_of_work import unit_of_work
from app.workshops.actions.driving import begin, changed

LONGEST = timedelta(hours=3)


def start_timer(workshop: Workshop, minutes: int, *, by: User | None, at: datetime) -> None:
    """Run for so many minutes from `at`, 1 to 180. Raises Invalid."""
    if not 1 <= minutes <= LONGEST.total_seconds() // 60:
        raise Invalid(_("A timer runs for 1 to 180 minutes."), "minutes")
    with unit_of_work():
        begin(workshop, by)
        workshop.timer_ends_at, workshop.timer_left_ms = at + timedelta(minutes=minutes), None
        changed(workshop)


def pause_timer(workshop: Workshop, *, by: User | None, at: datetime) -> None:
    """Stop counting and keep what is left; again, or without a running timer, nothing happens."""
    with unit_of_work():
        begin(workshop, by)
        if workshop.timer_ends_at is None or workshop.timer_ends_at <= at:
            return
        workshop.timer_left_ms = int((workshop.timer_ends_at - at).total_seconds() * 1000)
        workshop.timer_ends_at = None
        changed(workshop)


def resume_timer(workshop: Workshop, *, by: User | None, at: datetime) -> None:
    """Go on with what was left; without a paused timer nothing happens."""
    with unit_of_work():
        begin(workshop, by)
        if workshop.timer_left_ms is None:
            return
        workshop.timer_ends_at = at + timedelta(milliseconds=workshop.timer_left_ms)
        workshop.timer_left_ms = None
        changed(workshop)


def add_minute(workshop: Workshop, *, by: User | None, at: datetime) -> None:
    """One minute more, of a running, paused or finished timer."""
    with unit_of_work():
        begin(workshop, by)
        if workshop.timer_left_ms is not None:
            workshop.timer_left_ms += 60_000
        else:
            still = max(workshop.timer_ends_at or at, at)
            workshop.timer_ends_at = still + timedelta(minutes=1)
        changed(workshop)


def clear_timer(workshop: Workshop, *, by: User | None) -> None:
    """No timer."""
    with unit_of_work():
        begin(workshop, by)
        workshop.timer_ends_at, workshop.timer_left_ms = None, None
        changed(workshop)
