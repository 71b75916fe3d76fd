"""What moderation keeps of somebody who is gone: that things happened, not what they wrote about them."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from app.accounts.events import AccountErased
from app.cities.models import Moderator
from app.core.extensions import db
from app.moderation.actions.queueing import stamp
from app.moderation.models import Objection, QueueItem, Report


def forget_person(event: AccountErased) -> None:
    """Nobody's moderator any more, no affiliation to verify, no words of theirs in reports and objections."""
    db.session.execute(delete(Moderator).where(Moderator.user_id == event.user_id))
    db.session.execute(update(Report).where(Report.user_id == event.user_id).values(sentence=""))
    db.session.execute(update(Objection).where(Objection.user_id == event.user_id).values(text=""))
    for item in db.session.scalars(
        select(QueueItem)
        .where(QueueItem.user_id == event.user_id, QueueItem.subject == "person", QueueItem.needs != "")
        .order_by(QueueItem.city_id)
    ).all():
        item.needs, item.urgency = "", 0
        stamp(item)
