"""Everything that can be looked over, one check after the other; none stops the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.care.checks import counters, history, postgresql, settings, shape, sqlite, stores
from app.care.findings import Finding, fault
from app.core.config import Settings
from app.core.extensions import db

log = structlog.get_logger(__name__)

Check = Callable[[Settings, datetime], Iterator[Finding]]
CHECKS: tuple[tuple[str, Check], ...] = (
    ("settings", settings.look),
    ("SQLite", sqlite.look),
    ("PostgreSQL", postgresql.look),
    ("Redis", stores.look_at_redis),
    ("disk", stores.look_at_disk),
    ("backups", stores.look_at_backups),
    ("migrations", shape.look_at_migrations),
    ("tables", shape.look_at_tables),
    ("search", shape.look_at_search),
    ("counters", counters.look),
    ("changes", history.look),
)


def examine(config: Settings, at: datetime) -> Iterator[Finding]:
    """What every check finds, in their order; a check that cannot be made is a fault."""
    for about, check in CHECKS:
        _one_moment(config)
        try:
            yield from check(config, at)
        except (SQLAlchemyError, RedisError, OSError) as reason:
            log.exception("check_failed", check=about)
            yield fault(about, f"could not be looked at ({str(reason).splitlines()[0]}).")
    db.session.rollback()


def _one_moment(config: Settings) -> None:
    """All that a check reads is of the same moment: else an upvote given meanwhile would look like a wrong count."""
    db.session.rollback()
    if not config.uses_sqlite:
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
