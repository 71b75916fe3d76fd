"""Adding a city to an edition, its place among the others, and where a board's content came from."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.cities.models import City, Edition
from app.cities.queries import current_edition
from app.core.errors import Invalid
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
NAME_MAX = 80


def check_city(slug: str, name: str, *, time_zone: str, language: str, taken: Collection[str] = ()) -> None:
    """Raises Invalid with a sentence unless such a city can be made; `taken` are addresses of other pages."""
    if len(slug) > 60 or not _SLUG.fullmatch(slug):
        raise Invalid(
            _(
                "“%(slug)s” cannot be an address: use small letters, digits and single hyphens, at most 60.",
                slug=slug,
            ),
            "slug",
        )
    if slug in taken:
        raise Invalid(_("“%(slug)s” is the address of another page.", slug=slug), "slug")
    check_name(name)
    check_language(language)
    check_time_zone(time_zone)


def check_name(name: str | None) -> None:
    """Raises Invalid unless a city can be called so."""
    if not 1 <= len(name or "") <= NAME_MAX:
        raise Invalid(_("A city's name has 1 to %(most)d characters.", most=NAME_MAX), "name")


def check_language(code: str | None, field: str = "language") -> None:
    """Raises Invalid for `field` unless `code` can be a language's."""
    if not _LANGUAGE.fullmatch(code or "") or len(code or "") > 10:
        raise Invalid(_("“%(code)s” is no language: write en, ca or zh-Hant.", code=code or ""), field)


def check_time_zone(name: str | None) -> None:
    """Raises Invalid unless there is such a time zone."""
    if name not in available_timezones():
        raise Invalid(
            _("“%(name)s” is no time zone: write Europe/Madrid or Asia/Taipei.", name=name or ""), "time_zone"
        )


def make_city(
    slug: str,
    name: str,
    *,
    time_zone: str,
    language: str,
    question: str | None = None,
    edition: Edition | None = None,
    taken: Collection[str] = (),
) -> City:
    """A further stop, the last, of `edition` (else the current one), with an empty board. Raises Invalid."""
    check_city(slug, name, time_zone=time_zone, language=language, taken=taken)
    with unit_of_work():
        edition = edition or current_edition()
        if edition is None:
            raise Invalid(_("There is no edition to add a city to: make one first."), "edition")
        if db.session.scalar(select(City.id).where(City.slug == slug)) is not None:
            raise Invalid(_("There is a city at “%(slug)s” already.", slug=slug), "slug")
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


def place_city(city: City, position: int) -> int:
    """Make `city` stop number `position`, from 1, of its edition; the others close up.

    Returns the number it has now: the nearest that there is.
    """
    with unit_of_work():
        stops = list(
            db.session.scalars(
                select(City)
                .where(City.edition_id == city.edition_id)
                .order_by(City.position)
                .with_for_update()
            )
        )
        stops.remove(city)
        stops.insert(min(max(position, 1), len(stops) + 1) - 1, city)
        # No two cities of an edition may share a number, not even in between: first all step aside.
        for number, stop in enumerate(stops, start=1):
            stop.position = -number
        db.session.flush()
        for number, stop in enumerate(stops, start=1):
            stop.position = number
    return city.position


def name_source(city: City, text: str | None, url: str | None) -> None:
    """Say on the board where its content came from; None leaves what is there.

    Raises Invalid for an address that is none of the web's: it becomes a link.
    """
    check_source_url(url)
    with unit_of_work():
        city.source_text = text or city.source_text
        city.source_url = url or city.source_url


def check_source_url(url: str | None) -> None:
    """Raises Invalid unless `url` is empty or an address of the web."""
    try:
        scheme = urlsplit(url or "https://").scheme
    except ValueError:
        scheme = ""
    if scheme not in ("http", "https"):
        raise Invalid(
            _("A source's address begins with https:// or http://, not “%(url)s”.", url=url or ""),
            "source_url",
        )
