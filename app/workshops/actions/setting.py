"""How a workshop is set up, before it and while it runs; fair to those who have voted already."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import exists, func, select

from app.accounts.models import User
from app.cities.actions.workshops import set_workshop
from app.cities.models import City, Workshop
from app.cities.queries import curates
from app.core.errors import Invalid, NotThere
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.models import Idea, Upvote
from app.workshops.actions.driving import begin, changed
from app.workshops.models import PaperTally


def set_up(city: City, number: int, *, by: User | None, **given: Any) -> Workshop:
    """`set_workshop` by somebody who curates the city; phones and screens in the room hear of it.

    Raises as that does, NotThere, and Invalid where what was upvoted would be shown or hidden after the fact, or
    somebody would have given more upvotes than they may.
    """
    with unit_of_work():
        there = db.session.scalar(
            select(Workshop).where(Workshop.city_id == city.id, Workshop.number == number)
        )
        if there is None:
            if by is not None and not curates(by, city.id):
                raise NotThere()
            return set_workshop(city, number, **given)
        begin(there, by)
        _refuse_unfair(there, given)
        before = {name: getattr(there, name) for name in given}
        set_workshop(city, number, **given)
        if before != {name: getattr(there, name) for name in given}:
            changed(there)
    return there


def has_votes(workshop: Workshop) -> bool:
    """Whether upvotes have been given in the workshop, by hand or on phones."""
    by_phone = exists().where(Upvote.workshop_id == workshop.id)
    on_paper = exists().where(PaperTally.workshop_id == workshop.id)
    return bool(db.session.scalar(select(by_phone | on_paper)))


def _refuse_unfair(workshop: Workshop, given: dict[str, Any]) -> None:
    hides = bool(given.get("hides_counts", workshop.hides_counts))
    if hides != workshop.hides_counts and has_votes(workshop):
        raise Invalid(
            _("Upvotes have been given already: whether their counts are hidden stays as it is."),
            "hides_counts",
        )
    budget = given.get("upvote_budget")
    most = 0 if budget is None or budget == workshop.upvote_budget else _most_given(workshop)
    if budget is not None and most > budget:
        raise Invalid(
            ngettext(
                "Somebody has given %(num)d upvote already: the budget cannot be lower.",
                "Somebody has given %(num)d upvotes already: the budget cannot be lower.",
                most,
            ),
            "upvote_budget",
        )


def _most_given(workshop: Workshop) -> int:
    """How many upvotes the person has given who gave most; of ideas that became one, one counts."""
    each = (
        select(func.count().label("given"))
        .select_from(Upvote)
        .join(Idea, Idea.id == Upvote.idea_id)
        .where(Upvote.workshop_id == workshop.id, Idea.state != "merged")
        .group_by(Upvote.user_id)
        .subquery()
    )
    return db.session.scalar(select(func.max(each.c.given))) or 0
