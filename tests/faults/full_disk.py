"""The disk is full: writing is refused with a clear page, reading goes on; with room again everything works unaided.

Everything happens on a small disk in memory that only this programme and the board it starts can see, which on Linux
nobody has to be root for: `python -m tests.faults.full_disk DOSE.json ROW.json` is what is run in there. Where not even
that is allowed, the board's files may not grow instead; the row says so, since a disk that is full is another fault.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Protocol

from tests.faults.doses import Dose
from tests.faults.ground import Ground, Row, ground
from tests.faults.writing import written
from tests.load.asking import request
from tests.load.layouts import one_process
from tests.load.machine import family
from tests.load.questions import Line
from tests.servers import ROOT, Board

MEGABYTES = 24
APART = ("unshare", "--map-root-user", "--mount")
_MOUNT = f'mount -t tmpfs -o size={MEGABYTES}m tmpfs "$1" && shift && exec "$@"'


def can_mount() -> bool:
    """Whether this machine lets us have a disk of our own."""
    command = [*APART, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def run(dose: Dose) -> Iterator[Row]:
    """On the single process."""
    yield on_a_small_disk(dose) if can_mount() else with_files_that_may_not_grow(dose)


def on_a_small_disk(dose: Dose) -> Row:
    """Run `main` where the small disk is."""
    with tempfile.TemporaryDirectory(prefix="small-disk-", ignore_cleanup_errors=True) as folder:
        disk, plan, answer = (Path(folder) / name for name in ("disk", "dose.json", "row.json"))
        disk.mkdir()
        plan.write_text(json.dumps(asdict(dose)), encoding="utf-8")
        inside = [sys.executable, "-m", "tests.faults.full_disk", disk, plan, answer]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        subprocess.run(
            [*APART, "sh", "-c", _MOUNT, "sh", disk, *inside], cwd=ROOT, env=environment, check=True
        )
        told = json.loads(answer.read_text(encoding="utf-8"))
    return Row(**{field.name: told[field.name] for field in fields(Row)})


def main(disk: str, plan: str, answer: str) -> None:
    """Fill this disk, and write the row."""
    dose = Dose(**json.loads(Path(plan).read_text(encoding="utf-8")))
    with ground(one_process("sqlite", folder=disk)) as here:
        row = fill_the_disk(here, dose, SmallDisk(Path(disk)))
    Path(answer).write_text(json.dumps(row.told()), encoding="utf-8")


def with_files_that_may_not_grow(dose: Dose) -> Row:
    """What is left without a disk of our own: the system refuses each byte the board wants to write."""
    with ground(one_process("sqlite", kind=Unlogged)) as here:
        return fill_the_disk(here, dose, FilesThatMayNotGrow(here.layout.web[0].pid))


class Room(Protocol):
    """What can be taken and given back."""

    what: str
    fault: str

    def take(self) -> None:
        """Not one more byte fits."""
        raise NotImplementedError

    def is_taken(self) -> bool:
        """Whether that is so."""
        raise NotImplementedError

    def give_back(self) -> None:
        """There is room again."""
        raise NotImplementedError


class SmallDisk:
    """A file fills it."""

    fault = "disk full"
    what = f"a disk of {MEGABYTES} MB in memory, filled to the last byte"

    def __init__(self, disk: Path) -> None:
        self.disk, self.filler = disk, disk / "filler"

    def take(self) -> None:
        with self.filler.open("ab", buffering=0) as filler:
            for size in (65536, 4096, 256, 1):
                with suppress(OSError):
                    while filler.write(b"\0" * size) == size:
                        pass

    def is_taken(self) -> bool:
        return os.statvfs(self.disk).f_bavail == 0

    def give_back(self) -> None:
        self.filler.unlink()


class FilesThatMayNotGrow:
    """A limit of the board's processes: no file of theirs may be written to."""

    fault = "files may not grow"
    what = "no full disk: this machine lets nobody mount a small one, so the board's files were not allowed to grow"

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def take(self) -> None:
        self._limit(0)

    def is_taken(self) -> bool:
        return all(resource.prlimit(one, resource.RLIMIT_FSIZE)[0] == 0 for one in family(self.pid))

    def give_back(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, most: int) -> None:
        for one in family(self.pid):
            _soft, hard = resource.prlimit(one, resource.RLIMIT_FSIZE)
            resource.prlimit(one, resource.RLIMIT_FSIZE, (hard if most else 0, hard))


class Unlogged(Board):
    """Its log goes nowhere: it may not grow either."""

    def __init__(self, data: Path, **settings: Any) -> None:
        super().__init__(data, **settings)
        self.log = Path(os.devnull)


def fill_the_disk(here: Ground, dose: Dose, room: Room) -> Row:
    """Take all room while people write, look, and give it back."""
    pace = f"{dose.disks} times, {dose.writes / 2:g} writes/s"
    row = Row(room.fault, here.layout.name, f"{pace}; {room.what}")
    unclear, unread, never, refusals, full = 0, 0, 0, 0, 0
    start, took = time.monotonic(), []
    with here.readers(dose.readers) as readers, here.writers(dose.writes / 2) as writers:
        for _ in range(dose.disks):
            time.sleep(0.5)  # the storm goes on in between
            began = time.monotonic()
            room.take()
            refused = readers.until(lambda since=began: bool(here.ledger.failures(since=since)), 30)
            full += refused and room.is_taken()
            for _ in range(10):
                unclear += not is_refused_clearly(here)
                unread += not can_be_read(here)
            refusals += len(here.ledger.failures(since=began))
            room.give_back()
            seconds, why = here.current_within(writers, readers, 30, since=time.monotonic())
            if seconds is None:
                never += 1
                row.facts["why"] = why
            else:
                took.append(seconds)
    statuses = {status for _at, status in here.ledger.failures(since=start)}
    row.hold_dose("times it was full, and a write refused", full, dose.disks)
    row.facts["writes_refused"] = refusals
    row.hold("refusals other than 503", len(statuses - {503}), "<=", 0)
    row.hold("refusals without a clear page", unclear, "<=", 0)
    row.hold("pages that could not be read", unread, "<=", 0)
    row.hold("times it did not recover by itself", never, "<=", 0)
    row.facts["statuses"] = sorted(statuses)
    row.facts["slowest_until_pages_equal_s"] = round(max(took, default=0.0), 2)
    row.hold_ledger(here.check())
    return row


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


if __name__ == "__main__":
    main(*sys.argv[1:4])
