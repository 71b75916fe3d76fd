"""Rate limits per account or address, spent by the routes: a refusal shows the form again, nothing typed is lost."""

from __future__ import annotations

import math
import time

import structlog
from flask_babel import ngettext
from limits import parse
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app.core.config import settings
from app.core.errors import TooMany
from app.core.extensions import limiter
from app.core.metrics import redis_lost

log = structlog.get_logger(__name__)
_fallback = MovingWindowRateLimiter(MemoryStorage())


def spend(bucket: str, *keys: str, limit: str) -> None:
    """Take one from `limit` ("20 per 10 minutes") of `bucket` for `keys`.

    Raises TooMany with the seconds to wait, and a sentence saying so. Without Redis the process counts alone.
    """
    if not settings().rate_limits:
        return
    item = parse(limit)
    try:
        rater = limiter.limiter
        granted = rater.hit(item, bucket, *keys)
        reset = 0.0 if granted else rater.get_window_stats(item, bucket, *keys).reset_time
    except StorageError:
        log.warning("rate_limits_without_redis", bucket=bucket)
        redis_lost("limits")
        granted = _fallback.hit(item, bucket, *keys)
        reset = 0.0 if granted else _fallback.get_window_stats(item, bucket, *keys).reset_time
    if granted:
        return
    seconds = max(1, math.ceil(reset - time.time()))
    log.info("rate_limited", bucket=bucket, seconds=seconds)
    raise TooMany(waiting_sentence(seconds), seconds)


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
