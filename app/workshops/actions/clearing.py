"""Removing a rehearsal without a trace, and what simulated people who leave mean for the workshops they were in."""

from __future__ import annotations

from datetime import datetime

from flask_babel import ngettext
from sqlalchemy import Select, delete, func, select

from app.accounts.models import User
from app.cities.models import Attendance, Workshop
from app.core.announce import announce
from app.core.clock import now
from app.core.database import lock
from app.core.errors import Invalid
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.leaving import leave_without_trace
from app.ideas.events import IdeasLeaving, PeopleLeaving, PeopleLeft
from app.workshops.actions.closing import freeze
from app.workshops.actions.driving import begin, changed
from app.workshops.actions.rehearsing import end
from app.workshops.actions.tallying import forget_tallies_in
from app.workshops.events import RoomChanged
from app.workshops.models import Rehearsal, WorkshopResult


def remove_rehearsal(workshop: Workshop, *, by: User | None, at: datetime) -> int:
    """Take its people, ideas, comments and upvotes away; a run at work ends. Returns how many ideas went.

    What others wrote or gave below those ideas goes with them, their own ideas stay. A result that was kept is made
    anew without them. Raises NotThere.
    """
    with unit_of_work():
        return _remove(workshop, by, at)


def start_afresh(workshop: Workshop, *, by: User | None, at: datetime) -> int:
    """`remove_rehearsal`, and the workshop is as if it had never been opened: no result, no tallies, another code.

    Raises Invalid where somebody real has joined it, NotThere.
    """
    with unit_of_work():
        gone = _remove(workshop, by, at)
        others = others_in(workshop.id)
        if others:
            raise Invalid(
                ngettext(
                    "%(num)d person who is not simulated has joined this workshop, so it goes on as it is.",
                    "%(num)d people who are not simulated have joined this workshop, so it goes on as it is.",
                    others,
                )
            )
        forget_tallies_in(workshop)
        db.session.execute(delete(WorkshopResult).where(WorkshopResult.workshop_id == workshop.id))
        workshop.phase, workshop.shows = "lobby", "join"
        workshop.opened_at = workshop.closed_at = workshop.spotlight_id = None
        workshop.timer_ends_at = workshop.timer_left_ms = None
        workshop.join_code = None  # who opens it makes another; the old one lets nobody in
        changed(workshop)
        return gone


def people_of_rehearsal(workshop_id: int) -> Select[int]:
    """The ids of the simulated people of a workshop, as a query."""
    return select(User.id).where(User.import_key.startswith(f"rehearsal/{workshop_id}/", autoescape=True))


def others_in(workshop_id: int) -> int:
    """How many have joined the workshop who are not simulated."""
    query = select(func.count()).where(
        Attendance.workshop_id == workshop_id, Attendance.user_id.not_in(people_of_rehearsal(workshop_id))
    )
    return db.session.scalar(query) or 0


def _remove(workshop: Workshop, by: User | None, at: datetime) -> int:
    row = db.session.get(Rehearsal, workshop.id, with_for_update=True)
    begin(workshop, by)
    gone = leave_without_trace(people_of_rehearsal(workshop.id), at)
    if row is not None:
        db.session.delete(row)
        db.session.flush()
    return gone


def end_rehearsals(event: PeopleLeaving) -> None:
    """Runs whose people leave are over; before anything else is locked but their workshops and those with a light."""
    rows = select(Rehearsal).where(Rehearsal.workshop_id.in_(event.workshop_ids))
    for row in db.session.scalars(rows.order_by(Rehearsal.workshop_id).with_for_update()).all():
        end(row, now())
    meant = Workshop.id.in_(event.workshop_ids) | Workshop.spotlight_id.is_not(None)
    db.session.scalars(
        select(Workshop).where(meant).order_by(Workshop.id).with_for_update(key_share=True)
    ).all()


def put_out_lights(event: IdeasLeaving) -> None:
    """No workshop has an idea in the light that is gone."""
    lit = select(Workshop).where(Workshop.spotlight_id.in_(event.idea_ids)).order_by(Workshop.id)
    for workshop in db.session.scalars(lit).all():
        lock(workshop)
        workshop.spotlight_id = None
        changed(workshop)


def tell_rooms(event: PeopleLeft) -> None:
    """Rooms have fewer people, and what was kept of closed ones is made anew without those who left."""
    for workshop_id in event.workshop_ids:
        workshop = db.session.get_one(Workshop, workshop_id)
        announce(RoomChanged(workshop.city_id, workshop.id))
        kept = db.session.get(WorkshopResult, workshop.id)
        if kept is not None:
            freeze(workshop, kept.made_at)
