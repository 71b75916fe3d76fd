"""Coming into a workshop with its code; and what becomes of accounts made there without an e-mail address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts.actions.arriving import arrive, arrived_with, vouch_for
from app.accounts.actions.erasing import erase
from app.accounts.actions.links import Address
from app.accounts.models import User
from app.cities.events import EditionEnded
from app.cities.models import Attendance, City, Edition, Workshop
from app.cities.phases import lets_in
from app.core.announce import announce
from app.core.clock import now
from app.core.database import insert_if_new, lock
from app.core.errors import Invalid, NotThere
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.workshops.events import RoomChanged


@dataclass(frozen=True)
class Newcomer:
    """What somebody new said of themselves, cleaned and checked by the form. `key` is the form's own."""

    name: str
    email: str | None
    group: str
    affiliation: str | None
    language: str | None
    key: str


def wrong_code() -> Invalid:
    """The refusal of a code that nothing, or nothing any more, can be joined with."""
    return Invalid(
        _(
            "No workshop is open with this code. A code can be renewed, and ends with its workshop: "
            "look at the screen in the room again."
        ),
        "code",
    )


def join(workshop: Workshop, code: str, *, by: User, at: datetime) -> None:
    """Somebody with an account comes in, again to the workshop they joined before. Raises Invalid."""
    with unit_of_work():
        lock(by)
        _refuse_old(workshop, code, at)
        vouch_for(by, at)  # what they have upvoted may count from now on: ideas are locked after the workshop
        _attend(workshop, by, at)


def join_as_new(workshop: Workshop, code: str, newcomer: Newcomer, *, at: datetime, link: Address) -> User:
    """Somebody new comes in, with an account made on the way; the same form makes nobody twice. Raises Invalid."""
    try:
        with unit_of_work():
            _refuse_old(workshop, code, at)
            user = arrived_with(newcomer.key) or arrive(
                newcomer.name,
                newcomer.email,
                newcomer.group,
                newcomer.affiliation,
                newcomer.language,
                room_id=workshop.id,
                at=at,
                link=link,
                key=newcomer.key,
            )
            _attend(workshop, user, at)
    except IntegrityError:  # the very form, sent twice at the same moment
        return _who_came_first(newcomer)
    return user


def name_helper(workshop: Workshop, user_id: int, is_helper: bool) -> str:
    """Let somebody who has joined type in what others say on paper, or no more. Returns their name. Raises NotThere."""
    with unit_of_work():
        row = db.session.execute(
            select(Attendance, User)
            .join(User, User.id == Attendance.user_id)
            .where(Attendance.workshop_id == workshop.id, User.id == user_id, User.erased_at.is_(None))
        ).first()
        if row is None:
            raise NotThere()
        row[0].is_helper = is_helper
        return str(row[1].name)


def erase_room_accounts(_event: EditionEnded) -> None:
    """Erase the accounts that were made in workshops of editions that are over, and have no e-mail address.

    Each in a transaction of its own: one that fails stops no other, and the next edition's end takes it along.
    """
    over = (
        select(User.id)
        .join(Workshop, Workshop.id == User.room_id)
        .join(City, City.id == Workshop.city_id)
        .join(Edition, Edition.id == City.edition_id)
        .where(User.erased_at.is_(None), Edition.is_current.is_(False))
        .order_by(User.id)
    )
    for user_id in db.session.scalars(over).all():
        with unit_of_work():
            user = db.session.scalar(
                select(User)
                .where(User.id == user_id, User.room_id.is_not(None))
                .with_for_update(key_share=True)
                .execution_options(populate_existing=True)
            )
            if user is not None:  # else it has an address by now
                erase(user, now())


def _refuse_old(workshop: Workshop, code: str, at: datetime) -> None:
    """The code as it is now: whoever renews it or closes the workshop waits until this is done."""
    db.session.refresh(workshop, with_for_update={"read": True})
    if workshop.join_code != code or not lets_in(workshop, at):
        raise wrong_code()


def _attend(workshop: Workshop, user: User, at: datetime) -> None:
    is_new = insert_if_new(Attendance, workshop_id=workshop.id, user_id=user.id, joined_at=at)
    if not is_new:
        attendance = db.session.get_one(Attendance, (workshop.id, user.id))
        attendance.joined_at = at  # the workshop joined last is the one somebody is in
    announce(RoomChanged(workshop.city_id, workshop.id))


def _who_came_first(newcomer: Newcomer) -> User:
    user = arrived_with(newcomer.key)
    if user is None:
        raise Invalid(_("That did not work. Please try again."))
    return user
