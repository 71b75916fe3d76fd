"""What a process has not heard on the bus, found in the database and told after all.

Changes have numbers, so a number that was never told is seen at once. Counts have none: what they were when they were
last told is kept here, and compared. While the bus is away all of it is looked for every time; while it works only
the numbers are, with one query, against what a writer could not say any more before its end.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy import func, select

from app.cities.models import Change, City
from app.core.extensions import db
from app.ideas.events import BoardChanged
from app.ideas.queries.counts import all_counts
from app.moderation.events import QueueChanged

log = structlog.get_logger(__name__)

RIPENS_SECONDS = 1.0
"""So long a number may be on its way by the bus before it counts as lost."""
REPLAYED_AT_MOST = 200
"""Changes of a board told one by one; of more only the last, whose gap makes the pages ask for all of them."""
REST = 20.0
"""Counts are compared again after this many times as long as comparing took: a large board is not looked at all day."""


@dataclass
class Board:
    """How far the pages that watch one city have been told."""

    told: int
    """Every change up to this number."""
    stamp: int
    counts: dict[int, int]
    """What they were when they were last told."""
    beyond: set[int] = field(default_factory=set)
    """Changes after `told`, told out of turn."""
    behind_since: float | None = None


class Missed:
    """Used by delivery's thread alone, but for `begin`."""

    def __init__(self, tell: Callable[[object], None], count: Callable[[int, set[int]], None]) -> None:
        self._tell, self._count = tell, count
        self._boards: dict[int, Board] = {}
        self._rests_until = 0.0

    def forget(self) -> None:
        """Begin anew, for another application."""
        self._boards.clear()
        self._rests_until = 0.0

    def begin(self, city_id: int, seq: int, stamp: int) -> None:
        """Somebody watches the city from now on, knowing its number and its queue's.

        What is counted now is what later counts are compared with. So it is counted before the page is answered, which
        asks once more afterwards: a count that moves in between is not taken for one that was told.
        """
        if city_id not in self._boards:
            self._boards.setdefault(city_id, Board(seq, stamp, all_counts(city_id)))

    def is_told(self, city_id: int, number: int) -> bool:
        """Whether this change has been told before."""
        board = self._boards.get(city_id)
        return board is not None and (number <= board.told or number in board.beyond)

    def told(self, city_id: int, number: int) -> None:
        """This change has been told."""
        board = self._boards.get(city_id)
        if board is None or number <= board.told:
            return
        board.beyond.add(number)
        while board.told + 1 in board.beyond:
            board.told += 1
            board.beyond.discard(board.told)

    def told_stamp(self, city_id: int, stamp: int) -> None:
        """The queue's number has been told."""
        board = self._boards.get(city_id)
        if board is not None:
            board.stamp = max(board.stamp, stamp)

    def told_counts(self, city_id: int, counts: dict[int, int]) -> None:
        """These counts have been told."""
        board = self._boards.get(city_id)
        if board is not None:
            board.counts.update(counts)

    def look(self, watched: set[int], *, is_away: bool, is_back: bool) -> None:
        """Compare with the database, and tell what is missing, of the cities somebody watches."""
        for city_id in set(self._boards) - watched:
            del self._boards[city_id]
        boards = dict(self._boards)
        if not boards:
            return
        numbers = select(City.id, City.seq, City.queue_seq).where(City.id.in_(boards))
        for city_id, seq, stamp in db.session.execute(numbers).all():
            board = boards[city_id]
            if seq < board.told:  # the database was restored from a backup
                board.told, board.beyond = seq, set()
            if seq <= board.told and stamp <= board.stamp:
                board.behind_since = None
            elif is_away or is_back or self._is_ripe(board):
                self._replay(city_id, board, seq)
                if stamp > board.stamp:
                    self._tell(QueueChanged(city_id, ()))
                board.behind_since = None
        if is_back or (is_away and time.monotonic() >= self._rests_until):
            self._look_at_counts(boards)

    @staticmethod
    def _is_ripe(board: Board) -> bool:
        now = time.monotonic()
        if board.behind_since is None:
            board.behind_since = now
        return now - board.behind_since >= RIPENS_SECONDS

    def _replay(self, city_id: int, board: Board, seq: int) -> None:
        """Tell the changes whose numbers were not told, each with the number of the same idea's change before it."""
        if seq <= board.told:
            return
        missing = (
            select(Change)
            .where(Change.city_id == city_id, Change.number > board.told, Change.number <= seq)
            .where(Change.number.not_in(board.beyond) if board.beyond else Change.number > 0)
            .order_by(Change.number.desc())
        )
        changes = list(db.session.scalars(missing.limit(REPLAYED_AT_MOST + 1)))
        if len(changes) > REPLAYED_AT_MOST:
            changes = changes[:1]
        log.info("told_what_was_missed", city=city_id, changes=len(changes))
        for change in reversed(changes):
            before = select(func.max(Change.number)).where(
                Change.city_id == city_id, Change.idea_id == change.idea_id, Change.number < change.number
            )
            self._tell(
                BoardChanged(
                    city_id=city_id,
                    number=change.number,
                    previous=db.session.scalar(before) or 0,
                    kind=change.kind,
                    idea_id=change.idea_id,
                    comment_id=change.comment_id,
                )
            )
        board.told, board.beyond = seq, set()  # also those that are kept no longer: pages ask for them

    def _look_at_counts(self, boards: dict[int, Board]) -> None:
        """Count those that differ from what was told last."""
        began = time.monotonic()
        for city_id, board in boards.items():
            counts = all_counts(city_id)
            changed = {idea_id for idea_id, count in counts.items() if board.counts.get(idea_id) != count}
            if changed:
                self._count(city_id, changed)
            board.counts = counts
        self._rests_until = time.monotonic() + REST * (time.monotonic() - began)
