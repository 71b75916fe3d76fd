"""What is gathered for a moment before it is told: counts, queues' stamps, and how many watch.

The last value counts, so each is read from the database when it leaves.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from app.cities.models import City
from app.core import metrics
from app.core.extensions import db
from app.ideas.events import UpvotesChanged
from app.ideas.queries.board import counts_among, figures
from app.ideas.queries.page import group_counts
from app.live.missed import Missed
from app.live.rooms import Emit
from app.live.topics import counts_of_city, counts_of_idea, queue_topic

WATCHING_EVERY_SECONDS = 1.0
QUEUE_AT_ONCE = 200


class Gathered:
    """Used by the thread of delivery alone, but for `arrived`; others only ask whether it `is_waiting`."""

    def __init__(
        self, emit: Emit, is_heard: Callable[[str], bool], on_city: Callable[[int], int], missed: Missed
    ) -> None:
        self._emit, self._is_heard, self._on_city, self._missed = emit, is_heard, on_city, missed
        self._counted: dict[int, set[int]] = defaultdict(set)
        self._upvoted_at: dict[int, list[datetime]] = defaultdict(list)
        self._figures: set[int] = set()
        self._queues: dict[int, set[int]] = defaultdict(set)
        self._arrivals: set[int] = set()
        self._said_watching: dict[int, tuple[float, int]] = {}

    @property
    def is_waiting(self) -> bool:
        """Whether counts or stamps are still to be told."""
        return bool(self._counted or self._figures or self._queues)

    def forget(self) -> None:
        """Begin anew, for another application."""
        self._said_watching.clear()

    def count(self, city_id: int, idea_ids: set[int]) -> None:
        """The upvotes of these ideas changed."""
        self._counted[city_id].update(idea_ids)

    def upvoted(self, event: UpvotesChanged) -> None:
        """Somebody upvoted, or took it back."""
        self._counted[event.city_id].add(event.idea_id)
        if event.at:
            self._upvoted_at[event.city_id].append(event.at)

    def figures_changed(self, city_id: int) -> None:
        """A change alters the figures of its board."""
        self._figures.add(city_id)

    def queue_changed(self, city_id: int, item_ids: tuple[int, ...]) -> None:
        """These rows of the city's queue changed; none named: some did."""
        self._queues[city_id].update(item_ids)

    def arrived(self, city_id: int) -> None:
        """Somebody came to a board or left it."""
        self._arrivals.add(city_id)

    def due(self) -> list[Callable[[], None]]:
        """What there is to tell at this tick, each on its own: a fault in one leaves the others."""
        return [
            tell
            for waits, tell in (
                (self._counted or self._figures, self._tell_counts),
                (self._queues, self._tell_queues),
                (self._arrivals, self._tell_watching),
            )
            if waits
        ]

    def _tell_counts(self) -> None:
        try:
            self._tell_counts_of(self._figures | set(self._counted), self._counted)
        finally:
            self._counted = defaultdict(set)
            self._upvoted_at.clear()
            self._figures = set()

    def _tell_counts_of(self, changed: set[int], counted: dict[int, set[int]]) -> None:
        for city_id in changed:
            room = counts_of_city(city_id)
            if not self._is_heard(room):
                continue
            slug = db.session.scalar(select(City.slug).where(City.id == city_id))
            numbers = figures(city_id)
            counts = counts_among(city_id, sorted(counted.get(city_id, ())))
            message = {
                "city": slug,
                "counts": {str(idea_id): count for idea_id, count in counts.items()},
                "figures": {"ideas": numbers.ideas, "upvotes": numbers.upvotes, "people": numbers.people},
            }
            self._emit("counts", message, room)
            self._missed.told_counts(city_id, counts)
            metrics.pushed(self._upvoted_at[city_id])
            for idea_id in counts:
                if self._is_heard(counts_of_idea(idea_id)):
                    groups = {count.group: count.upvotes for count in group_counts(idea_id)}
                    self._emit("groups", {"idea": idea_id, "groups": groups}, counts_of_idea(idea_id))

    def _tell_queues(self) -> None:
        """Which rows of a queue changed: numbers only, since moderators fetch them with their own rights."""
        try:
            for city_id, item_ids in self._queues.items():
                room = queue_topic(city_id)
                if not self._is_heard(room):
                    continue
                stamp = db.session.scalar(select(City.queue_seq).where(City.id == city_id)) or 0
                self._missed.told_stamp(city_id, stamp)
                self._emit("queue", {"stamp": stamp, "items": sorted(item_ids)[:QUEUE_AT_ONCE]}, room)
        finally:
            self._queues = defaultdict(set)

    def _tell_watching(self) -> None:
        at = time.monotonic()
        for city_id in list(self._arrivals):
            said_at, said = self._said_watching.get(city_id, (0.0, -1))
            if at - said_at < WATCHING_EVERY_SECONDS:
                continue
            self._arrivals.discard(city_id)
            count = self._on_city(city_id)
            if count == said or not self._is_heard(counts_of_city(city_id)):
                continue
            self._said_watching[city_id] = (at, count)
            slug = db.session.scalar(select(City.slug).where(City.id == city_id))
            self._emit("watching", {"city": slug, "watching": count}, counts_of_city(city_id))
