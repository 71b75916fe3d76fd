"""Files of an import between the dry run and the import itself: kept for an hour, in `uploads` of the data folder.

Kept, and not uploaded a second time: so the report and its list of problems are pages that can be reloaded, read in
another language and downloaded, what is imported is what was checked, and 20 MB travel once. The safe part: the folder
lies beside the database, which holds the same texts later, readable by the same account alone; its name is 128 random
bits; only the organiser who uploaded can open it; it goes with the import, when discarded, or after an hour. Where
several machines serve pages they share the data folder.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage

from app.core.config import settings
from app.core.text import clean_line
from app.ideas.importing.reading import Problem
from app.ideas.importing.reporting import FileReport, Report

KEPT_FOR = timedelta(hours=1)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class Upload:
    """Files for the board of `city`, and what is to be said of them."""

    token: str
    by_id: int
    at: datetime
    city: str
    source: str
    source_url: str

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return _folder() / self.token

    def path(self, kind: str) -> Path | None:
        """The file of this kind (ideas, comments, upvotes), if it was given and is still there."""
        return next(iter((self.folder / kind).glob("*")), None)


def keep_upload(
    files: Mapping[str, FileStorage], *, city: str, source: str, source_url: str, by_id: int, at: datetime
) -> Upload:
    """Write the files down, by kind, under the names they came with."""
    upload = Upload(secrets.token_urlsafe(16), by_id, at, city, source, source_url)
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    upload.folder.mkdir(mode=0o700)
    for kind, file in files.items():
        (upload.folder / kind).mkdir()
        file.save(upload.folder / kind / _plain_name(file.filename, kind))
    (upload.folder / "upload.json").write_text(json.dumps({**asdict(upload), "at": at.isoformat()}))
    return upload


def find_upload(token: str, *, by_id: int, at: datetime) -> Upload | None:
    """What this organiser uploaded under this token within the last hour."""
    if not _TOKEN.fullmatch(token):
        return None
    known = _read(_folder() / token / "upload.json")
    if known is None:
        return None
    upload = Upload(**{**known, "at": datetime.fromisoformat(known["at"])})
    return upload if upload.by_id == by_id and at - upload.at < KEPT_FOR else None


def keep_report(upload: Upload, report: Report, *, is_imported: bool) -> None:
    """Write down what came of the check, or of the import; then the files have done their service and go."""
    said = {**asdict(report), "is_imported": is_imported}
    (upload.folder / "report.json").write_text(json.dumps(said))
    if is_imported:
        for folder in filter(Path.is_dir, upload.folder.iterdir()):
            shutil.rmtree(folder, ignore_errors=True)


def report_kept(upload: Upload) -> tuple[Report, bool] | None:
    """The report, and whether it is of the import itself."""
    said = _read(upload.folder / "report.json")
    if said is None:
        return None
    files = tuple(FileReport(one["name"], one["counts"], tuple(one["ignored"])) for one in said["files"])
    problems = tuple(Problem(**one) for one in said["problems"])
    return Report(files, said["people"], problems), said["is_imported"]


def forget_upload(upload: Upload) -> None:
    """Remove the files now."""
    shutil.rmtree(upload.folder, ignore_errors=True)


def forget_old_uploads(at: datetime) -> None:
    """Remove what is older than an hour, whoever it was from."""
    for folder in _folders():
        known = _read(folder / "upload.json")
        since = datetime.fromisoformat(known["at"]) if known else None
        age = at - since if since else timedelta(seconds=at.timestamp() - folder.stat().st_mtime)
        if age >= KEPT_FOR:
            shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    return settings().data / "uploads"


def _folders() -> Iterator[Path]:
    if _folder().is_dir():
        yield from filter(Path.is_dir, _folder().iterdir())


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _plain_name(name: str | None, kind: str) -> str:
    """A file's name without folders, controls or a leading dot, short enough for every file system."""
    bare = clean_line((name or "").replace("\\", "/").rsplit("/", 1)[-1]).lstrip(".")
    return bare[-60:] or f"{kind}.csv"
