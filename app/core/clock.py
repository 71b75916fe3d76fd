"""The time, in one place, so that a test can hold it still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_frozen: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen or datetime.now(UTC)


def freeze(at: datetime) -> None:
    """Hold the clock at `at` (aware) until `release`."""
    global _frozen
    _frozen = at.astimezone(UTC)


def advance(seconds: float) -> datetime:
    """Move a held clock on by `seconds`; holds it first if it runs. Returns the new time."""
    freeze(now() + timedelta(seconds=seconds))
    return now()


def release() -> None:
    """Let the clock run again."""
    global _frozen
    _frozen = None
