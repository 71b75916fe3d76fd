"""Bringing a board back from a backup; what was there is set aside, not lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import structlog

from app.care import sqlite_files
from app.care.backing_up import sqlite_path
from app.care.kept import ENDINGS, Kept, NotDone, Rows, difference, digest
from app.care.postgresql_dumps import Server
from app.core.config import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Proved:
    """A backup that has been looked through and may take the board's place."""

    file: Path
    rows: Rows
    revision: str


def prove(config: Settings, file: Path, *, known: Collection[str]) -> Proved:
    """Look a backup through: whole, as it was when it was made, and of a version (`known` migrations) that is no newer.

    Raises NotDone.
    """
    if file.suffix not in ENDINGS.values():
        raise NotDone(f"{file.name} is no backup: those end in {' or '.join(ENDINGS.values())}.")
    if (file.suffix == ENDINGS["sqlite"]) is not config.uses_sqlite:
        raise NotDone("The backup is of the other kind of database than DATABASE_URL names.")
    if not file.is_file():
        raise NotDone(f"There is no file {file}.")
    kept = Kept.beside(file)
    if kept and digest(file) != kept.sha256:
        raise NotDone(f"{file} is not the file that was made: its sum differs from the one beside it.")
    if config.uses_sqlite:
        rows, revision = sqlite_files.proved(file)
    else:
        rows, revision = Server(config.database_url, config.pg_dump).read_through(file)
    if kept and (wrong := difference(kept.rows, rows)):
        raise NotDone(f"{file} does not hold what it should: {wrong}.")
    if revision not in known:
        raise NotDone(f"The backup was made by a newer version of the board (migration {revision}).")
    return Proved(file, rows, revision)


def restore(config: Settings, backup: Proved, *, at: datetime) -> str:
    """Put a proved backup in the board's place. Returns where that which was there is now; empty where nothing was.

    Raises NotDone; then the board is what it was.
    """
    stamp = f"{at.astimezone(UTC):%Y%m%d-%H%M%S}"
    try:
        if config.uses_sqlite:
            database = sqlite_path(config)
            aside = database.with_name(f"{database.name}.before-{stamp}")
            was_there = sqlite_files.put_in_place(backup.file, database, aside)
            name = str(aside)
        else:
            name = f"before_{stamp.replace('-', '_')}"
            was_there = Server(config.database_url, config.pg_dump).put_in_place(backup.file, name)
    except (OSError, sqlite3.Error, psycopg.Error) as reason:
        raise NotDone(f"The backup could not be put in place: {reason}") from None
    log.info("restored", file=backup.file.name)
    return name if was_there else ""
