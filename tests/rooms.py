"""A workshop, and people in it, in one line each."""

from __future__ import annotations

from typing import Any

from app.accounts.models import User
from app.cities.actions.workshops import set_workshop
from app.cities.models import Attendance, City, Workshop
from app.core import clock
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.workshops.actions.driving import move_on, open_workshop

WAY = ("lobby", "collect", "discuss", "vote", "reveal", "closed")


def workshop_in(city: City, phase: str = "lobby", *, number: int = 1, **rules: Any) -> Workshop:
    """A workshop of `city` that has gone its way up to `phase`; rules as on its row (upvote_budget, hides_counts)."""
    set_workshop(city, number, audience="students")
    db.session.rollback()
    workshop = next(one for one in city.workshops if one.number == number)
    with unit_of_work():
        for name, value in rules.items():
            setattr(workshop, name, value)
    open_workshop(workshop, by=None, at=clock.now())
    go_to(workshop, phase)
    return workshop


def go_to(workshop: Workshop, phase: str) -> None:
    """Go forwards, one phase after the other, up to `phase`."""
    for step in WAY[WAY.index(workshop.phase) + 1 : WAY.index(phase) + 1]:
        move_on(workshop, step, by=None, at=clock.now())


def join(workshop: Workshop, *people: User, follows: bool = True) -> None:
    """These people have come in with the code."""
    with unit_of_work():
        for person in people:
            db.session.add(
                Attendance(workshop_id=workshop.id, user_id=person.id, joined_at=clock.now(), follows=follows)
            )
