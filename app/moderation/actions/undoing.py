"""Taking an act back within ten minutes: what it changed is again exactly what it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.accounts.models import User
from app.cities.actions.numbering import lock_board
from app.cities.models import City
from app.cities.queries import curates
from app.core.database import lock
from app.core.errors import AlreadyDone, Invalid, NotThere
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.models import PINS_MAX, Comment, Idea
from app.moderation.actions.banning import lift_ban
from app.moderation.actions.judging import judge_objections, reopen
from app.moderation.actions.logging import log_act
from app.moderation.actions.marking import marks_of, show_mark
from app.moderation.actions.merging import lock_merged, take_apart
from app.moderation.actions.queueing import note_decision, put_back, row_of, stamp, waiting_row
from app.moderation.actions.setting_aside import count_again
from app.moderation.actions.showing import lock_item, pin_again, put_into_state
from app.moderation.actions.verifying import set_back
from app.moderation.items import Item
from app.moderation.models import Act, QueueItem
from app.moderation.policy import OBJECTIONABLE, can_undo


def undo(act: Act, *, by: User, at: datetime) -> Act:
    """Take `act` back; anybody who moderates its board may, for ten minutes.

    Raises AlreadyDone where it is too late, undone already, or something else has happened since; NotThere.
    """
    with unit_of_work():
        if not curates(by, act.city_id):
            raise NotThere()
        undone = _UNDO[_family(act.kind)](act, by, at)
        act.undone_at = at
    return undone


def refuse_unless_open(act: Act, at: datetime) -> None:
    """Raises AlreadyDone where the act cannot be undone any more. The act is read afresh, under its item's lock."""
    db.session.refresh(act, with_for_update=True)
    if not can_undo(act, at):
        raise AlreadyDone(_("This cannot be undone any more."))


def _family(kind: str) -> str:
    for family, kinds in _FAMILIES.items():
        if kind in kinds:
            return family
    raise AlreadyDone(_("This cannot be undone."))


def _undo_decision(act: Act, by: User, at: datetime) -> Act:
    item = _item_of(act)
    lock_item(item)
    queued = row_of(item)
    refuse_unless_open(act, at)
    if item.state != act.after["state"] or queued.act_id != act.id:
        raise AlreadyDone(_("Something else has happened since. Look at it again."))
    if isinstance(item, Idea) and act.before["state"] == "published":
        pin_again(item, act)
    if act.before["state"] != item.state:
        put_into_state(item, act.before["state"], at)
    if act.kind in OBJECTIONABLE:
        judge_objections(item, "upheld", at)
    put_back(queued, act.before["queue"], at, reopen(item, act.at))
    return _log(act, queued, item, by, at)


def _undo_mark(act: Act, by: User, at: datetime) -> Act:
    item = _item_of(act)
    if not isinstance(item, Idea):
        raise NotThere()
    lock(item)
    queued = row_of(item)
    refuse_unless_open(act, at)
    if marks_of(item, list(act.after)) != act.after:
        raise AlreadyDone(_("Something else has happened since. Look at it again."))
    if act.before.get("pinned_at"):
        if not item.is_published:
            raise AlreadyDone(_("Something else has happened since. Look at it again."))
        _refuse_fourth_pin(item.city_id)
    show_mark(item, act.before, at)
    return _log(act, queued, item, by, at)


def _undo_merge(act: Act, by: User, at: datetime) -> Act:
    item = _item_of(act)
    if not isinstance(item, Idea):
        raise NotThere()
    lock_merged(item)
    refuse_unless_open(act, at)
    undone = take_apart(item, by=by, at=at, undoes=act)
    queued = row_of(item)
    put_back(queued, act.before["queue"], at, reopen(item, act.at))
    stamp(queued)
    return undone


def _undo_ban(act: Act, by: User, at: datetime) -> Act:
    person, city = _person_of(act), db.session.get_one(City, act.city_id)
    lock(person)
    refuse_unless_open(act, at)
    if person.banned_until != datetime.fromisoformat(act.after["banned_until"]):
        raise AlreadyDone(_("Something else has happened since. Look at it again."))
    return lift_ban(person, city, by=by, at=at, undoes=act)


def _undo_verification(act: Act, by: User, at: datetime) -> Act:
    person = _person_of(act)
    lock(person)
    refuse_unless_open(act, at)
    left = act.after["verified_at"]
    if person.verified_at != (datetime.fromisoformat(left) if left else None):
        raise AlreadyDone(_("Something else has happened since. Look at it again."))
    return set_back(person, act, by=by, at=at)


def _undo_set_aside(act: Act, by: User, at: datetime) -> Act:
    if not can_undo(act, at):
        raise AlreadyDone(_("This cannot be undone any more."))
    undone = count_again(act, by=by, at=at, undoes=True)
    _put_alert_back(act, undone)
    return undone


def _undo_dismissal(act: Act, by: User, at: datetime) -> Act:
    lock_board(act.city_id)
    refuse_unless_open(act, at)
    undone = log_act("dismiss_alert", act.city_id, by=by, at=at, undoes=act)
    _put_alert_back(act, undone)
    return undone


_UNDO: dict[str, Callable[[Act, User, datetime], Act]] = {
    "decision": _undo_decision,
    "mark": _undo_mark,
    "merge": _undo_merge,
    "ban": _undo_ban,
    "verification": _undo_verification,
    "set_aside": _undo_set_aside,
    "dismissal": _undo_dismissal,
}
_FAMILIES = {
    "decision": ("hide", "decline", "hold", "restore", "approve", "keep"),
    "mark": ("pin", "unpin", "lock", "unlock", "retag", "answer"),
    "merge": ("merge",),
    "ban": ("ban",),
    "verification": ("verify", "unverify"),
    "set_aside": ("set_aside",),
    "dismissal": ("dismiss_alert",),
}


def _log(act: Act, queued: QueueItem, item: Item, by: User, at: datetime) -> Act:
    undone = log_act(
        act.kind, act.city_id, by=by, at=at, on=item, before=act.after, after=act.before, undoes=act
    )
    note_decision(queued, undone)
    return undone


def _put_alert_back(act: Act, undone: Act) -> None:
    item = db.session.get(QueueItem, act.after["item_id"]) if act.after.get("item_id") else None
    if item is not None and waiting_row(item.key) is not None and act.before.get("queue"):
        put_back(item, act.before["queue"], undone.at)
        note_decision(item, undone)


def _refuse_fourth_pin(city_id: int) -> None:
    lock_board(city_id)
    pinned = select(func.count()).where(Idea.city_id == city_id, Idea.pinned_at.is_not(None))
    if (db.session.scalar(pinned) or 0) >= PINS_MAX:
        raise Invalid(_("%(max)d ideas are pinned already. Unpin one first.", max=PINS_MAX))


def _item_of(act: Act) -> Item:
    item: Item | None = None
    if act.comment_id is not None:
        item = db.session.get(Comment, act.comment_id)
    elif act.idea_id is not None:
        item = db.session.get(Idea, act.idea_id)
    if item is None or item.state == "withdrawn":
        raise NotThere()
    return item


def _person_of(act: Act) -> User:
    person = db.session.get(User, act.user_id) if act.user_id is not None else None
    if person is None or person.erased_at is not None:
        raise NotThere()
    return person
