"""How long it takes until something is so."""

from __future__ import annotations

import time
from collections.abc import Callable

WITHIN = 2.0
"""Seconds until what somebody may not hear any more is closed."""


def seconds_until(condition: Callable[[], bool], *, since: float, at_most: float = 10.0) -> float:
    """The seconds between `since` (monotonic) and the moment `condition` came true; infinite after `at_most`."""
    while not condition():
        if time.monotonic() - since > at_most:
            return float("inf")
        time.sleep(0.01)
    return time.monotonic() - since
