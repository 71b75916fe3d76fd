"""Answers that many ask for at once are made once: kept for a moment, by what they were made from.

Whoever asks says which state the answer must show (its stamp, read a moment ago). A kept answer of another state is
never given. What the stamp does not tell (counts, ages) may be as old as `moment`, and only while so many ask that
making each answer anew would drown the others: below `fresh` answers a second everybody gets one made just now.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flask import current_app

T = TypeVar("T")


@dataclass
class _Making(Generic[T]):
    """An answer that somebody is making right now, for all who wait for the like."""

    done: threading.Event = field(default_factory=threading.Event)
    made: T | None = None


@dataclass(frozen=True)
class _Entry(Generic[T]):
    stamp: Hashable
    value: T
    at: float
    size: int


class Kept(Generic[T]):
    """Values by key. `moment` in seconds, `fresh` in values a second, `most` in units of `size`. Thread-safe."""

    def __init__(
        self, *, moment: float, fresh: float, most: int, size: Callable[[T], int] = lambda _value: 1
    ) -> None:
        self.moment, self.fresh, self.most = moment, fresh, most
        self._size = size
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, _Entry[T]] = OrderedDict()
        self._held = 0
        self._making: dict[Hashable, _Making[T]] = {}
        self._allowance = fresh
        self._counted = time.monotonic()

    def get(self, key: Hashable, stamp: Hashable, make: Callable[[], T]) -> T:
        """The value of `key` that shows the state `stamp`: kept, being made, or made by `make` now.

        Who waits for another's answer gets their own where that one failed. Raises what `make` raises.
        """
        with self._lock:
            entry = self._entries.get(key)
            is_good = entry is not None and entry.stamp == stamp and time.monotonic() - entry.at < self.moment
            if entry is not None and is_good and not self._may_make():
                self._entries.move_to_end(key)
                return entry.value
            making = self._making.get((key, stamp))
            if making is None:
                mine = self._making[key, stamp] = _Making[T]()
        if making is not None:
            making.done.wait()
            return make() if making.made is None else making.made
        began = time.monotonic()
        try:
            mine.made = make()
            self._keep(key, stamp, mine.made, began)
            return mine.made
        finally:
            with self._lock:
                del self._making[key, stamp]
            mine.done.set()

    def _may_make(self) -> bool:
        """Whether another value may be made although one is kept; takes it off the allowance."""
        now = time.monotonic()
        self._allowance = min(self.fresh, self._allowance + (now - self._counted) * self.fresh)
        self._counted = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def _keep(self, key: Hashable, stamp: Hashable, value: T, began: float) -> None:
        entry = _Entry(stamp, value, began, self._size(value))
        with self._lock:
            before = self._entries.pop(key, None)
            self._held += entry.size - (before.size if before else 0)
            self._entries[key] = entry
            self._drop_oldest(time.monotonic() - self.moment)

    def _drop_oldest(self, since: float) -> None:
        """Those made before `since`, which nobody is given any more, and what is too much."""
        while self._entries:
            key, oldest = next(iter(self._entries.items()))
            if oldest.at >= since and self._held <= self.most:
                return
            del self._entries[key]
            self._held -= oldest.size

    @property
    def held(self) -> int:
        """How much is kept, in units of `size`."""
        return self._held

    def forget(self) -> None:
        """Keep nothing any more."""
        with self._lock:
            self._entries.clear()
            self._held = 0


def of_app(name: str, make: Callable[[], T]) -> T:
    """What this application, and no other in the process, has under `name`; made at the first call."""
    extensions = current_app.extensions
    if name not in extensions:
        extensions.setdefault(name, make())
    found: T = extensions[name]
    return found


def kept_in_app(name: str, **sizes: Any) -> Kept[Any]:
    """The values that this application keeps under `name`; made as `Kept(**sizes)` at the first call."""
    return of_app(name, lambda: Kept[Any](**sizes))
