"""Making a backup: copied while people write, proved by bringing it back and counting, and only then kept."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
import structlog
from sqlalchemy.engine import make_url

from app.care import sqlite_files
from app.care.kept import Kept, NotDone, Rows, difference, digest, forget_all_but, forget_parts, name_for
from app.care.postgresql_dumps import Server
from app.core.config import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Backup:
    """A backup that has been proved, and those removed for it."""

    file: Path
    kept: Kept
    removed: tuple[Path, ...]


def folder_of(config: Settings) -> Path:
    """Where backups lie if nothing else is said."""
    return config.data / "backups"


def sqlite_path(config: Settings) -> Path:
    """The file of a board on SQLite. Raises NotDone where it lives in memory."""
    name = make_url(config.database_url).database
    if not name or name == ":memory:":
        raise NotDone("A database in memory cannot be kept.")
    return Path(name).absolute()


def back_up(config: Settings, *, to: Path, keep: int | None, at: datetime) -> Backup:
    """Write one moment of the board into the folder `to`, prove it, and remove all but the newest `keep`.

    Raises NotDone; then nothing is left of it, and nothing older has been removed.
    """
    database = "sqlite" if config.uses_sqlite else "postgresql"
    try:
        to.mkdir(parents=True, exist_ok=True, mode=0o700)
        forget_parts(to)
        file = to / name_for(database, at)
        part = file.with_name(file.name + ".part")
        part.touch(mode=0o600, exist_ok=False)
        if file.exists():
            part.unlink()
            raise FileExistsError
    except FileExistsError:
        raise NotDone(f"A backup of this very second is in {to} already.") from None
    except OSError as reason:
        raise NotDone(f"{to} cannot be written ({reason.strerror}).") from None
    try:
        wanted, found, revision = _copied(config, part)
        if wrong := difference(wanted, found):
            raise NotDone(f"The copy is not what was copied: {wrong}.")
        kept = Kept(database, at.isoformat(), revision, found, part.stat().st_size, digest(part))
        kept.write_beside(file)
        part.replace(file)
    except (OSError, sqlite3.Error, psycopg.Error) as reason:
        raise NotDone(f"The backup did not come about: {reason}".strip()) from None
    finally:
        part.unlink(missing_ok=True)
    removed = tuple(forget_all_but(keep, to)) if keep else ()
    log.info("backed_up", file=file.name, bytes=kept.bytes, removed=len(removed))
    return Backup(file, kept, removed)


def _copied(config: Settings, part: Path) -> tuple[Rows, Rows, str]:
    """Rows at the source, rows in the copy, and the copy's migration."""
    if config.uses_sqlite:
        wanted = sqlite_files.copy(sqlite_path(config), part)
        return wanted, *sqlite_files.proved(part)
    server = Server(config.database_url, config.pg_dump)
    wanted = server.dump(part)
    return wanted, *server.proved(part)
