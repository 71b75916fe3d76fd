"""Backups as files: `board-20260914-120000Z.sqlite` (or `.dump`), and beside each a `.json` that says what is in it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from app.core.errors import Refusal

ENDINGS = {"sqlite": ".sqlite", "postgresql": ".dump"}
_OURS = re.compile(r"board-\d{8}-\d{6}Z\.(sqlite|dump)")
_PART_SECONDS = 24 * 3600
Rows = dict[str, int]
"""Rows by table."""


class NotDone(Refusal):
    """A backup or its return did not come about; the message says why, and nothing has changed."""


@dataclass(frozen=True)
class Kept:
    """What a backup holds, as it was counted when the backup was proved."""

    database: str
    at: str
    revision: str
    rows: Rows
    bytes: int
    sha256: str

    @classmethod
    def beside(cls, file: Path) -> Self | None:
        """What is written beside a backup; None where nothing is. Raises NotDone where it cannot be read."""
        path = _beside(file)
        if not path.exists():
            return None
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as reason:
            raise NotDone(
                f"{path} cannot be read ({reason}). Without that file the backup is taken as it is."
            ) from None

    def write_beside(self, file: Path) -> None:
        """Say beside the backup what is in it."""
        path = _beside(file)
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        part.chmod(0o600)
        part.replace(path)


def _beside(file: Path) -> Path:
    return file.with_name(file.name + ".json")


def name_for(database: str, at: datetime) -> str:
    """The file name of a backup made at `at`; names sort by age."""
    return f"board-{at.astimezone(UTC):%Y%m%d-%H%M%SZ}{ENDINGS[database]}"


def backups_in(folder: Path) -> list[Path]:
    """The backups in a folder, the oldest first; nothing else that lies there."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if _OURS.fullmatch(path.name))


def made_at(file: Path) -> datetime:
    """When a backup was made, by its name."""
    return datetime.strptime(file.name.split(".")[0], "board-%Y%m%d-%H%M%SZ").replace(tzinfo=UTC)


def forget_all_but(keep: int, folder: Path) -> list[Path]:
    """Remove the oldest backups until `keep` are left. Returns those removed."""
    gone = backups_in(folder)[:-keep]
    for path in gone:
        _beside(path).unlink(missing_ok=True)
        path.unlink()
    return gone


def forget_parts(folder: Path) -> None:
    """Remove what a backup that was killed has left, once it is a day old."""
    for path in folder.glob("board-*.part"):
        if path.stat().st_mtime < time.time() - _PART_SECONDS:
            path.unlink(missing_ok=True)


def digest(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def on_disk(file: Path) -> None:
    """Wait until a file lies on the disk, not in a cache that a power cut empties."""
    for path, flags in ((file, os.O_RDONLY), (file.parent, os.O_RDONLY)):
        descriptor = os.open(path, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def difference(wanted: Rows, found: Rows) -> str:
    """In words, which tables hold other than the wanted numbers of rows; empty where none does."""
    names = sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
    told = [
        f"{name} {found.get(name, 'missing')} instead of {wanted.get(name, 'none')}" for name in names[:5]
    ]
    return ", ".join(told) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
