"""Loads a city by the name in its address."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.cities.models import City
from app.core.errors import NotThere
from app.core.extensions import db

_SLUG = re.compile(r"[a-z0-9-]{1,60}")
"""Nothing else is looked up: PostgreSQL cannot even be asked about a NUL."""


def city_named(slug: str) -> City:
    """The city with this address. Raises NotThere."""
    city = db.session.scalar(select(City).where(City.slug == slug)) if _SLUG.fullmatch(slug) else None
    if city is None:
        raise NotThere()
    return city
