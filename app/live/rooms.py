"""What workshops tell: their rooms of phase, timer and numbers, their screens of what they show.

A change of what drives a room leaves at once. Its numbers (who joined, posted, voted) are gathered: a room that votes
is told of it once a second, and one that nobody hears is not looked up at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from app.cities.models import Workshop
from app.core.extensions import db
from app.live.topics import room_topic, screen_topic, watchers
from app.workshops.queries.room import room_message

ROOM_EVERY_SECONDS = 1.0

Emit = Callable[[str, dict[str, Any], str], None]
"""Says `name` with a message to a topic."""


class Rooms:
    """Used by the thread of delivery alone; others only ask whether it `is_waiting`."""

    def __init__(
        self,
        emit: Emit,
        is_heard: Callable[[str], bool],
        close: Callable[[Sequence[str]], None],
        watching: Callable[[int], int],
    ) -> None:
        self._emit, self._is_heard, self._close, self._watching = emit, is_heard, close, watching
        self._waiting: set[int] = set()
        self._busy: set[int] = set()
        self._said: dict[int, float] = {}

    @property
    def is_waiting(self) -> bool:
        """Whether a room, or a city whose rooms may have new numbers, is still to be told."""
        return bool(self._busy or self._waiting)

    def forget(self) -> None:
        """Begin anew, for another application."""
        self._waiting.clear()
        self._busy.clear()
        self._said.clear()

    def busy(self, city_id: int) -> None:
        """Somebody posted or voted: perhaps in one of the city's workshops."""
        self._busy.add(city_id)

    def numbers_changed(self, workshop_id: int) -> None:
        """Somebody joined, posted or voted there, or opened a page."""
        self._waiting.add(workshop_id)

    def tell(self, workshop_id: int) -> None:
        """Say how the room stands now."""
        try:
            self._said[workshop_id] = time.monotonic()
            room = room_topic(workshop_id)
            workshop = db.session.get(Workshop, workshop_id) if self._is_heard(room) else None
            if workshop is not None:
                self._emit("room", room_message(workshop, watching=self._watching(workshop_id)), room)
        finally:  # what cannot be told now is said by the next answer a page asks for
            self._waiting.discard(workshop_id)

    def tell_gathered(self) -> None:
        """The numbers that wait, of each room at most once a second."""
        now = time.monotonic()
        self._look_up_busy()
        for workshop_id in list(self._waiting):
            is_early = now - self._said.get(workshop_id, -ROOM_EVERY_SECONDS) < ROOM_EVERY_SECONDS
            if not is_early or not self._is_heard(room_topic(workshop_id)):
                self.tell(workshop_id)

    def _look_up_busy(self) -> None:
        """Find the workshops of busy cities that somebody listens to."""
        if self._busy:
            self._waiting |= watchers.workshops_of(self._busy)
            self._busy.clear()

    def tell_screens(self, screen_ids: Sequence[int], *, revoked: bool) -> None:
        """Let these screens fetch what they show; revoked ones go black, and hear no more."""
        for screen_id in screen_ids:
            self._emit("screen", {"revoked": True} if revoked else {"changed": True}, screen_topic(screen_id))
            if revoked:
                self._close(watchers.of_screen(screen_id))
