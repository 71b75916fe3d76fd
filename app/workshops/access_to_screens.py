"""Loads screens for those who may look at them, which a link decides, and for those who drive them."""

from __future__ import annotations

from app.accounts.access import require_person
from app.accounts.models import User
from app.cities.access import city_named, moderates
from app.cities.models import City, Workshop
from app.core.database import is_id
from app.core.errors import NotThere
from app.core.extensions import db
from app.workshops.models import Screen


def screens_to_drive(slug: str) -> tuple[User, City]:
    """Who is signed in, and the city whose screens they drive. Raises NotThere."""
    user, city = require_person(), city_named(slug)
    if not moderates(user, city.id):
        raise NotThere()
    return user, city


def screen_to_drive(slug: str, screen_id: int) -> tuple[User, City, Screen]:
    """One screen of the city, as long as it is not revoked. Raises NotThere."""
    user, city = screens_to_drive(slug)
    screen = db.session.get(Screen, screen_id) if is_id(screen_id) else None
    if screen is None or screen.city_id != city.id or screen.revoked_at is not None:
        raise NotThere()
    return user, city, screen


def workshop_among(city: City, typed: str) -> Workshop | None:
    """The city's workshop with this number; None where none was named. Raises NotThere."""
    if not typed:
        return None
    for workshop in city.workshops:
        if str(workshop.number) == typed:
            return workshop
    raise NotThere()
