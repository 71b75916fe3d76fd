"""Carries committed events from the process that wrote to those that hold the sockets: through Redis, to all at once.

Writers only put an event into a queue of this process; a thread says it. While Redis is away the queue fills and keeps
the newest; whatever is lost then, those who hear find in the database (`app.live.missed`).
"""

from __future__ import annotations

import atexit
import queue
import secrets
import threading
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.core import metrics
from app.live.wire import written

log = structlog.get_logger(__name__)

PATIENCE = 1.0
"""Seconds Redis may take to answer. Nobody but our own threads waits for it."""
KEPT_AT_MOST = 20_000
AT_ONCE = 200
AGAIN_AFTER = 0.5
SETTLING = 1.5
"""After an absence, before what was kept is said: until then the others have subscribed again as well."""


def connected(url: str) -> redis.Redis:
    """A client that gives up soon and tries nothing twice behind our back."""
    return redis.Redis.from_url(
        url,
        protocol=2,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


def named(url: str, name: str) -> str:
    """A name for a key or channel of ours. Channels know no databases, so another one than 0 is part of the name."""
    database = urlsplit(url).path.strip("/")
    return f"cip:{name}" if database in ("", "0") else f"cip:{database}:{name}"


class Sender:
    """Says this process's events on the bus. `tell` never waits and never fails."""

    def __init__(self, url: str) -> None:
        self.origin = secrets.token_hex(8)
        """Names this process, so that it does not heed itself."""
        self.dropped = 0
        """Events given up because too many waited."""
        self.is_away = False
        """Whether Redis did not answer the last time."""
        self._url = url
        self._channel = named(url, "events")
        self._waiting: queue.Queue[object] = queue.Queue(KEPT_AT_MOST)
        self._owes = False
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    def tell(self, event: object) -> None:
        """Say it soon."""
        while True:
            try:
                self._waiting.put_nowait(event)
                break
            except queue.Full:
                self._drop_oldest()
        self._ensure_running()

    def settle(self, seconds: float) -> bool:
        """Wait until everything has been said, at most so long. Returns whether it has."""
        deadline = time.monotonic() + seconds
        while self._waiting.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)
        return not self._waiting.unfinished_tasks

    def waiting(self) -> int:
        """How many events wait to be said."""
        return self._waiting.qsize()

    def stop(self) -> None:
        """Try no longer; what waits is not said."""
        self._ended.set()
        atexit.unregister(self.settle)

    def _drop_oldest(self) -> None:
        try:
            self._waiting.get_nowait()
        except queue.Empty:
            return
        self._waiting.task_done()
        self.dropped += 1
        metrics.dropped("bus")
        self._owes = True

    def _ensure_running(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="bus-out", daemon=True)
                self._thread.start()
                atexit.register(self.settle, PATIENCE)  # a command ends as soon as it has written

    def _work(self) -> None:
        client = connected(self._url)
        while not self._ended.is_set():
            events = self._next()
            while not self._said(client, events):
                if self._ended.wait(AGAIN_AFTER):
                    return
            for _ in events:
                self._waiting.task_done()

    def _next(self) -> list[object]:
        events = [self._waiting.get()]
        while len(events) < AT_ONCE:
            try:
                events.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return events

    def _said(self, client: redis.Redis, events: Sequence[object]) -> bool:
        try:
            if self.is_away:
                client.ping()
                time.sleep(SETTLING)
            owed, self._owes = self._owes, False
            try:
                client.publish(self._channel, written(self.origin, events, missed=owed))
            except BaseException:
                self._owes = True  # it may have been said, and heard by some
                raise
        except (redis.RedisError, OSError) as error:
            if not self.is_away:
                log.warning("bus_is_away", because=type(error).__name__)
                metrics.redis_lost("bus")
            self.is_away = True
            return False
        if self.is_away:
            log.info("bus_is_back", dropped=self.dropped)
            metrics.redis_answers("bus")
        self.is_away = False
        return True
