"""The runs of the series: made, renamed, and one of them marked as the current one."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.cities.events import EditionEnded
from app.cities.models import Edition
from app.core.announce import announce
from app.core.errors import Invalid
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work

MOTTO_MAX = 120
YEARS = range(2000, 2101)


def make_edition(motto: str, year: int) -> Edition:
    """A further run of the series, not yet the current one unless it is the first. Raises Invalid."""
    with unit_of_work():
        is_first = db.session.scalar(select(Edition.id).limit(1)) is None
        edition = Edition(motto="", year=0, is_current=is_first)
        _state(edition, motto=motto, year=year)
        db.session.add(edition)
        db.session.flush()
    return edition


def state_edition(edition: Edition, **given: Any) -> None:
    """Change what is given of an edition: motto, year. Raises Invalid, naming the field."""
    with unit_of_work():
        db.session.refresh(edition)
        _state(edition, **given)


def mark_current(edition: Edition) -> None:
    """Make `edition` the one that the home page shows, and no other: those that were, end."""
    with unit_of_work():
        ended = db.session.scalars(
            select(Edition.id).where(Edition.is_current.is_(True), Edition.id != edition.id)
        ).all()
        db.session.execute(update(Edition).values(is_current=Edition.id == edition.id))
        db.session.refresh(edition)
        for edition_id in ended:
            announce(EditionEnded(edition_id))


def edition_of(year: int) -> Edition | None:
    """The edition of a year."""
    return db.session.scalar(select(Edition).where(Edition.year == year))


def _state(edition: Edition, **given: Any) -> None:
    if "motto" in given:
        if not 1 <= len(given["motto"] or "") <= MOTTO_MAX:
            raise Invalid(_("An edition's motto has 1 to %(most)d characters.", most=MOTTO_MAX), "motto")
        edition.motto = given["motto"]
    if "year" in given:
        year = given["year"]
        if year not in YEARS:
            raise Invalid(
                _("The year is from %(first)d to %(last)d.", first=YEARS[0], last=YEARS[-1]), "year"
            )
        with db.session.no_autoflush:
            other = edition_of(year)
        if other is not None and other is not edition:
            raise Invalid(_("There is an edition of %(year)s already.", year=str(year)), "year")
        edition.year = year
