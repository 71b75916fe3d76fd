"""Rate limits per account or address, spent by the routes: a refusal shows the form again, nothing typed is lost."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any

import structlog
from flask_babel import ngettext
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter, RateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.core.config import settings
from app.core.errors import TooMany
from app.core.extensions import limiter
from app.core.keeping import of_app
from app.core.metrics import redis_answers, redis_lost

log = structlog.get_logger(__name__)
PATIENCE = 0.3
"""Seconds a request waits for Redis, at most."""
REST_SECONDS = 5.0
"""Once Redis has failed, so long nobody asks it again: a room full of requests does not wait one by one."""


@dataclass
class WithoutRedis:
    """How an application counts while Redis is away, and until when it does not ask again."""

    rests_until: float = 0.0
    counting: RateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))


def without_redis() -> WithoutRedis:
    """That of the present application."""
    return of_app("limits_without_redis", WithoutRedis)


def redis_options() -> dict[str, Any]:
    """For the store of the limits in Redis."""
    return {
        "wrap_exceptions": True,
        "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE,
        "retry": Retry(NoBackoff(), 0),
    }


def spend(bucket: str, *keys: str, limit: str) -> None:
    """Take one from `limit` ("20 per 10 minutes") of `bucket` for `keys`.

    Raises TooMany with the seconds to wait, and a sentence saying so. Without Redis the process counts alone.
    """
    if not settings().rate_limits:
        return
    item = parse(limit)
    reset = _taken(item, bucket, keys)
    if reset is None:
        return
    seconds = max(1, math.ceil(reset - time.time()))
    log.info("rate_limited", bucket=bucket, seconds=seconds)
    raise TooMany(waiting_sentence(seconds), seconds)


def _taken(item: RateLimitItem, bucket: str, keys: tuple[str, ...]) -> float | None:
    """Take one; None where it is granted, else when the next one will be, in seconds since 1970."""
    without = without_redis()
    if time.monotonic() >= without.rests_until:
        try:
            reset = _asked(limiter.limiter, item, bucket, keys)
            if without.rests_until:
                without.rests_until = 0.0
                redis_answers("limits")
            return reset
        except StorageError:
            without.rests_until = time.monotonic() + REST_SECONDS
            log.warning("rate_limits_without_redis", bucket=bucket)
            redis_lost("limits")
    return _asked(without.counting, item, bucket, keys)


def _asked(rater: RateLimiter, item: RateLimitItem, bucket: str, keys: tuple[str, ...]) -> float | None:
    if rater.hit(item, bucket, *keys):
        return None
    return float(rater.get_window_stats(item, bucket, *keys).reset_time)


def waiting_sentence(seconds: int) -> str:
    """Says how long to wait, in the reader's language; `seconds` is at least 1."""
    if seconds < 90:
        return ngettext(
            "That was a lot in a short time. Please try again in %(num)d second.",
            "That was a lot in a short time. Please try again in %(num)d seconds.",
            seconds,
        )
    return ngettext(
        "That was a lot in a short time. Please try again in %(num)d minute.",
        "That was a lot in a short time. Please try again in %(num)d minutes.",
        math.ceil(seconds / 60),
    )
