"""Loads a workshop for those who drive it, and for those who are in it."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.access import require_person
from app.accounts.models import User
from app.cities.access import city_named, moderates
from app.cities.models import Attendance, City, Workshop
from app.core.database import is_id
from app.core.errors import NotThere
from app.core.extensions import db


def city_to_drive(slug: str) -> tuple[User, City]:
    """Who is signed in, and the city whose workshops they drive. Raises NotThere."""
    user, city = require_person(), city_named(slug)
    if not moderates(user, city.id):
        raise NotThere()
    return user, city


def workshop_to_drive(slug: str, number: int) -> tuple[User, City, Workshop]:
    """One workshop of a city, for a moderator of it. Raises NotThere."""
    user, city = city_to_drive(slug)
    return user, city, numbered(city, number)


def room_of(slug: str, number: int) -> tuple[User, City, Workshop, Attendance | None]:
    """One workshop for somebody who has joined it, with their attendance, or who drives it. Raises NotThere."""
    user, city = require_person(), city_named(slug)
    workshop = numbered(city, number)
    attendance = db.session.scalar(
        select(Attendance).where(Attendance.workshop_id == workshop.id, Attendance.user_id == user.id)
    )
    if attendance is None and not moderates(user, city.id):
        raise NotThere()
    return user, city, workshop, attendance


def numbered(city: City, number: int) -> Workshop:
    """Workshop `number` of the city. Raises NotThere."""
    found = is_id(number) and next((one for one in city.workshops if one.number == number), None)
    if not found:
        raise NotThere()
    return found
