"""Two moderators hold the remote at once: what one does is done only if it still meets what they saw.

Each act names the part it moves and what that part was on the remote. If only other parts have changed since, nothing
is in its way: a minute more for the timer does not depend on which idea is in the light.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from app.cities.models import Workshop
from app.core.database import lock
from app.core.errors import AlreadyDone
from app.core.unit_of_work import unit_of_work
from app.workshops.queries.parts import part_of
from app.workshops.queries.words import mode_name, phase_name


@dataclass(frozen=True)
class Seen:
    """The state a remote showed when its button was pressed: its number (None: not said), and what `part` was."""

    part: str
    seq: int | None = None
    was: str = ""


def agreed(workshop: Workshop, seen: Seen, act: Callable[[], None]) -> None:
    """Do `act`, unless the part it is about is not what was seen: then AlreadyDone says what is so now."""
    with unit_of_work():
        lock(workshop)
        if (
            seen.seq is not None
            and seen.seq != workshop.state_seq
            and part_of(workshop, seen.part) != seen.was
        ):
            raise AlreadyDone(_now(workshop, seen.part))
        act()


def _now(workshop: Workshop, part: str) -> str:
    if part == "timer":
        return _("Somebody was faster: the timer is not what it was.")
    if part == "spotlight":
        return (
            _("Somebody was faster: another idea is in the light now.")
            if workshop.spotlight_id
            else _("Somebody was faster: no idea is in the light now.")
        )
    if part == "shows":
        return _("Somebody was faster: the screens show “%(mode)s” now.", mode=mode_name(workshop.shows))
    if part == "code":
        return _("Somebody was faster: there is a new code.")
    return _("Somebody was faster: the phase is “%(phase)s” now.", phase=phase_name(workshop.phase))
