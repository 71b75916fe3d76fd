"""How many look at a board or hear a workshop, in all processes together.

Each process that holds sockets tells its own numbers every second, in a hash that expires when it is heard of no more,
and reads those of the others. Nobody waits for Redis: what was read last is what is answered.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import redis
import structlog

from app.live.bus import connected, named

log = structlog.get_logger(__name__)

EVERY_SECONDS = 1.0
EXPIRES_AFTER = 10
"""Seconds after which a process that says nothing any more is not counted."""
ASKED_WITHIN = 30.0
"""A process without sockets reads only while somebody wants to know."""

Key = tuple[str, int]
"""`("city", 7)` or `("room", 12)`."""


class Presence:
    """Adds up. `own()` gives this process's numbers, `changed(keys)` is called where those of the others changed."""

    def __init__(
        self, url: str, origin: str, own: Callable[[], dict[Key, int]], changed: Callable[[set[Key]], None]
    ) -> None:
        self._url, self._origin, self._own, self._changed = url, origin, own, changed
        self._others: dict[Key, int] = {}
        self._read_at = self._asked_at = 0.0
        self._is_told = False
        self._starting = threading.Lock()
        self._has_sockets = False
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    def start(self) -> None:
        """This process holds sockets: tell their numbers from now on."""
        self._has_sockets = True
        self._ensure_running()

    def elsewhere(self, kind: str, number: int) -> int:
        """How many there are in other processes, as far as they were heard of."""
        self._asked_at = time.monotonic()
        self._ensure_running()
        return self._others.get((kind, number), 0)

    def leave(self) -> None:
        """Take this process's numbers away: it ends."""
        self._ended.set()
        if self._is_told:
            try:
                with connected(self._url) as client:
                    client.delete(self._hash(self._origin))
            except (redis.RedisError, OSError):
                log.info("presence_not_taken_away")  # it expires

    def _ensure_running(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="presence", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        client = connected(self._url)
        while not self._ended.is_set():
            if self._has_sockets or time.monotonic() - self._asked_at < ASKED_WITHIN:
                try:
                    if self._has_sockets:
                        self._tell(client)
                    self._take(self._read(client))
                except (redis.RedisError, OSError, ValueError):
                    if time.monotonic() - self._read_at > EXPIRES_AFTER:
                        self._take({})
                except Exception:
                    log.exception("presence_fault")
            self._ended.wait(EVERY_SECONDS)

    def _hash(self, origin: str) -> str:
        return named(self._url, f"watchers:{origin}")

    def _tell(self, client: redis.Redis) -> None:
        own: dict[Any, Any] = {f"{kind}:{number}": count for (kind, number), count in self._own().items()}
        name = self._hash(self._origin)
        with client.pipeline(transaction=True) as pipeline:
            pipeline.delete(name)
            pipeline.hset(name, mapping={"here": 1, **own})
            pipeline.expire(name, EXPIRES_AFTER)
            pipeline.sadd(named(self._url, "live"), self._origin)
            pipeline.execute()
        self._is_told = True

    def _read(self, client: redis.Redis) -> dict[Key, int]:
        everybody = named(self._url, "live")
        members: set[Any] = client.smembers(everybody)
        origins = [origin.decode() for origin in members]
        others = [origin for origin in origins if origin != self._origin]
        with client.pipeline(transaction=False) as pipeline:
            for origin in others:
                pipeline.hgetall(self._hash(origin))
            told = pipeline.execute() if others else []
        total: Counter[Key] = Counter()
        for origin, numbers in zip(others, told, strict=True):
            if not numbers:
                client.srem(everybody, origin)
            for name, count in numbers.items():
                kind, _, number = name.decode().partition(":")
                if number:
                    total[kind, int(number)] += int(count)
        self._read_at = time.monotonic()
        return dict(total)

    def _take(self, others: dict[Key, int]) -> None:
        before, self._others = self._others, others
        changed = {key for key in {*before, *others} if before.get(key, 0) != others.get(key, 0)}
        if changed and self._has_sockets:
            self._changed(changed)
