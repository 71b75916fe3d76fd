"""A city's workshops: made, changed, removed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.cities.models import AUDIENCES, BUDGET_MAX, City, Workshop
from app.core.errors import Invalid, NotThere
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work

NUMBER_MAX = 99
LENGTHS = {"title": 120, "question": 200, "agenda": 2000}


def set_workshop(city: City, number: int, **given: Any) -> Workshop:
    """Make workshop `number` of a city, or change what is given of it: audience, title, starts_at, ends_at, question,
    upvote_budget, hides_counts, email_is_optional, agenda.

    None takes a title, a time, a question or a budget back; naive times are in the city's zone. Raises Invalid, naming
    the field, for an audience nobody knows, or a workshop that ends before it starts. Whether its vote still lets the
    rules of the vote change is asked by `app.workshops.actions.setting`.
    """
    if not 1 <= number <= NUMBER_MAX:
        raise Invalid(_("A workshop's number is from 1 to %(most)d.", most=NUMBER_MAX), "number")
    if given.get("audience") not in (None, *AUDIENCES):
        raise Invalid(_("The audience is one of %(known)s.", known=", ".join(AUDIENCES)), "audience")
    for name, most in LENGTHS.items():
        if len(given.get(name) or "") > most:
            raise Invalid(_("Shorten this to %(most)d characters.", most=most), name)
    budget = given.get("upvote_budget")
    if budget is not None and not 1 <= budget <= BUDGET_MAX:
        raise Invalid(_("A budget is from 1 to %(most)d upvotes.", most=BUDGET_MAX), "upvote_budget")
    with unit_of_work():
        workshop = _numbered(city, number)
        if workshop is None:
            workshop = Workshop(city_id=city.id, number=number, audience=AUDIENCES[0])
            db.session.add(workshop)
        workshop.audience = given.get("audience") or workshop.audience
        for name in ("title", "question", "upvote_budget"):
            if name in given:
                setattr(workshop, name, given[name] or None)
        for name in ("hides_counts", "email_is_optional"):
            if name in given:
                setattr(workshop, name, bool(given[name]))
        if "agenda" in given:
            workshop.agenda = given["agenda"] or ""
        if "starts_at" in given:
            workshop.starts_at = _moment(city, given["starts_at"])
        if "ends_at" in given:
            workshop.ends_at = _moment(city, given["ends_at"])
        if workshop.ends_at and (workshop.starts_at is None or workshop.ends_at <= workshop.starts_at):
            raise Invalid(_("A workshop ends after it starts."), "ends_at")
        db.session.flush()
    return workshop


def remove_workshop(city: City, number: int) -> None:
    """Take a workshop nobody has used off the line. Raises NotThere, or Invalid where something belongs to it."""
    try:
        with unit_of_work():
            gone = db.session.execute(
                delete(Workshop)
                .where(Workshop.city_id == city.id, Workshop.number == number)
                .returning(Workshop.id)
            ).first()
            if gone is None:
                raise NotThere()
    except IntegrityError as used:
        # Ideas live on a higher floor; that one refers to the workshop is known to the database.
        raise Invalid(
            _("This workshop has been used: ideas, people or a screen belong to it, so it stays.")
        ) from used


def _numbered(city: City, number: int) -> Workshop | None:
    return db.session.scalar(select(Workshop).where(Workshop.city_id == city.id, Workshop.number == number))


def _moment(city: City, value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo:
        return value
    return value.replace(tzinfo=ZoneInfo(city.time_zone))
