"""The disk is full: writing is refused with a clear page, reading goes on; with room again everything works unaided.

The board runs on a small disk in memory that only its own processes see.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.faults.doses import Dose
from tests.faults.ground import Ground, Row, ground
from tests.faults.writing import written
from tests.load.asking import request
from tests.load.layouts import one_process
from tests.load.questions import Line
from tests.servers import ROOT, Board

MEGABYTES = 12
APART = ["unshare", "--map-root-user", "--mount"]
_MOUNT = 'mount -t tmpfs -o size={}m tmpfs "$1" && shift && exec "$@"'


class OnASmallDisk(Board):
    """Its data folder is a disk of a few megabytes."""

    def open(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(*APART, "sh", "-c", _MOUNT.format(MEGABYTES), "sh", self.data),
                    *(sys.executable, "-m", *self.programme, "--port", str(self.port)),
                ],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def disk(self) -> Path:
        """The data folder, as the board's own processes see it."""
        return Path(f"/proc/{self.pid}/root{self.data}")


def can_mount() -> bool:
    """Whether this machine lets us have a disk of our own."""
    command = [*APART, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def run(dose: Dose) -> Iterator[Row]:
    """On the single process; nothing where no disk can be made."""
    if not can_mount():
        row = Row("disk full", "one process, SQLite", "none: this machine lets nobody mount a small disk")
        row.hold("times", 0, ">=", dose.disks)
        yield row
        return
    with ground(one_process("sqlite", kind=OnASmallDisk)) as here:
        yield fill_the_disk(here, dose)


def fill_the_disk(here: Ground, dose: Dose) -> Row:
    """Fill it to the last byte while people write, look, and make room again."""
    row = Row("disk full", here.layout.name, f"{dose.disks} times, {dose.writes / 2:g} writes/s")
    board: Any = here.layout.web[0]
    unclear, unread, never, refusals = 0, 0, 0, 0
    start, took = time.monotonic(), []
    with here.readers(dose.readers) as readers, here.writers(dose.writes / 2) as writers:
        for _ in range(dose.disks):
            time.sleep(0.5)  # the storm goes on in between
            began = time.monotonic()
            filler = board.disk / "filler"
            fill_up(filler)
            if not readers.until(lambda since=began: bool(here.ledger.failures(since=since)), 30):
                row.facts["never_full"] = True
            for _ in range(10):
                unclear += not is_refused_clearly(here)
                unread += not can_be_read(here)
            refusals += len(here.ledger.failures(since=began))
            filler.unlink()
            room = time.monotonic()
            seconds, why = here.current_within(writers, readers, 30, since=room)
            if seconds is None:
                never += 1
                row.facts["why"] = why
            else:
                took.append(seconds)
    statuses = {status for _at, status in here.ledger.failures(since=start)}
    row.hold("writes refused while it was full", refusals, ">=", dose.disks)
    row.hold("refusals other than 503", len(statuses - {503}), "<=", 0)
    row.hold("refusals without a clear page", unclear, "<=", 0)
    row.hold("pages that could not be read", unread, "<=", 0)
    row.hold("times it did not recover by itself", never, "<=", 0)
    row.facts["statuses"] = sorted(statuses)
    row.facts["slowest_until_pages_equal_s"] = round(max(took, default=0.0), 2)
    row.hold_ledger(here.check())
    return row


def fill_up(file: Path) -> None:
    """Write until not one more byte fits."""
    with file.open("ab", buffering=0) as open_file:
        for size in (65536, 4096, 256, 1):
            try:
                while open_file.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue


def is_refused_clearly(here: Ground) -> bool:
    """Whether a form sent without a script gets a page that says what happened; True too where it still fits."""
    line = Line(here.web[0])
    idea = here.crowd.ideas[0]
    plain = written(here.crowd, line.port, f"/ideas/{idea}/comments", {"text": "x" * 1500}, 0)
    status, body = line.send(plain.replace(b"Accept: application/json", b"Accept: text/html"))
    line.close()
    return status in (200, 201, 303) or (status == 503 and b"Nothing was saved" in body)


def can_be_read(here: Ground) -> bool:
    """Whether the board, an idea and the changes are answered."""
    line = Line(here.web[0])
    city, idea = here.crowd.city, here.crowd.ideas[0]
    told = [
        line.send(request("GET", path, line.port, headers={"Accept": "text/html"}))[0]
        for path in (f"/{city}", f"/{city}/ideas/{idea}", f"/{city}/changes?since=1")
    ]
    line.close()
    return all(status in (200, 204, 301, 302, 303, 308) for status in told)
