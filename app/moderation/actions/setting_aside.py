"""Accounts whose upvotes on a board do not count, since a moderator found something wrong; reversible, in the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.accounts.models import User
from app.cities.actions.numbering import lock_board
from app.cities.models import City, Participation
from app.cities.queries import curates
from app.core.announce import announce
from app.core.errors import AlreadyDone, Invalid, NotThere
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.changing import lock_ideas
from app.ideas.actions.counting import count_anew
from app.ideas.events import CountsChanged
from app.ideas.models import Idea, Upvote
from app.ideas.rooms import waits_for_reveal
from app.moderation.actions.logging import log_act
from app.moderation.actions.queueing import as_it_was, settle, waiting_row
from app.moderation.faster import refuse_if_decided
from app.moderation.models import Act, QueueItem


def set_aside(
    city: City,
    user_ids: Sequence[int],
    *,
    sentence: str,
    by: User | None,
    at: datetime,
    item: QueueItem | None = None,
    seen: int | None = None,
) -> Act:
    """The upvotes these people gave on this board, and give from now on, do not count. Settles the alert `item`.

    Raises Invalid where none of them takes part or all are set aside already, AlreadyDone, NotThere.
    """
    with unit_of_work():
        ideas = _lock(city, user_ids)
        _begin(city, by)
        if item is not None:
            _take(item, seen)
        changed = list(
            db.session.scalars(
                update(Participation)
                .where(
                    Participation.city_id == city.id,
                    Participation.user_id.in_(user_ids),
                    Participation.set_aside_at.is_(None),
                )
                .values(set_aside_at=at)
                .returning(Participation.user_id)
            )
        )
        if not changed:
            raise Invalid(_("Tick at least one account that is not set aside yet."), "users")
        _count(ideas, changed, is_counted=False)
        before = {"queue": as_it_was(item)} if item is not None else {}
        act = log_act(
            "set_aside", city.id, by=by, at=at, sentence=sentence, item=item,
            before=before, after={"user_ids": sorted(changed), "item_id": item.id if item else None},
        )  # fmt: skip
        if item is not None:
            settle(item, act, at)
    return act


def count_again(act: Act, *, by: User | None, at: datetime, undoes: bool = False) -> Act:
    """The people whom `act` set aside count again, those with a confirmed address. Raises AlreadyDone, NotThere."""
    user_ids = [int(user_id) for user_id in act.after.get("user_ids", ())]
    city = db.session.get_one(City, act.city_id)
    with unit_of_work():
        ideas = _lock(city, user_ids)
        _begin(city, by)
        db.session.refresh(act, with_for_update=True)
        if act.kind != "set_aside" or act.undone_at is not None or act.undoes_id is not None:
            raise AlreadyDone(_("They count again already."))
        changed = list(
            db.session.scalars(
                update(Participation)
                .where(
                    Participation.city_id == city.id,
                    Participation.user_id.in_(user_ids),
                    Participation.set_aside_at.is_not(None),
                )
                .values(set_aside_at=None)
                .returning(Participation.user_id)
            )
        )
        confirmed = select(User.id).where(User.id.in_(changed), User.confirmed_at.is_not(None))
        _count(ideas, list(db.session.scalars(confirmed)), is_counted=True)
        act.undone_at = at
        return log_act(
            "set_aside" if undoes else "count_again", city.id, by=by, at=at,
            after={"user_ids": sorted(changed)}, undoes=act if undoes else None,
        )  # fmt: skip


def dismiss_alert(item: QueueItem, *, by: User | None, at: datetime, seen: int | None = None) -> Act:
    """Nothing is wrong. Raises AlreadyDone, NotThere."""
    city = db.session.get_one(City, item.city_id)
    with unit_of_work():
        _begin(city, by)
        _take(item, seen)
        act = log_act(
            "dismiss_alert", city.id, by=by, at=at, item=item,
            before={"queue": as_it_was(item)}, after={"item_id": item.id},
        )  # fmt: skip
        settle(item, act, at)
    return act


def _begin(city: City, by: User | None) -> None:
    if by is not None and not curates(by, city.id):
        raise NotThere()
    lock_board(city.id)  # before the queue's row, as everybody else does


def _take(item: QueueItem, seen: int | None) -> None:
    if waiting_row(item.key) is None or item.subject != "alert":
        raise NotThere()
    refuse_if_decided(item, seen)
    if not item.needs:
        raise AlreadyDone(_("This alert has been dealt with already."))


def _lock(city: City, user_ids: Sequence[int]) -> list[Idea]:
    """Whether these people are set aside, then the ideas of the board they have upvoted. Returns the ideas.

    Whoever upvotes reads the former, locked: so what they give at this moment is among the latter, or not counted.
    """
    db.session.execute(
        select(Participation.user_id)
        .where(Participation.city_id == city.id, Participation.user_id.in_(user_ids))
        .order_by(Participation.user_id)
        .with_for_update(key_share=True)
    )
    upvoted = select(Idea.id).join(Upvote, Upvote.idea_id == Idea.id)
    return lock_ideas(upvoted.where(Idea.city_id == city.id, Upvote.user_id.in_(user_ids)))


def _count(ideas: Sequence[Idea], user_ids: Sequence[int], *, is_counted: bool) -> None:
    """Count these people's upvotes of these ideas or not; every open page hears the new counts."""
    counting = (
        update(Upvote)
        .where(Upvote.idea_id.in_([idea.id for idea in ideas]), Upvote.user_id.in_(user_ids))
        .values(is_counted=is_counted)
    )
    if is_counted:
        counting = counting.where(~waits_for_reveal())
    db.session.execute(counting)
    for idea in ideas:
        count_anew(idea)
        announce(CountsChanged(idea.city_id, idea.id))
