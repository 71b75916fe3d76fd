"""How many pages hear a workshop right now. The sockets' floor is above this one and says so here."""

from __future__ import annotations

from collections.abc import Callable

_counter: Callable[[int], int] | None = None


def watching_in(workshop_id: int) -> int:
    """How many open pages hear the workshop; 0 where nothing counts them."""
    return _counter(workshop_id) if _counter else 0


def count_room_with(counter: Callable[[int], int]) -> None:
    """Let `counter(workshop_id)` answer `watching_in` from now on."""
    global _counter
    _counter = counter
