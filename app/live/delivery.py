"""Tells the watchers, after the commit, in a thread of its own.

Structural changes leave at once, in the order of their commits; counts are gathered and leave every 100 ms, the last
value of each idea, read from the database at that moment. A message lost on the way is no harm: the numbers show it.

With Redis, events also go to the other processes and come from them (`app.live.bus`); each process renders what its own
sockets hear, and nothing else. A process for pages alone only hands its events on.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Flask
from flask_socketio import SocketIO
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.events import SessionsEnded
from app.cities.events import BoardRulesChanged, RightsChanged
from app.core import metrics
from app.core.clock import now
from app.ideas.events import BoardChanged, CountsChanged, UpvotesChanged
from app.live.bus import Sender
from app.live.changes import tell_change
from app.live.fanout import broadcast
from app.live.gathered import Gathered
from app.live.listening import Listener
from app.live.missed import Missed
from app.live.presence import Key, Presence
from app.live.returning import people_again, rooms_again, screens_again
from app.live.rooms import Rooms
from app.live.tended import close, drop_stalled, end_what_ended
from app.live.topics import (
    person_topic,
    room_topic,
    watchers,
)
from app.moderation.events import QueueChanged
from app.notices.events import NoticesChanged
from app.workshops.events import RoomChanged, ScreensChanged, WorkshopChanged

log = structlog.get_logger(__name__)

TICK_SECONDS = 0.1
LOOK_SECONDS = 1.5
"""How often open sockets are looked over: are they read, and may they still listen?"""
UNNOTICED = timedelta(seconds=10)
"""Redis may have been away so long before it is noticed."""


class Delivery:
    """The one who emits. Events go in from any thread; one thread takes them out."""

    _app: Flask
    _socketio: SocketIO

    def __init__(self) -> None:
        self._inbox: queue.Queue[object] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._rooms = Rooms(self._emit, self._heard, self._close, self.in_room)
        self._missed = Missed(self._tell, lambda city_id, ideas: self._gathered.count(city_id, ideas))
        self._gathered = Gathered(self._emit, self._heard, self.on_city, self._missed)
        self._missed_since: datetime | None = None
        self._has_sockets = True
        self._looks_at = 0.0
        self._returns = self._returned = 0
        self.sender: Sender | None = None
        """Hands events on to other processes; None without Redis."""
        self.listener: Listener | None = None
        """Hears those of others; None without Redis, and in a process without sockets."""
        self.presence: Presence | None = None

    def attach(self, app: Flask, socketio: SocketIO) -> None:
        """Work for this application from now on."""
        self._app, self._socketio = app, socketio
        self._gathered.forget()
        self._rooms.forget()
        self._missed.forget()
        self._missed_since, self._returned = None, self._returns
        config = app.extensions["settings"]
        self._has_sockets = config.process != "web"
        if self.sender is not None and self.presence is not None:  # of an application before this one
            self.sender.stop()
            self.presence.leave()
        if self.listener is not None:
            self.listener.stop()
        self.sender = self.listener = self.presence = None
        if config.redis_url:
            self.sender = Sender(config.redis_url)
            origin = self.sender.origin
            self.presence = Presence(config.redis_url, origin, watchers.numbers, self._numbers_changed)
            if self._has_sockets:
                self.listener = Listener(config.redis_url, origin, self.take, self._may_have_missed)

    def listen(self) -> None:
        """Sockets are held here: hear what other processes commit, and say how many watch here."""
        if self.listener is not None and self.presence is not None:
            self.listener.start()
            self.presence.start()

    def hear(self, event: object) -> None:
        """Take an event that has been committed in this process."""
        if self.sender is not None:
            self.sender.tell(event)
        if self._has_sockets:
            self.take(event)

    def take(self, event: object) -> None:
        """Tell the sockets of this process, and no other process, of an event."""
        self._inbox.put(event)
        self._ensure_running()

    def watch_begins(self, city_id: int, seq: int, stamp: int) -> None:
        """Somebody came to a board and was told its number and its queue's."""
        if self.listener is not None:
            self._missed.begin(city_id, seq, stamp)
        self.watchers_changed(city_id)

    def watchers_changed(self, city_id: int) -> None:
        """Somebody came to a board or left it."""
        self._gathered.arrived(city_id)
        self._ensure_running()

    def on_city(self, city_id: int) -> int:
        """How many pages watch a board or one of its ideas, wherever their sockets are."""
        others = self.presence.elsewhere("city", city_id) if self.presence is not None else 0
        return watchers.on_city(city_id) + others

    def in_room(self, workshop_id: int) -> int:
        """How many open pages of people, screens left out, hear a workshop, wherever their sockets are."""
        others = self.presence.elsewhere("room", workshop_id) if self.presence is not None else 0
        return watchers.in_room(workshop_id) + others

    def _numbers_changed(self, keys: set[Key]) -> None:
        for kind, number in keys:
            if kind == "city":
                self.watchers_changed(number)
            elif self._heard(room_topic(number)):
                self.take(RoomChanged(0, number))

    def _may_have_missed(self) -> None:
        self._returns += 1

    def waiting(self) -> dict[str, float]:
        """How many events wait, for the metrics."""
        bus = {"bus": float(self.sender.waiting())} if self.sender is not None else {}
        return {"delivery": self._inbox.qsize(), **bus}

    def settle(self, seconds: float = 5.0) -> bool:
        """Wait until everything heard so far has left. Returns whether it has."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not (self._inbox.unfinished_tasks or self._is_gathering()):
                return True
            time.sleep(0.01)
        return False

    def _is_gathering(self) -> bool:
        return self._gathered.is_waiting or self._rooms.is_waiting

    def _ensure_running(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="delivery", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        next_tick = time.monotonic() + TICK_SECONDS
        self._looks_at = time.monotonic() + LOOK_SECONDS
        while True:
            try:
                event = self._inbox.get(timeout=max(0.0, next_tick - time.monotonic()))
            except queue.Empty:
                event = None
            if event is not None:
                self._guarded(lambda event=event: self._tell(event))
                self._inbox.task_done()
            if time.monotonic() >= next_tick:
                for tell in self._gathered.due():
                    self._guarded(tell)
                if self._rooms.is_waiting:
                    self._guarded(self._rooms.tell_gathered)
                next_tick = time.monotonic() + TICK_SECONDS
            if time.monotonic() >= self._looks_at:
                self._looks_at = time.monotonic() + LOOK_SECONDS
                self._guarded(lambda: drop_stalled(self._socketio))
                self._guarded(lambda: end_what_ended(self._rooms, self._close))
                if self.listener is not None:
                    self._guarded(lambda: self._look_for_missed(is_away=not self.listener.is_hearing))

    def _guarded(self, act: Any) -> None:
        """Run with the application; a fault is logged and costs one message, which pages then ask for.

        In a request of nobody's: fragments hold addresses, and Flask makes those only there.
        """
        base = self._app.extensions["settings"].public_url or None
        try:
            with self._app.test_request_context(base_url=base):
                act()
        except (SQLAlchemyError, OSError):
            log.exception("delivery_failed")
        except Exception:
            log.exception("delivery_fault")

    def _tell(self, event: object) -> None:
        if isinstance(event, BoardChanged | UpvotesChanged):
            self._rooms.busy(event.city_id)  # in its open workshops somebody may have posted or voted
        if isinstance(event, BoardChanged):
            self._tell_change(event)
        elif isinstance(event, UpvotesChanged):
            if event.is_counted:  # else the very message would tell that somebody upvoted it
                self._gathered.upvoted(event)
            elif event.is_first:
                self._gathered.figures_changed(event.city_id)
            self._emit("mine", {"idea": event.idea_id, "upvoted": event.upvoted}, person_topic(event.user_id))
        elif isinstance(event, CountsChanged):
            self._gathered.count(event.city_id, set() if event.idea_id is None else {event.idea_id})
        elif isinstance(event, QueueChanged):
            self._gathered.queue_changed(event.city_id, event.item_ids)
        elif isinstance(event, WorkshopChanged):
            self._rooms.tell(event.workshop_id)
        elif isinstance(event, RoomChanged):
            self._rooms.numbers_changed(event.workshop_id)
        elif isinstance(event, ScreensChanged):
            self._rooms.tell_screens(event.screen_ids, revoked=event.revoked)
        elif isinstance(event, NoticesChanged):
            self._emit("notices", {"unread": event.unread}, person_topic(event.user_id))
        elif isinstance(event, SessionsEnded):
            self._close(watchers.of_sessions(event.session_ids))
        elif isinstance(event, RightsChanged):
            self._close(watchers.of_person(event.user_id))
        elif isinstance(event, BoardRulesChanged):
            self._close(watchers.of_city(event.city_id))  # they come back, and are asked again who they are

    def _look_for_missed(self, *, is_away: bool) -> None:
        """Tell what the bus did not bring. A fault leaves it to be looked for again."""
        returns = self._returns
        is_back = returns != self._returned
        if (is_away or is_back) and self._missed_since is None:
            self._missed_since = now() - UNNOTICED
        standing = watchers.standing()
        watched = {watch.city_id for *_, watch in standing if watch is not None}
        self._missed.look(watched, is_away=is_away, is_back=is_back)
        if is_away or is_back:
            for event in rooms_again(standing):
                self._tell(event)
        if is_back and self._missed_since is not None:
            for event in (*screens_again(standing), *people_again(standing, self._missed_since)):
                self._tell(event)
            self._returned, self._missed_since = returns, None
            metrics.caught_up("redis")

    def _close(self, sids: Sequence[str]) -> None:
        close(self._socketio, sids)

    def _tell_change(self, event: BoardChanged) -> None:
        if self._missed.is_told(event.city_id, event.number):
            return
        self._gathered.figures_changed(event.city_id)
        tell_change(event, self._emit, self._heard)
        self._missed.told(event.city_id, event.number)

    def _heard(self, room: str) -> bool:
        """Whether anybody listens here: each process renders for its own sockets."""
        return watchers.anybody_in(room)

    def _emit(self, name: str, message: dict[str, Any], room: str) -> None:
        broadcast(self._socketio, name, message, room)


delivery = Delivery()
