"""SQLite: its version, how it is opened, whether its file is whole."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.care.backing_up import sqlite_path
from app.care.findings import Finding, fault, fine, warning
from app.core.config import Settings
from app.core.extensions import db

_OPENED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
_PROCESSES = Path("/proc")


def look(config: Settings, _at: datetime) -> Iterator[Finding]:
    """All of it; nothing where the board is on PostgreSQL."""
    if not config.uses_sqlite:
        return
    yield _version(sqlite3.sqlite_version_info, other_processes(sqlite_path(config)))
    yield from _opening()
    yield from _file()


def resets_safely(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite starts its log anew without a race (https://sqlite.org/wal.html#walresetbug).

    Before, a checkpoint at the moment in which another connection writes may leave out a part of the log, and damage
    the file. Mended in 3.51.3, and in 3.50.7 and 3.44.6 of the older lines.
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def other_processes(file: Path) -> list[int] | None:
    """The processes beside this one that have the file open, as far as they may be seen; None where nobody can say."""
    if not (_PROCESSES / "self" / "fd").is_dir():
        return None
    target, mine = os.path.realpath(file), os.getpid()
    return [pid for pid in _pids() if pid != mine and _has_open(pid, target)]


def _pids() -> list[int]:
    return sorted(int(path.name) for path in _PROCESSES.iterdir() if path.name.isdigit())


def _has_open(pid: int, target: str) -> bool:
    try:
        opened = (_PROCESSES / str(pid) / "fd").iterdir()
        return any(str(descriptor.readlink()) == target for descriptor in opened)
    except OSError:
        return False  # another's process, or it has just ended


def _version(version: tuple[int, int, int], others: list[int] | None) -> Finding:
    about = f"SQLite {'.'.join(str(part) for part in version)}"
    if resets_safely(version):
        return fine(about, "starts its log anew without a race.")
    trap = "in this version two processes that write at once may, very rarely, damage the file (mended in 3.51.3)."
    if others and len(others) > 1:
        pids = ", ".join(str(pid) for pid in others)
        return fault(about, f"{trap} The processes {pids} have it open: run one only, or move to PostgreSQL.")
    return warning(
        about,
        f"{trap} One board alone is safe: its writers take turns. Give commands that write while it is stopped.",
    )


def _opening() -> Iterator[Finding]:
    for name, wanted in _OPENED.items():
        found = db.session.execute(text(f"PRAGMA {name}")).scalar()
        if found != wanted:
            yield fault("SQLite", f"{name} is {found}, not {wanted}: acknowledged writes might be lost.")


def _file() -> Iterator[Finding]:
    try:
        yield from _pages_and_references()
    except DatabaseError as reason:  # damaged so that it cannot even be looked through
        yield fault("SQLite", f"the file is damaged: {reason.orig}. Restore a backup.")


def _pages_and_references() -> Iterator[Finding]:
    verdicts = list(db.session.execute(text("PRAGMA integrity_check(5)")).scalars())
    if verdicts == ["ok"]:
        yield fine("SQLite", "the file is whole (integrity_check).")
    else:
        yield fault("SQLite", f"the file is damaged: {'; '.join(verdicts)}. Restore a backup.")
    lost = {row[0] for row in db.session.execute(text("PRAGMA foreign_key_check"))}
    if lost:
        yield fault("SQLite", f"rows refer to what is not there, in {', '.join(sorted(lost))}.")
