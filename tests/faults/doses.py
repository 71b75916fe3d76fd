"""How much of each fault: what the goals say, and a short form that shows the same in two minutes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dose:
    """Counts, and lengths in seconds."""

    writes: float = 100.0
    """A second, while something is killed, restarted or away."""
    readers: int = 10
    identical_rounds: int = 600
    at_once: int = 50
    kills: int = 50
    redis_restarts: int = 20
    redis_absences: int = 3
    redis_away: float = 60.0
    postgres_restarts: int = 10
    disks: int = 5
    pages_away: int = 50
    away: tuple[float, ...] = (30.0, 600.0)
    replies: int = 1000
    stalling_pages: int = 1000
    stalled_share: float = 0.05
    stalling: float = 300.0
    stalling_votes: float = 50.0
    returning_pages: int = 2000
    returns: int = 3
    restores: int = 20


FULL = Dose()
SHORT = Dose(
    writes=30.0,
    readers=4,
    identical_rounds=3,
    kills=2,
    redis_restarts=1,
    redis_absences=1,
    redis_away=3.0,
    postgres_restarts=1,
    disks=1,
    pages_away=4,
    away=(1.0, 3.0),
    replies=24,
    stalling_pages=40,
    stalling=4.0,
    stalling_votes=20.0,
    returning_pages=60,
    returns=1,
    restores=2,
)
