"""Which workshop a code belongs to, what is shown to who joins it, and who has joined."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.groups import group_label
from app.accounts.models import User
from app.cities.models import Attendance, City, Workshop
from app.cities.phases import lets_in
from app.cities.queries import workshop_label
from app.core.extensions import db
from app.workshops.codes import LENGTH, read_code


@dataclass(frozen=True)
class Door:
    """A workshop, as somebody sees it who is about to come in."""

    city_slug: str
    city_name: str
    label: str
    question: str
    """Empty where the workshop has none of its own."""
    code: str
    email_is_optional: bool


@dataclass(frozen=True)
class Attendee:
    """Somebody who has joined a workshop."""

    id: int
    name: str
    group_label: str
    is_helper: bool


def workshop_with_code(typed: str, at: datetime) -> Workshop | None:
    """The workshop that this code lets people into at `at`; typed in any case, with spaces or hyphens."""
    code = read_code(typed[:40])
    if len(code) != LENGTH:
        return None
    found = db.session.scalar(select(Workshop).where(Workshop.join_code == code))
    return found if found is not None and lets_in(found, at) else None


def door_of(workshop: Workshop, city: City) -> Door:
    """What is written on the door."""
    return Door(
        city_slug=city.slug,
        city_name=city.name,
        label=workshop_label(workshop),
        question=workshop.question or "",
        code=workshop.join_code or "",
        email_is_optional=workshop.email_is_optional,
    )


def attendees_of(workshop: Workshop) -> tuple[Attendee, ...]:
    """Who has joined and is still there, helpers first, by name. One query."""
    rows = db.session.execute(
        select(User, Attendance.is_helper)
        .join(Attendance, Attendance.user_id == User.id)
        .where(Attendance.workshop_id == workshop.id, User.erased_at.is_(None))
        .order_by(Attendance.is_helper.desc(), User.name, User.id)
    )
    return tuple(
        Attendee(user.id, user.name, str(group_label(user.group)), is_helper) for user, is_helper in rows
    )


def own_workshops(user: User) -> list[dict[str, Any]]:
    """The workshops a person has joined, for their own data."""
    rows = db.session.execute(
        select(Attendance, Workshop, City.slug)
        .join(Workshop, Workshop.id == Attendance.workshop_id)
        .join(City, City.id == Workshop.city_id)
        .where(Attendance.user_id == user.id)
        .order_by(Attendance.joined_at)
    )
    return [
        {
            "city": slug,
            "workshop": workshop.number,
            "joined_at": attendance.joined_at.isoformat(),
            "helper": attendance.is_helper,
        }
        for attendance, workshop, slug in rows
    ]
