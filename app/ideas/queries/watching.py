"""How many look at a board right now. The sockets' floor is above this one and says so here."""

from __future__ import annotations

from collections.abc import Callable

_counter: Callable[[int], int] | None = None


def watching_on(city_id: int) -> int:
    """How many open pages watch the board; 0 where nothing counts them."""
    return _counter(city_id) if _counter else 0


def count_watching_with(counter: Callable[[int], int]) -> None:
    """Let `counter(city_id)` answer `watching_on` from now on."""
    global _counter
    _counter = counter
