"""For whom people say they work, as long as nobody has confirmed or denied it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.groups import WITHOUT_AFFILIATION
from app.accounts.models import User
from app.core.extensions import db
from app.moderation.models import Act, QueueItem
from app.organising.queries.people import Boards, Participant, boards_for_each, participants_of

SHOWN_AT_MOST = 100


@dataclass(frozen=True)
class Claim:
    """Somebody's affiliation. `denied_at`: when somebody last said that it is not confirmed."""

    who: Participant
    boards: Boards
    denied_at: datetime | None


def claims(at: datetime, *, denied: bool = False) -> tuple[Claim, ...]:
    """Those that wait, the earliest registered first; with `denied` those that were found not confirmed."""
    last = _last_denial()
    waits = _waits(last)
    query = _unverified().outerjoin(last, last.c.user_id == User.id).add_columns(last.c.at)
    query = query.where(~waits if denied else waits).order_by(User.created_at, User.id)
    rows = db.session.execute(query.limit(SHOWN_AT_MOST)).all()
    people = participants_of([user for user, _denied in rows], at)
    boards = boards_for_each([who.id for who in people])
    return tuple(
        Claim(who, boards[who.id], denied_at) for who, (_user, denied_at) in zip(people, rows, strict=True)
    )


def claims_waiting() -> int:
    """How many wait."""
    last = _last_denial()
    query = _unverified().outerjoin(last, last.c.user_id == User.id).where(_waits(last))
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _waits(last: Any) -> ColumnElement[bool]:
    """Nobody has said no, or a board's moderators are asked again since."""
    asked = select(QueueItem.id).where(
        QueueItem.subject == "person", QueueItem.needs != "", QueueItem.user_id == User.id
    )
    return or_(last.c.at.is_(None), asked.exists())


def _unverified() -> Select[Any]:
    return select(User).where(
        User.origin == "registered",
        User.erased_at.is_(None),
        User.verified_at.is_(None),
        User.affiliation.isnot(None),
        User.group.not_in(WITHOUT_AFFILIATION),
    )


def _last_denial() -> Any:
    """The moment of each person's last `unverify` that stands and that no `verify` has followed."""
    later = aliased(Act)
    return (
        select(Act.user_id, func.max(Act.at).label("at"))
        .where(
            Act.kind == "unverify",
            Act.undone_at.is_(None),
            Act.undoes_id.is_(None),
            ~select(later.id)
            .where(later.user_id == Act.user_id, later.kind == "verify", later.id > Act.id)
            .exists(),
        )
        .group_by(Act.user_id)
        .subquery()
    )
