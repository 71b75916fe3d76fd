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
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Flask
from flask_babel import force_locale
from flask_socketio import SocketIO
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.events import SessionsEnded
from app.cities.events import BoardRulesChanged, RightsChanged
from app.cities.models import City
from app.core import metrics
from app.core.clock import now
from app.core.config import LANGUAGES
from app.core.extensions import db
from app.ideas.events import BoardChanged, CountsChanged, UpvotesChanged
from app.ideas.queries.board import counts_among, figures
from app.ideas.queries.cards import published_cards
from app.ideas.queries.changes import board_message, idea_message
from app.ideas.queries.page import group_counts
from app.live.bus import Sender
from app.live.fanout import broadcast
from app.live.listening import Listener
from app.live.missed import Missed
from app.live.presence import Key, Presence
from app.live.returning import people_again, rooms_again, screens_again
from app.live.rights import revoked_screens, without_right
from app.live.rooms import Rooms
from app.live.topics import (
    NAMESPACE,
    board_topic,
    counts_of_city,
    counts_of_idea,
    idea_topic,
    person_topic,
    queue_topic,
    room_topic,
    watchers,
)
from app.moderation.events import QueueChanged
from app.notices.events import NoticesChanged
from app.workshops.events import RoomChanged, ScreensChanged, WorkshopChanged

log = structlog.get_logger(__name__)

TICK_SECONDS = 0.1
WATCHING_EVERY_SECONDS = 1.0
LOOK_SECONDS = 1.5
"""How often open sockets are looked over: are they read, and may they still listen?"""
QUEUE_AT_ONCE = 200
WAITING_AT_MOST = 500
"""Messages kept for a page that does not read them. Beyond, its socket is closed; it comes back and catches up."""
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
        self._counted: dict[int, set[int]] = defaultdict(set)
        self._upvoted_at: dict[int, list[datetime]] = defaultdict(list)
        self._figures: set[int] = set()
        self._queues: dict[int, set[int]] = defaultdict(set)
        self._rooms = Rooms(self._emit, self._heard, self._close, self.in_room)
        self._arrivals: set[int] = set()
        self._said_watching: dict[int, tuple[float, int]] = {}
        self._missed = Missed(self._tell, self._count)
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
        self._said_watching.clear()
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
        self._arrivals.add(city_id)
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
        return bool(self._counted or self._figures or self._queues or self._rooms.is_waiting)

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
                if self._counted or self._figures:
                    self._guarded(self._tell_counts)
                if self._queues:
                    self._guarded(self._tell_queues)
                if self._rooms.is_waiting:
                    self._guarded(self._rooms.tell_gathered)
                if self._arrivals:
                    self._guarded(self._tell_watching)
                next_tick = time.monotonic() + TICK_SECONDS
            if time.monotonic() >= self._looks_at:
                self._looks_at = time.monotonic() + LOOK_SECONDS
                self._guarded(self._drop_stalled)
                self._guarded(self._end_what_ended)
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
                self._counted[event.city_id].add(event.idea_id)
                if event.at:
                    self._upvoted_at[event.city_id].append(event.at)
            self._emit("mine", {"idea": event.idea_id, "upvoted": event.upvoted}, person_topic(event.user_id))
        elif isinstance(event, CountsChanged):
            self._counted[event.city_id].add(event.idea_id)
        elif isinstance(event, QueueChanged):
            self._queues[event.city_id].update(event.item_ids)
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

    def _count(self, city_id: int, idea_ids: set[int]) -> None:
        self._counted[city_id].update(idea_ids)

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

    def _tell_change(self, event: BoardChanged) -> None:
        if self._missed.is_told(event.city_id, event.number):
            return
        self._figures.add(event.city_id)
        for language in LANGUAGES:
            board, idea = board_topic(event.city_id, language), idea_topic(event.idea_id, language)
            on_board, on_idea = self._heard(board), self._heard(idea)
            if not on_board and not on_idea:
                continue
            with force_locale(language):
                if on_board:
                    cards = published_cards([event.idea_id])
                    message = board_message(
                        number=event.number,
                        kind=event.kind,
                        idea_id=event.idea_id,
                        comment_id=event.comment_id,
                        card=cards[0] if cards else None,
                    )
                    self._emit("change", message, board)
                if on_idea:
                    message = idea_message(
                        number=event.number,
                        previous=event.previous,
                        kind=event.kind,
                        idea_id=event.idea_id,
                        comment_id=event.comment_id,
                    )
                    self._emit("change", message, idea)
        self._missed.told(event.city_id, event.number)

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
            if not self._heard(room):
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
                if self._heard(counts_of_idea(idea_id)):
                    groups = {count.group: count.upvotes for count in group_counts(idea_id)}
                    self._emit("groups", {"idea": idea_id, "groups": groups}, counts_of_idea(idea_id))

    def _tell_queues(self) -> None:
        """Which rows of a queue changed: numbers only, since moderators fetch them with their own rights."""
        try:
            for city_id, item_ids in self._queues.items():
                room = queue_topic(city_id)
                if not self._heard(room):
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
            count = self.on_city(city_id)
            if count == said or not self._heard(counts_of_city(city_id)):
                continue
            self._said_watching[city_id] = (at, count)
            slug = db.session.scalar(select(City.slug).where(City.id == city_id))
            self._emit("watching", {"city": slug, "watching": count}, counts_of_city(city_id))

    def _close(self, sids: Sequence[str]) -> None:
        for sid in sids:
            self._socketio.server.disconnect(sid, namespace=NAMESPACE)

    def _end_what_ended(self) -> None:
        """Close the sockets of those whose rights have ended, also where another process or a command ended them."""
        standing = watchers.standing()
        self._rooms.tell_screens(revoked_screens(standing), revoked=True)
        self._close(without_right(standing))

    def _drop_stalled(self) -> None:
        """Close the sockets of pages that stopped reading, before what waits for them fills the memory."""
        server = self._socketio.server
        for page in list(server.eio.sockets.values()) if server else ():
            if page.queue.qsize() > WAITING_AT_MOST:
                log.warning("stalled_page_dropped", waiting=page.queue.qsize())
                metrics.dropped("page")
                page.close(wait=False, abort=True)

    def _heard(self, room: str) -> bool:
        """Whether anybody listens here: each process renders for its own sockets."""
        return watchers.anybody_in(room)

    def _emit(self, name: str, message: dict[str, Any], room: str) -> None:
        broadcast(self._socketio, name, message, room)


delivery = Delivery()
