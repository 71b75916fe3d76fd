"""Hears on the bus what other processes have committed, and notices when it may have missed something."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import redis
import structlog

from app.core import metrics
from app.live.bus import AGAIN_AFTER, connected, named
from app.live.wire import read

log = structlog.get_logger(__name__)

PING_SECONDS = 2.0
SILENT_SECONDS = 5.0
"""Without even the answer to a ping for so long, the connection is given up: Redis hangs, or the way there is cut."""


class Listener:
    """Calls `hear(event)` for each event of others, and `missed()` whenever some may have been lost."""

    def __init__(
        self, url: str, origin: str, hear: Callable[[object], None], missed: Callable[[], None]
    ) -> None:
        self.is_hearing = False
        """Whether what others say is heard at this moment."""
        self.losses = 0
        """How often the bus was lost."""
        self._url, self._origin, self._hear, self._missed = url, origin, hear, missed
        self._channel = named(url, "events")
        self._has_heard = False
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    def start(self) -> None:
        """Begin to listen, once."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="bus-in", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Hear no more, soon."""
        self._ended.set()

    def _work(self) -> None:
        client = connected(self._url)
        while not self._ended.is_set():
            try:
                with client.pubsub() as subscription:
                    subscription.subscribe(self._channel)
                    self._follow(subscription)
            except (redis.RedisError, OSError) as error:
                self._lost(error)
            except Exception as error:
                log.exception("bus_fault")
                self._lost(error)
            self._ended.wait(AGAIN_AFTER)

    def _follow(self, subscription: Any) -> None:
        heard_at = pinged_at = time.monotonic()
        while not self._ended.is_set():
            message = subscription.get_message(timeout=0.5)
            now = time.monotonic()
            if message is not None:
                heard_at = now
                self._take(message)
            elif now - heard_at > SILENT_SECONDS:
                raise redis.ConnectionError("silent")
            if now - pinged_at > PING_SECONDS:
                subscription.ping()
                pinged_at = now

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":  # the first time, or once more after a break that healed by itself
            if self._has_heard:
                log.info("bus_is_heard_again")
                self._missed()
            self._has_heard = self.is_hearing = True
            metrics.redis_answers("bus")
        elif message["type"] == "message":
            try:
                origin, missed, events = read(message["data"])
            except ValueError as error:
                log.warning("bus_message_refused", because=str(error))
                return
            if origin == self._origin:
                return
            if missed:
                self._missed()
            for event in events:
                self._hear(event)

    def _lost(self, error: Exception) -> None:
        if self.is_hearing or not self._has_heard:
            log.warning("bus_is_not_heard", because=type(error).__name__)
            self.losses += 1
            metrics.redis_lost("bus")
        self.is_hearing = False
        self._has_heard = True  # from now on the next subscription is one after a loss
