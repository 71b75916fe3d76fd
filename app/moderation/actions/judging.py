"""What comes of reports and objections when a moderator decides about their item."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from app.core.announce import announce
from app.core.extensions import db
from app.moderation.events import ObjectionDecided, ReportsDecided
from app.moderation.items import Item, comment_id_of, idea_of, key_of
from app.moderation.models import Objection, Report


def judge_reports(item: Item, outcome: str, at: datetime) -> None:
    """All open reports of the item were right (`upheld`), not right (`dismissed`) or without object (`moot`).

    The reporters hear it.
    """
    reporters = db.session.scalars(
        update(Report)
        .where(Report.item_key == key_of(item), Report.outcome.is_(None))
        .values(outcome=outcome, decided_at=at)
        .returning(Report.user_id)
    ).all()
    if reporters:
        idea = idea_of(item)
        announce(ReportsDecided(idea.city_id, idea.id, comment_id_of(item), outcome, tuple(reporters)))


def judge_objections(item: Item, outcome: str, at: datetime) -> None:
    """The open objection to an act on the item was right (`upheld`) or not (`dismissed`); its author hears it."""
    for act_id, user_id in db.session.execute(
        update(Objection)
        .where(Objection.item_key == key_of(item), Objection.outcome.is_(None))
        .values(outcome=outcome, decided_at=at)
        .returning(Objection.act_id, Objection.user_id)
    ).all():
        announce(ObjectionDecided(act_id, user_id, outcome))


def reopen(item: Item, decided_at: datetime) -> int:
    """What was judged with an act that is undone is open again. Returns how many reports are."""
    for table in (Objection, Report):
        db.session.execute(
            update(table)
            .where(table.item_key == key_of(item), table.decided_at == decided_at)
            .values(outcome=None, decided_at=None)
        )
    return len(
        db.session.scalars(
            select(Report.id).where(Report.item_key == key_of(item), Report.outcome.is_(None))
        ).all()
    )
