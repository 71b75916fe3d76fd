"""Participants report an item; many reports within an hour hold it until a moderator has looked.

The weight of a report is (1 + upheld) / (1 + upheld + dismissed), over the reporter's earlier reports on all boards:
1 for somebody new, a half after one report that was not right, 0 for an account without a confirmed address.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.policy import may_take_part
from app.core.config import settings
from app.core.database import insert_if_new
from app.core.errors import AlreadyDone, Invalid, NotAllowed, NotThere
from app.core.extensions import db
from app.core.text import clean_text
from app.core.unit_of_work import unit_of_work
from app.ideas.models import Idea
from app.moderation.actions.logging import log_act
from app.moderation.actions.marking import marks_of
from app.moderation.actions.queueing import as_it_was, need_attention, note_decision, row_of
from app.moderation.actions.showing import lock_item, put_into_state
from app.moderation.items import Item, comment_id_of, idea_of, key_of
from app.moderation.models import SENTENCE_MAX, Reason, Report

WINDOW = timedelta(hours=1)
_ENOUGH = 1e-9
"""Weights are fractions; their sum is compared with a little patience."""


def report(item: Item, *, because: int, sentence: str, by: User, at: datetime) -> Report:
    """Report a public item, once a person. Where the reports of the last hour weigh enough, it is held.

    Raises AlreadyDone for a second report, Invalid, NotAllowed for one's own or without the right, NotThere.
    """
    with unit_of_work():
        lock_item(item)
        idea = idea_of(item)
        if item.state != "published" or not idea.is_published:
            raise NotThere()
        if item.author_id == by.id:
            raise NotAllowed(_("This is your own. You can edit or withdraw it, or ask a moderator."))
        if not may_take_part(by, at):
            raise NotAllowed(_("Please confirm your e-mail address first."))
        reason = db.session.get(Reason, because)
        if reason is None or reason.is_retired:
            raise Invalid(_("Choose a reason from the list."), "reason")
        sentence = clean_text(sentence).strip()
        if len(sentence) > SENTENCE_MAX:
            raise Invalid(_("Shorten this to %(max)d characters.", max=SENTENCE_MAX), "sentence")
        is_new = insert_if_new(
            Report,
            item_key=key_of(item),
            city_id=idea.city_id,
            idea_id=idea.id,
            comment_id=comment_id_of(item),
            user_id=by.id,
            reason_id=because,
            sentence=sentence,
            weight=weight_of(by),
            created_at=at,
        )
        if not is_new:
            raise AlreadyDone(_("You have reported this already."))
        queued = row_of(item)
        queued.reports += 1
        need_attention(queued, "reported", at)
        if _weigh(item, at) >= settings().reports_to_hold - _ENOUGH:
            _hold(item, at)
        return db.session.scalars(
            select(Report).where(Report.item_key == key_of(item), Report.user_id == by.id)
        ).one()


def already_reported(item: Item, user: User) -> bool:
    """Whether this person has reported the item before."""
    query = select(Report.id).where(Report.item_key == key_of(item), Report.user_id == user.id)
    return db.session.scalar(query) is not None


def weight_of(user: User) -> float:
    """What this person's next report weighs, from 0 to 1: see above."""
    if not user.is_confirmed:
        return 0.0
    counts: dict[str | None, int] = dict(
        db.session.execute(
            select(Report.outcome, func.count())
            .where(Report.user_id == user.id, Report.outcome.is_not(None))
            .group_by(Report.outcome)
        ).all()
    )
    upheld, dismissed = counts.get("upheld", 0), counts.get("dismissed", 0)
    return (1 + upheld) / (1 + upheld + dismissed)


def _weigh(item: Item, at: datetime) -> float:
    return float(
        db.session.scalar(
            select(func.coalesce(func.sum(Report.weight), 0.0)).where(
                Report.item_key == key_of(item), Report.outcome.is_(None), Report.created_at > at - WINDOW
            )
        )
        or 0.0
    )


def _hold(item: Item, at: datetime) -> None:
    queued = row_of(item)
    before = {"state": item.state, "queue": as_it_was(queued)}
    if isinstance(item, Idea):
        before |= marks_of(item, ["pinned_at"])
    put_into_state(item, "held", at)
    act = log_act(
        "hold", idea_of(item).city_id, by=None, at=at, on=item, before=before, after={"state": "held"},
        role="board",
    )  # fmt: skip
    need_attention(queued, "held", at)
    note_decision(queued, act)
