"""Adding a city to the current edition; its facts, its workshops' times, and where a board's content came from."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, select

from app.cities.models import AUDIENCES, City, Edition, Workshop
from app.core.errors import Invalid
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")


def check_city(slug: str, name: str, *, time_zone: str, language: str, taken: Collection[str] = ()) -> None:
    """Raises Invalid with a sentence unless such a city can be made; `taken` are addresses of other pages."""
    if len(slug) > 60 or not _SLUG.fullmatch(slug):
        raise Invalid(
            f"“{slug}” cannot be an address: use small letters, digits and single hyphens, at most 60."
        )
    if slug in taken:
        raise Invalid(f"“{slug}” is the address of another page.")
    if not 1 <= len(name) <= 80:
        raise Invalid("A city's name has 1 to 80 characters.")
    if not _LANGUAGE.fullmatch(language) or len(language) > 10:
        raise Invalid(f"“{language}” is no language: write en, ca or zh-Hant.")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"“{time_zone}” is no time zone: write Europe/Madrid or Asia/Taipei.") from error


def make_city(
    slug: str,
    name: str,
    *,
    time_zone: str,
    language: str,
    question: str | None = None,
    taken: Collection[str] = (),
) -> City:
    """A further stop, the last, of the current edition, with an empty board. Raises Invalid."""
    check_city(slug, name, time_zone=time_zone, language=language, taken=taken)
    with unit_of_work():
        edition = db.session.scalar(select(Edition).where(Edition.is_current).order_by(Edition.year.desc()))
        if edition is None:
            raise Invalid("There is no current edition to add a city to.")
        if db.session.scalar(select(City.id).where(City.slug == slug)) is not None:
            raise Invalid(f"There is a city at “{slug}” already.")
        last = select(func.max(City.position)).where(City.edition_id == edition.id)
        city = City(
            edition_id=edition.id,
            slug=slug,
            name=name,
            position=(db.session.scalar(last) or 0) + 1,
            time_zone=time_zone,
            language=language,
            question=question,
        )
        db.session.add(city)
        db.session.flush()
    return city


def name_source(city: City, text: str | None, url: str | None) -> None:
    """Say on the board where its content came from; None leaves what is there.

    Raises Invalid for an address that is none of the web's: it becomes a link.
    """
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise Invalid(f"A source's address begins with https:// or http://, not “{url}”.")
    with unit_of_work():
        city.source_text = text or city.source_text
        city.source_url = url or city.source_url


def state_facts(city: City, **facts: Any) -> None:
    """Say what is known of a city: any of partner, question (text), starts_on, ends_on (dates); None takes it back.

    Raises Invalid where it would end before it starts.
    """
    with unit_of_work():
        for name in facts.keys() & {"partner", "question", "starts_on", "ends_on"}:
            setattr(city, name, facts[name])
        if city.ends_on and (city.starts_on is None or city.ends_on < city.starts_on):
            raise Invalid("A city's dates end on or after the day they start.")


def set_workshop(
    city: City,
    number: int,
    *,
    audience: str | None = None,
    title: str | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Workshop:
    """Make workshop `number` of a city, or change what is given of it; naive times are in the city's zone.

    Raises Invalid for an audience nobody knows, or a workshop that ends before it starts.
    """
    if audience is not None and audience not in AUDIENCES:
        raise Invalid(f"The audience is one of {', '.join(AUDIENCES)}.")
    zone = ZoneInfo(city.time_zone)
    with unit_of_work():
        workshop = next((known for known in city.workshops if known.number == number), None)
        if workshop is None:
            workshop = Workshop(city_id=city.id, number=number, audience=audience or AUDIENCES[0])
            db.session.add(workshop)
        workshop.audience = audience or workshop.audience
        workshop.title = title or workshop.title
        if starts_at is not None:
            workshop.starts_at = starts_at if starts_at.tzinfo else starts_at.replace(tzinfo=zone)
        if ends_at is not None:
            workshop.ends_at = ends_at if ends_at.tzinfo else ends_at.replace(tzinfo=zone)
        if workshop.ends_at and (workshop.starts_at is None or workshop.ends_at <= workshop.starts_at):
            raise Invalid("A workshop ends after it starts.")
        db.session.flush()
    return workshop
