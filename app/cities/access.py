"""Loads a city by the name in its address."""

from __future__ import annotations

from sqlalchemy import select

from app.cities.models import City
from app.core.errors import NotThere
from app.core.extensions import db


def city_named(slug: str) -> City:
    """The city with this address. Raises NotThere."""
    city = db.session.scalar(select(City).where(City.slug == slug))
    if city is None:
        raise NotThere()
    return city
