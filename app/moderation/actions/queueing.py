"""Puts items into a city's queue and takes them out. Every change of one has the queue's next number, its stamp."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from app.accounts.models import User
from app.cities.actions.numbering import lock_board
from app.cities.models import City
from app.cities.queries import curates
from app.core.announce import announce
from app.core.clock import now
from app.core.extensions import db
from app.ideas.events import Contributed, Withdrawn
from app.ideas.models import Comment, Idea
from app.moderation.actions.judging import judge_reports
from app.moderation.events import QueueChanged
from app.moderation.items import Item, comment_id_of, idea_of, key_of
from app.moderation.models import NEEDS, Act, QueueItem


def enqueue_contribution(event: Contributed) -> None:
    """What somebody posted or edited waits to be looked at; moderators' own does not."""
    author = db.session.get_one(User, event.user_id)
    if curates(author, event.city_id):
        return
    need = "new" if event.is_public else "held"
    key = f"comment:{event.comment_id}" if event.comment_id is not None else f"idea:{event.idea_id}"
    subject = "comment" if event.comment_id is not None else "idea"
    item = None if event.is_new else waiting_row(key)
    if item is None:
        item = _add(key, event.city_id, subject, idea_id=event.idea_id, comment_id=event.comment_id)
    at = now()
    need_attention(item, need, at)
    if author.affiliation and author.verified_at is None:
        ask_to_verify(event.city_id, author, at)


def dequeue_withdrawn(event: Withdrawn) -> None:
    """Nobody need look at what its author took back, and nobody finds it among what is settled."""
    key = f"comment:{event.comment_id}" if event.comment_id is not None else f"idea:{event.idea_id}"
    item = waiting_row(key)
    if item is not None:
        item.needs, item.urgency, item.reports, item.settled_at = "", 0, 0, None
        stamp(item)
    if event.comment_id is not None:
        judge_reports(db.session.get_one(Comment, event.comment_id), "moot", now())
    else:
        judge_reports(db.session.get_one(Idea, event.idea_id), "moot", now())


def ask_to_verify(city_id: int, person: User, at: datetime) -> None:
    """Somebody who takes part here names an affiliation that nobody has confirmed: asked once a city."""
    key = f"person:{city_id}:{person.id}"
    if db.session.scalar(select(QueueItem.id).where(QueueItem.key == key)) is None:
        need_attention(_add(key, city_id, "person", user_id=person.id), "verify", at)


def raise_alert(
    city_id: int, key: str, seen: dict[str, Any], at: datetime, idea_id: int | None = None
) -> bool:
    """Something looks odd: `seen` says what. The same alert again only brings what was seen up to date.

    One that a moderator has decided about waits again once its `count` has doubled; False until then.
    """
    lock_board(city_id)  # before the queue's row, as who decides about it does; and so that it is one row
    item = waiting_row(f"alert:{key}")
    if item is None:
        item = _add(f"alert:{key}", city_id, "alert", idea_id=idea_id)
    elif item.decisions and not item.needs and _count(seen) < 2 * _count(item.seen):
        return False
    item.seen = seen
    need_attention(item, "alert", at)
    return True


def _count(seen: dict[str, Any] | None) -> int:
    return int((seen or {}).get("count", 0))


def waiting_row(key: str) -> QueueItem | None:
    """The queue's row of this name, locked."""
    return db.session.scalar(
        select(QueueItem)
        .where(QueueItem.key == key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def row_of(item: Item) -> QueueItem:
    """The queue's row of an idea or comment, made where there is none yet."""
    found = waiting_row(key_of(item))
    if found is not None:
        return found
    idea, comment_id = idea_of(item), comment_id_of(item)
    subject = "idea" if comment_id is None else "comment"
    return _add(key_of(item), idea.city_id, subject, idea_id=idea.id, comment_id=comment_id)


def _add(key: str, city_id: int, subject: str, **of: int | None) -> QueueItem:
    item = QueueItem(
        key=key, city_id=city_id, subject=subject, needs="", urgency=0, since=now(),
        reports=0, decisions=0, stamp=0, **of,
    )  # fmt: skip
    db.session.add(item)
    db.session.flush()
    return item


def need_attention(item: QueueItem, need: str, at: datetime) -> None:
    """`item` waits for a moderator, because of `need` unless something more urgent is known already."""
    if not item.needs:
        item.needs, item.since, item.settled_at = need, at, None
    elif NEEDS.index(need) < NEEDS.index(item.needs):
        item.needs = need
    item.urgency = NEEDS.index(item.needs)
    stamp(item)


def settle(item: QueueItem, act: Act, at: datetime) -> None:
    """A moderator has decided: the item waits no longer."""
    item.needs, item.urgency, item.reports, item.not_for_id = "", 0, 0, None
    item.settled_at = at
    note_decision(item, act)


def note_decision(item: QueueItem, act: Act) -> None:
    """One more act on the item, whether it settles it or not."""
    item.act_id = act.id
    item.decisions += 1
    stamp(item)


def stamp(item: QueueItem) -> None:
    """Give the item the queue's next number, and let the moderators' pages know."""
    item.stamp = db.session.execute(
        update(City)
        .where(City.id == item.city_id)
        .values(queue_seq=City.queue_seq + 1)
        .returning(City.queue_seq)
    ).scalar_one()
    db.session.flush()
    announce(QueueChanged(item.city_id, (item.id,)))


def as_it_was(item: QueueItem) -> dict[str, Any]:
    """What undoing an act needs to put the item back into the queue."""
    return {
        "needs": item.needs,
        "since": item.since.isoformat(),
        "reports": item.reports,
        "not_for_id": item.not_for_id,
    }


def put_back(item: QueueItem, was: dict[str, Any], at: datetime, open_reports: int = 0) -> None:
    """The item waits again as it did before an act, with all reports that are open now: some may have come since."""
    item.needs, item.reports, item.not_for_id = was["needs"], open_reports, was["not_for_id"]
    item.since = datetime.fromisoformat(was["since"])
    item.urgency = NEEDS.index(item.needs) if item.needs else 0
    item.settled_at = None if item.needs else item.settled_at
    if open_reports:
        need_attention(item, "reported", at)
