"""Which screen a link opens."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from app.cities.models import City
from app.core.extensions import db
from app.workshops.models import Screen


def hash_token(token: str) -> str:
    """How a link's token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_screen(token: str) -> tuple[Screen, City] | None:
    """The screen of this link, with its city; None where it is unknown or revoked."""
    row = db.session.execute(
        select(Screen, City)
        .join(City, City.id == Screen.city_id)
        .where(Screen.token_hash == hash_token(token), Screen.revoked_at.is_(None))
    ).first()
    return (row[0], row[1]) if row else None
