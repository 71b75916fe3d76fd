"""A backup of a SQLite board: SQLite's own online copy of one moment, while people go on writing."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from app.care.kept import NotDone, Rows, on_disk

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
_OWN_OF_FTS = "idea_words_"


@contextlib.contextmanager
def opened(file: Path, busy_seconds: float = 15.0) -> Iterator[sqlite3.Connection]:
    """A connection that begins and ends its own transactions, closed at the end."""
    with contextlib.closing(sqlite3.connect(file, timeout=busy_seconds, isolation_level=None)) as connection:
        yield connection


def copy(database: Path, target: Path) -> Rows:
    """Copy the moment at which this is called into a single file. Returns its rows, counted at the source."""
    with opened(database) as source:
        source.execute("BEGIN")  # the first read fixes the moment: what others commit from now on is not seen
        rows = rows_of(source)
        with opened(target) as copied:
            source.backup(copied)
            copied.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    target.chmod(0o600)
    on_disk(target)
    return rows


def rows_of(connection: sqlite3.Connection) -> Rows:
    """Rows by table, those that the full-text index keeps for itself left out."""
    names = [name for (name,) in connection.execute(_TABLES) if not name.startswith(_OWN_OF_FTS)]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608


def proved(file: Path) -> tuple[Rows, str]:
    """Open a copy as a board would and look at every page of it. Returns its rows and its migration's number.

    Raises NotDone where it is no such database, or a damaged one.
    """
    if not file.is_file():
        raise NotDone(f"There is no file {file}.")
    try:
        with opened(file) as connection:
            [[verdict], *more] = connection.execute("PRAGMA integrity_check(5)").fetchall()
            if verdict != "ok":
                raise NotDone(f"{file} is damaged: {'; '.join([verdict, *(line for (line,) in more)])}.")
            if connection.execute("PRAGMA foreign_key_check").fetchone():
                raise NotDone(f"{file} holds rows that refer to nothing.")
            [revision] = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return rows_of(connection), revision
    except sqlite3.DatabaseError as reason:
        raise NotDone(f"{file} is no backup of a board on SQLite ({reason}).") from None


def put_in_place(backup: Path, database: Path, aside: Path) -> bool:
    """Make `database` what the backup is; what was there becomes `aside`. Returns whether anything was.

    Nobody may have it open. Whenever this is cut off, the database is either the old one or the new one.
    """
    is_there = database.exists()
    part = database.with_name(database.name + ".restoring")
    with _alone(database) if is_there else contextlib.nullcontext():
        try:
            shutil.copyfile(backup, part)
            _owned_like(part, database if is_there else database.parent)
            on_disk(part)
            if is_there:
                os.link(database, aside)
            for log in (f"{database}-wal", f"{database}-shm"):
                Path(log).unlink(missing_ok=True)  # of a damaged file: it must not be read into the new one
            part.replace(database)
            on_disk(database)
        finally:
            part.unlink(missing_ok=True)
    return is_there


@contextlib.contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Hold the database so that nobody else opens it. Raises NotDone where somebody has."""
    with opened(database, busy_seconds=1.0) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("PRAGMA journal_mode=DELETE")  # only the last one who has it open may do so
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise NotDone(f"{database} is in use. Stop the board (and other commands) first.") from None
        except sqlite3.DatabaseError:
            pass  # damaged: a reason to restore
        yield


def _owned_like(file: Path, model: Path) -> None:
    """Whoever runs the board may go on writing, also where root restores."""
    found = model.stat()
    file.chmod(found.st_mode & 0o666 if model.is_file() else 0o600)
    if os.geteuid() == 0:
        os.chown(file, found.st_uid, found.st_gid)
