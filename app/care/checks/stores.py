"""What lies beside the database: Redis, the disk, the backups."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import datetime

import redis

from app.care.backing_up import folder_of
from app.care.findings import Finding, fault, fine, warning
from app.care.kept import backups_in, made_at
from app.core.config import Settings

SLOW_SECONDS = 0.05
LITTLE, TOO_LITTLE = 500 << 20, 50 << 20  # bytes
OLD_HOURS = 48


def look_at_redis(config: Settings, _at: datetime) -> Iterator[Finding]:
    """Whether it answers, and fast enough; nothing where none is set."""
    if not config.redis_url:
        return
    try:
        with redis.Redis.from_url(config.redis_url, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
            began = time.perf_counter()
            client.ping()
            seconds = time.perf_counter() - began
    except redis.RedisError as reason:
        yield fault("Redis", f"does not answer ({reason}). Nothing is lost; pages hear of changes late.")
        return
    told = f"answers within {1000 * seconds:.1f} ms."
    yield fine("Redis", told) if seconds < SLOW_SECONDS else warning("Redis", f"{told} That is slow.")


def look_at_disk(config: Settings, _at: datetime) -> Iterator[Finding]:
    """How much room is left where the data is."""
    free = shutil.disk_usage(config.data).free
    told = f"{free / (1 << 20):,.0f} MB are free in {config.data}."
    if free < TOO_LITTLE:
        yield fault("disk", told)
    elif free < LITTLE:
        yield warning("disk", told)
    else:
        yield fine("disk", told)


def look_at_backups(config: Settings, at: datetime) -> Iterator[Finding]:
    """How old the newest is, of those in the usual folder."""
    folder = folder_of(config)
    found = backups_in(folder)
    if not found:
        yield warning("backups", f"there is none in {folder}. If you keep them elsewhere, all is well.")
        return
    hours = (at - made_at(found[-1])).total_seconds() / 3600
    told = f"the newest of {len(found)} is {hours:.0f} hours old ({found[-1].name})."
    yield warning("backups", told) if hours > OLD_HOURS else fine("backups", told)
