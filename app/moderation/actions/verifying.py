"""Confirming for whom somebody works, or saying that it is not confirmed."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.events import AffiliationRefuted, AffiliationVerified
from app.accounts.models import User
from app.cities.models import City
from app.cities.queries import curates
from app.core.announce import announce
from app.core.database import lock
from app.core.errors import AlreadyDone, Invalid, NotThere
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.moderation.actions.logging import log_act
from app.moderation.actions.queueing import need_attention, note_decision, settle, waiting_row
from app.moderation.models import Act, QueueItem


def verify(person: User, city: City, *, by: User | None, at: datetime) -> Act:
    """Put the badge beside this person's name. Raises AlreadyDone, Invalid without an affiliation, NotThere."""
    return _set("verify", person, city, by, at)


def unverify(person: User, city: City, *, by: User | None, at: datetime) -> Act:
    """Take the badge back, or say after a look that there will be none. Raises AlreadyDone, NotThere."""
    return _set("unverify", person, city, by, at)


def _set(kind: str, person: User, city: City, by: User | None, at: datetime) -> Act:
    with unit_of_work():
        lock(person)
        if person.erased_at is not None or (by is not None and not curates(by, city.id)):
            raise NotThere()
        if not person.affiliation:
            raise Invalid(_("This person has named no affiliation."))
        before = {"verified_at": person.verified_at.isoformat() if person.verified_at else None}
        waiting = _waiting(person)
        if kind == "verify" and person.verified_at is not None:
            raise AlreadyDone(_("This affiliation is verified already."))
        if kind == "unverify" and person.verified_at is None and not waiting and _is_refuted(person):
            raise AlreadyDone(_("This affiliation is not verified."))
        was_verified = person.verified_at is not None
        person.verified_at = at if kind == "verify" else None
        db.session.flush()
        if was_verified or kind == "verify":
            announce(AffiliationVerified(person.id) if kind == "verify" else AffiliationRefuted(person.id))
        act = log_act(
            kind, city.id, by=by, at=at, person=person, before=before,
            after={"verified_at": at.isoformat() if kind == "verify" else None},
            item=waiting[0] if waiting else None,
        )  # fmt: skip
        for item in waiting:  # one look is enough for all cities
            settle(item, act, at)
    return act


def _waiting(person: User) -> list[QueueItem]:
    return list(
        db.session.scalars(
            select(QueueItem)
            .where(QueueItem.user_id == person.id, QueueItem.subject == "person", QueueItem.needs != "")
            .order_by(QueueItem.city_id)
        )
    )


def _is_refuted(person: User) -> bool:
    """Whether the last decision that stands said no. Nobody may have decided: not everybody has posted yet."""
    last = (
        select(Act.kind)
        .where(Act.user_id == person.id, Act.kind.in_(("verify", "unverify")))
        .where(Act.undone_at.is_(None), Act.undoes_id.is_(None))
        .order_by(Act.id.desc())
        .limit(1)
    )
    return db.session.scalar(last) == "unverify"


def set_back(person: User, act: Act, *, by: User, at: datetime) -> Act:
    """The badge as it was before `act`; where nobody had decided, the city's queue asks again. Inside a transaction."""
    was = act.before["verified_at"]
    person.verified_at = datetime.fromisoformat(was) if was else None
    db.session.flush()
    announce(AffiliationVerified(person.id) if was else AffiliationRefuted(person.id))
    undone = log_act(
        act.kind, act.city_id, by=by, at=at, person=person, before=act.after, after=act.before, undoes=act
    )
    item = waiting_row(f"person:{act.city_id}:{person.id}")
    if item is not None:
        if was is None:
            need_attention(item, "verify", at)
        note_decision(item, undone)
    return undone
