"""Rehearsals: begun, going on, stopped. One run a workshop at a time; what its people do is in `acting`."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.cities.models import Workshop
from app.core.database import insert_if_new
from app.core.errors import AlreadyDone, Invalid, NotThere
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.workshops.actions.driving import begin
from app.workshops.models import Rehearsal

PEOPLE, MINUTES = 20, 5
PEOPLE_MAX, MINUTES_MAX = 60, 60
WAITS_AT_MOST = timedelta(minutes=30)
"""So long its people wait at the door of a workshop that nobody opens."""
GONE_AFTER = timedelta(seconds=20)
"""Without a sign of the run: its process has ended."""


def start_rehearsal(workshop: Workshop, *, people: int, minutes: int, by: User | None, at: datetime) -> str:
    """Begin a run: so many people, for so long once the workshop is open. Returns the name of the run.

    Raises AlreadyDone while one is at work, Invalid for a closed workshop or numbers out of bounds, NotThere.
    """
    if not 1 <= people <= PEOPLE_MAX:
        raise Invalid(_("From 1 to %(most)d people can rehearse.", most=PEOPLE_MAX), "people")
    if not 1 <= minutes <= MINUTES_MAX:
        raise Invalid(_("A rehearsal takes from 1 to %(most)d minutes.", most=MINUTES_MAX), "minutes")
    with unit_of_work():
        insert_if_new(
            Rehearsal, workshop_id=workshop.id, run="", people=people, minutes=minutes, silent=0,
            started_at=at, seen_at=at, ended_at=at,
        )  # fmt: skip
        row = _locked(workshop.id)
        begin(workshop, by)
        if workshop.phase == "closed":
            raise Invalid(_("This workshop is closed: remove the rehearsal and start afresh."))
        if row is None or is_at_work(row, at):
            raise AlreadyDone(_("A rehearsal is at work in this workshop already."))
        row.run, row.people, row.minutes, row.silent = secrets.token_hex(8), people, minutes, 0
        row.started_at = row.seen_at = at
        row.until = row.ended_at = None
        return row.run


def stop_rehearsal(workshop: Workshop, *, by: User | None, at: datetime) -> None:
    """Its people do nothing more; what they did stays until it is removed. Again changes nothing. Raises NotThere."""
    with unit_of_work():
        row = _locked(workshop.id)
        begin(workshop, by)
        if row is not None:
            end(row, at)


def go_on(workshop_id: int, run: str, at: datetime, *, silent: int) -> Workshop | None:
    """A beat of the run, so many of its people silent. Returns the workshop, or None where the run is over."""
    with unit_of_work():
        row = _locked(workshop_id)
        if row is None or row.run != run or row.ended_at is not None:
            return None
        workshop = db.session.get_one(Workshop, workshop_id)
        row.seen_at, row.silent = at, silent
        if workshop.is_open and row.until is None:
            row.until = at + timedelta(minutes=row.minutes)
        ends_at = row.until or row.started_at + WAITS_AT_MOST
        if workshop.phase == "closed" or at >= ends_at:
            end(row, at)
            return None
        return workshop


def hold_stage(workshop_id: int, run: str) -> Workshop:
    """Inside a transaction: the workshop, while the run is at work. Who stops or removes it waits. Raises NotThere."""
    row = _locked(workshop_id)
    if row is None or row.run != run or row.ended_at is not None:
        raise NotThere()
    return db.session.get_one(Workshop, workshop_id)


def end(row: Rehearsal, at: datetime) -> None:
    """The locked run is over."""
    row.ended_at = row.ended_at or at
    row.silent = 0


def is_at_work(row: Rehearsal, at: datetime) -> bool:
    """Whether the run goes on: somebody has seen it a moment ago."""
    return row.ended_at is None and at - row.seen_at < GONE_AFTER


def _locked(workshop_id: int) -> Rehearsal | None:
    """Before anything else is locked: whoever acts in a rehearsal holds this first."""
    return db.session.scalar(
        select(Rehearsal)
        .where(Rehearsal.workshop_id == workshop_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
