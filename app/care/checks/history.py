"""The numbered changes of each board: 1, 2, 3 … without gaps, up to the board's own number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.care.findings import Finding, fault, fine
from app.cities.models import Change, City
from app.core.config import Settings
from app.core.extensions import db
from app.ideas.models import Idea
from app.moderation.models import QueueItem


@dataclass(frozen=True)
class Broken:
    """A board whose numbers are not in order. `whole_after`: from here on all changes are there."""

    city_id: int
    slug: str
    seq: int
    newest: int
    whole_after: int
    queue_seq: int
    newest_stamp: int

    @property
    def lost_the_newest(self) -> bool:
        """Whether the last changes are not written down."""
        return self.newest < self.seq


def look(_config: Settings, _at: datetime) -> Iterator[Finding]:
    """Each board's numbers, and the numbers its ideas remember."""
    found = broken_boards()
    for board in found:
        yield fault("changes", _told(board), can_be_repaired=True)
    astray = ideas_astray()
    if astray:
        yield fault("changes", f"{len(astray)} ideas remember a wrong last change.", can_be_repaired=True)
    if not found and not astray:
        kept = db.session.scalar(select(func.count()).select_from(Change)) or 0
        yield fine("changes", f"{kept:,} are kept, without gaps.")


def _told(board: Broken) -> str:
    if board.newest > board.seq:
        return f"/{board.slug} is at {board.seq}, and has changes up to {board.newest}."
    if board.newest_stamp > board.queue_seq:
        return f"the queue of /{board.slug} is at {board.queue_seq}, and has rows up to {board.newest_stamp}."
    if board.lost_the_newest:
        return f"/{board.slug} is at {board.seq}, and has changes up to {board.newest} only."
    return f"/{board.slug} lacks changes before {board.whole_after + 1}."


def broken_boards() -> list[Broken]:
    """The boards whose numbers are not in order. A board that has forgotten all its changes is."""
    before = func.lag(Change.number).over(partition_by=Change.city_id, order_by=Change.number)
    steps = select(Change.city_id, Change.number, before.label("before")).subquery()
    gaps = (
        select(steps.c.city_id, func.max(steps.c.number) - 1)
        .where(steps.c.before.is_not(None), steps.c.number != steps.c.before + 1)
        .group_by(steps.c.city_id)
    )
    last_gap = dict(db.session.execute(gaps).all())
    newest = _largest(Change.city_id, Change.number)
    stamps = _largest(QueueItem.city_id, QueueItem.stamp)
    boards = [
        Broken(city.id, city.slug, city.seq, newest.get(city.id, city.seq), last_gap.get(city.id, 0),
               city.queue_seq, stamps.get(city.id, 0))
        for city in db.session.execute(select(City.id, City.slug, City.seq, City.queue_seq).order_by(City.id))
    ]  # fmt: skip
    return [
        one for one in boards if one.newest != one.seq or one.whole_after or one.newest_stamp > one.queue_seq
    ]


def ideas_astray() -> dict[int, int]:
    """The ideas that remember an older last change than is written down of them: by id, the right one."""
    newest = (
        select(Change.city_id, Change.idea_id, func.max(Change.number).label("number"))
        .group_by(Change.city_id, Change.idea_id)
        .subquery()
    )
    wrong = (
        select(Idea.id, newest.c.number)
        .join(newest, (newest.c.idea_id == Idea.id) & (newest.c.city_id == Idea.city_id))
        .where(Idea.last_change != newest.c.number)
    )
    return dict(db.session.execute(wrong.order_by(Idea.id)).all())


def _largest(city_id: object, number: object) -> dict[int, int]:
    rows = db.session.execute(select(city_id, func.max(number)).group_by(city_id))  # type: ignore[call-overload]
    return {city: int(largest) for city, largest in rows}
