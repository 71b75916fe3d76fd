"""Shutting somebody out until a date: they are signed out everywhere at once; what they posted stays."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from app.accounts.actions.sessions import end_all_sessions
from app.accounts.models import User
from app.accounts.policy import is_banned
from app.cities.models import City
from app.cities.queries import curated_by, curates
from app.core.database import lock
from app.core.errors import AlreadyDone, Invalid, NotAllowed, NotThere
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.moderation.actions.logging import log_act
from app.moderation.letters import you_are_banned
from app.moderation.models import Act
from app.moderation.policy import BAN_AT_MOST, can_ban


def ban(
    person: User, city: City, *, until: datetime, because: int, sentence: str, by: User | None, at: datetime
) -> Act:
    """Ban `person` until `until`, a year away at most. A ban that stands is replaced.

    Raises NotAllowed where `by` may not ban them, Invalid for a date that makes no sense, NotThere.
    """
    with unit_of_work():
        lock(person)
        if by is not None and not curates(by, city.id):
            raise NotThere()
        if not can_ban(by, person, is_moderator=bool(curated_by(person))):
            raise NotAllowed(_("This person cannot be banned by you."))
        if not at < until <= at + BAN_AT_MOST:
            raise Invalid(_("Choose a day from tomorrow on, within a year."), "until")
        before = {"banned_until": person.banned_until.isoformat() if person.banned_until else None}
        person.banned_until = until
        act = log_act(
            "ban", city.id, by=by, at=at, person=person, because=because, sentence=sentence,
            before=before, after={"banned_until": until.isoformat()},
        )  # fmt: skip
        db.session.flush()
        end_all_sessions(person, at=at)
        you_are_banned(person, act, city)
    return act


def lift_ban(person: User, city: City, *, by: User | None, at: datetime, undoes: Act | None = None) -> Act:
    """The ban is over. Raises AlreadyDone where there is none, NotThere."""
    with unit_of_work():
        lock(person)
        if by is not None and not curates(by, city.id):
            raise NotThere()
        if not is_banned(person, at):
            raise AlreadyDone(_("There is no ban any more."))
        before = {"banned_until": person.banned_until.isoformat() if person.banned_until else None}
        earlier = undoes.before["banned_until"] if undoes else None
        person.banned_until = datetime.fromisoformat(earlier) if earlier else None
        return log_act(
            "ban" if undoes else "lift_ban", city.id, by=by, at=at, person=person, before=before,
            after={"banned_until": earlier}, undoes=undoes,
        )  # fmt: skip
