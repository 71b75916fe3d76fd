"""Who hears what: the names of the rooms, and which of them anybody is in.

What may not be seen by everyone is never sent to any of these: a queue's topic carries numbers of its rows, which
its moderators then fetch with their own rights.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass

NAMESPACE = "/live"


@dataclass(frozen=True)
class Watch:
    """What one open page looks at: a board, or one idea of it, in a language."""

    city_id: int
    city_slug: str
    language: str
    idea_id: int | None
    session_id: int | None
    user_id: int | None
    is_queue: bool = False
    workshop_id: int | None = None
    screen_id: int | None = None

    @property
    def is_somebody(self) -> bool:
        """Whether it counts among those who watch: moderators' queues and screens do not."""
        return not self.is_queue and self.screen_id is None

    def rooms(self) -> list[str]:
        """The topics this page hears."""
        if self.is_queue:
            return [queue_topic(self.city_id)]
        return [*self._of_board(), *self._of_workshop()]

    def _of_workshop(self) -> list[str]:
        rooms = [room_topic(self.workshop_id)] if self.workshop_id is not None else []
        return [*rooms, screen_topic(self.screen_id)] if self.screen_id is not None else rooms

    def _of_board(self) -> list[str]:
        if self.idea_id is None:
            rooms = [board_topic(self.city_id, self.language)]
        else:
            rooms = [idea_topic(self.idea_id, self.language), counts_of_idea(self.idea_id)]
        return [*rooms, counts_of_city(self.city_id)]


def board_topic(city_id: int, language: str) -> str:
    """Changed cards of a board, in one language."""
    return f"board:{city_id}:{language}"


def idea_topic(idea_id: int, language: str) -> str:
    """The changed text and comments of one idea, in one language."""
    return f"idea:{idea_id}:{language}"


def counts_of_city(city_id: int) -> str:
    """Gathered counts, figures and the number of watchers of a board."""
    return f"counts:{city_id}"


def counts_of_idea(idea_id: int) -> str:
    """One idea's upvotes by stakeholder group."""
    return f"groups:{idea_id}"


def queue_topic(city_id: int) -> str:
    """Which items of a city's queue changed: their numbers only, for its moderators."""
    return f"queue:{city_id}"


def room_topic(workshop_id: int) -> str:
    """What drives a workshop: phase, timer, spotlight, how many are there; for its people and screens."""
    return f"room:{workshop_id}"


def screen_topic(screen_id: int) -> str:
    """What one screen is to show."""
    return f"screen:{screen_id}"


def person_topic(user_id: int) -> str:
    """One person's own upvotes and unread notices, for their open pages."""
    return f"person:{user_id}"


class Watchers:
    """The open pages of this process. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_sid: dict[str, Watch] = {}
        self._sessions: dict[str, int] = {}
        self._people: dict[str, int] = {}
        self._rooms: Counter[str] = Counter()
        self._cities: Counter[int] = Counter()
        self._workshops: Counter[tuple[int, int]] = Counter()

    def connected(self, sid: str, session_id: int | None, user_id: int | None = None) -> None:
        """A socket has opened; `session_id` and `user_id` where somebody is signed in there."""
        if session_id is not None and user_id is not None:
            with self._lock:
                self._sessions[sid] = session_id
                self._people[sid] = user_id

    def watching(self, sid: str, watch: Watch) -> None:
        """A socket has begun to watch."""
        with self._lock:
            self._leave(sid)
            self._by_sid[sid] = watch
            self._rooms.update(watch.rooms())
            self._cities[watch.city_id] += watch.is_somebody
            if watch.workshop_id is not None:
                self._workshops[watch.city_id, watch.workshop_id] += 1

    def left(self, sid: str, *, disconnected: bool = False) -> Watch | None:
        """A socket watches nothing any more. Returns what it watched."""
        with self._lock:
            if disconnected:
                self._sessions.pop(sid, None)
                self._people.pop(sid, None)
            return self._leave(sid)

    def _leave(self, sid: str) -> Watch | None:
        watch = self._by_sid.pop(sid, None)
        if watch is None:
            return None
        self._rooms.subtract(watch.rooms())
        self._cities[watch.city_id] -= watch.is_somebody
        for room in watch.rooms():
            if self._rooms[room] <= 0:
                del self._rooms[room]
        if self._cities[watch.city_id] <= 0:
            del self._cities[watch.city_id]
        if watch.workshop_id is not None:
            self._workshops[watch.city_id, watch.workshop_id] -= 1
            if self._workshops[watch.city_id, watch.workshop_id] <= 0:
                del self._workshops[watch.city_id, watch.workshop_id]
        return watch

    def on_city(self, city_id: int) -> int:
        """How many pages watch a board or one of its ideas."""
        return self._cities[city_id]

    def anybody_in(self, room: str) -> bool:
        """Whether anybody hears a topic: nobody, nothing to render."""
        return self._rooms[room] > 0

    def of_sessions(self, session_ids: tuple[int, ...]) -> list[str]:
        """The open sockets of these sessions."""
        with self._lock:
            return [sid for sid, session_id in self._sessions.items() if session_id in session_ids]

    def standing(self) -> list[tuple[str, int | None, int | None, Watch | None]]:
        """Every open socket: its id, the session and the person behind it, what it watches."""
        with self._lock:
            sids = {*self._sessions, *self._by_sid}
            return [
                (sid, self._sessions.get(sid), self._people.get(sid), self._by_sid.get(sid)) for sid in sids
            ]

    def of_person(self, user_id: int) -> list[str]:
        """The open sockets of this person."""
        with self._lock:
            return [sid for sid, somebody in self._people.items() if somebody == user_id]

    def of_screen(self, screen_id: int) -> list[str]:
        """The open sockets of this screen."""
        with self._lock:
            return [sid for sid, watch in self._by_sid.items() if watch.screen_id == screen_id]

    def in_room(self, workshop_id: int) -> int:
        """How many open pages of people, screens left out, hear a workshop."""
        with self._lock:
            return sum(
                watch.workshop_id == workshop_id and watch.screen_id is None
                for watch in self._by_sid.values()
            )

    def workshops_of(self, city_ids: set[int]) -> set[int]:
        """The workshops of these cities that an open page or screen hears."""
        with self._lock:
            return {workshop_id for city_id, workshop_id in self._workshops if city_id in city_ids}

    def of_city(self, city_id: int) -> list[str]:
        """The open sockets that watch this board, one of its ideas or its queue."""
        with self._lock:
            return [sid for sid, watch in self._by_sid.items() if watch.city_id == city_id]

    def numbers(self) -> dict[tuple[str, int], int]:
        """What this process adds to the numbers of all: pages by city, and pages of people by workshop."""
        with self._lock:
            numbers = Counter(
                ("room", watch.workshop_id)
                for watch in self._by_sid.values()
                if watch.workshop_id is not None and watch.screen_id is None
            )
            numbers.update({("city", city_id): count for city_id, count in self._cities.items()})
            return dict(numbers)

    def cities(self) -> dict[int, int]:
        """Watchers by city."""
        with self._lock:
            return dict(self._cities)

    def by_slug(self) -> dict[str, float]:
        """Watchers by the address of their city."""
        with self._lock:
            return dict(Counter(watch.city_slug for watch in self._by_sid.values() if watch.is_somebody))

    def sockets(self) -> dict[str, float]:
        """Open sockets: those that watch something, and those of people that watch nothing."""
        with self._lock:
            return {"something": len(self._by_sid), "nothing": len(self._sessions.keys() - self._by_sid)}


watchers = Watchers()
