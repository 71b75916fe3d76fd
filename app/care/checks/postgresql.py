"""PostgreSQL: its version, what a power cut would cost, and whether its indexes may be believed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import text

from app.care.findings import Finding, fault, fine, warning
from app.core.config import Settings
from app.core.extensions import db

OLDEST = 14
CONNECTIONS_OF_A_PROCESS = 30  # see core.database.engine_options
_DURABLE = {
    "fsync": "a power cut may damage the database",
    "full_page_writes": "a power cut may damage the database",
    "synchronous_commit": "writes that were acknowledged may be lost in a power cut",
}
_DAMAGED = "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid"
_UNPROVED = "SELECT conname FROM pg_constraint WHERE NOT convalidated"
_COLLATION = (
    "SELECT datcollversion, pg_database_collation_actual_version(oid) FROM pg_database "
    "WHERE datname = current_database()"
)


def look(config: Settings, _at: datetime) -> Iterator[Finding]:
    """All of it; nothing where the board is on SQLite."""
    if config.uses_sqlite:
        return
    version = int(_setting("server_version_num")) // 10000
    about = f"PostgreSQL {_setting('server_version')}"
    yield fine(about, "answers.") if version >= OLDEST else fault(about, f"is older than {OLDEST}.")
    for name, cost in _DURABLE.items():
        if _setting(name) == "off":
            yield fault("PostgreSQL", f"{name} is off: {cost}.")
    room = int(_setting("max_connections"))
    if room < 2 * CONNECTIONS_OF_A_PROCESS:
        yield warning(
            "PostgreSQL",
            f"max_connections is {room}; one process of the board uses up to {CONNECTIONS_OF_A_PROCESS}.",
        )
    yield from _indexes(version)


def _indexes(version: int) -> Iterator[Finding]:
    damaged = list(db.session.execute(text(_DAMAGED)).scalars())
    if damaged:
        yield fault("PostgreSQL", f"indexes are not valid: {', '.join(damaged)}. REINDEX them.")
    unproved = list(db.session.execute(text(_UNPROVED)).scalars())
    if unproved:
        yield fault("PostgreSQL", f"constraints were never validated: {', '.join(unproved)}.")
    if version >= 15:
        recorded, actual = db.session.execute(text(_COLLATION)).one()
        if recorded != actual:
            yield fault(
                "PostgreSQL",
                f"texts are sorted by other rules ({actual}) than the indexes were made with ({recorded}): "
                "REINDEX DATABASE, then ALTER DATABASE … REFRESH COLLATION VERSION.",
            )


def _setting(name: str) -> str:
    return str(db.session.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar())
