"""Trending: upvotes and comments, each losing half its weight every 48 hours.

score(now) = sum over events of 2 ** (-(now - event) / 48 h). Since every event fades at the same rate, the order of two
ideas never changes by waiting: it is the order of `heat` = log2(sum of 2 ** (event / 48 h)), times counted from 1970.
`heat` is stored and indexed, so that the page stays as fast with 100,000 ideas as with 100.
score(now) = 2 ** (heat - now / 48 h). See docs/decisions/trending.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

HALF_LIFE_SECONDS = 48 * 3600
COLD = 0.0
"""The heat of an idea nobody has upvoted or commented on: below that of any event since 1970."""


def _exponent(at: datetime) -> float:
    return at.timestamp() / HALF_LIFE_SECONDS


def warmed(heat: float, at: datetime) -> float:
    """The heat after one more event at `at`."""
    exponent = _exponent(at)
    if heat <= COLD:
        return exponent
    high, low = max(heat, exponent), min(heat, exponent)
    return high + math.log2(1 + 2 ** (low - high))


def heat_of(events: Iterable[datetime]) -> float:
    """The heat of all these upvotes and comments."""
    exponents = [_exponent(at) for at in events]
    if not exponents:
        return COLD
    high = max(exponents)
    return high + math.log2(sum(2 ** (exponent - high) for exponent in exponents))


def score(heat: float, now: datetime) -> float:
    """The trending score at `now`: how many fresh upvotes or comments it is worth."""
    return 0.0 if heat <= COLD else 2 ** (heat - _exponent(now))
