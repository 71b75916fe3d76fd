"""Some pages stop reading while a storm goes on: no frame is cut, memory stays, and the others notice nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from tests.faults.doses import Dose
from tests.faults.ground import Ground, Row, ground
from tests.load.layouts import scaled_out
from tests.load.storming import pages, storm, votes

MEGABYTE = 1_000_000


def run(dose: Dose) -> Iterator[Row]:
    """On one `live` process."""
    needed = 2 * int(dose.stalling * dose.stalling_votes)
    with ground(scaled_out(web=1, live=1), ideas=50, voters=max(20, needed // 50 + 1)) as here:
        yield stop_reading(here, dose)


def stop_reading(here: Ground, dose: Dose) -> Row:
    """The same storm twice: while everybody reads, and while some do not."""
    stalled = max(1, round(dose.stalling_pages * dose.stalled_share))
    row = Row(
        f"{dose.stalled_share:.0%} of {dose.stalling_pages:,} watchers stop reading",
        here.layout.name,
        f"{stalled} pages, {dose.stalling:g} s, {dose.stalling_votes:g} upvotes/s",
    )
    each = int(dose.stalling * dose.stalling_votes)
    cast = votes(here.crowd, 2 * each)
    how = {"per_second": dose.stalling_votes}
    with pages(here.folder, here.layout, here.crowd, dose.stalling_pages) as opened:
        calm = storm(here.folder, here.layout, here.crowd, [opened], cast[:each], **how)
        before = _live_memory(here)
        silent = opened.tell("stall", pages=stalled)["stalled"]
        most = _Highest(here)
        with most:
            rough = storm(here.folder, here.layout, here.crowd, [opened], cast[each:], **how)
        unread = opened.tell("unread")["pages"]
        after = opened.tell("resume")
        end = opened.tell("tell")
    row.hold_dose("pages that stopped reading", silent, stalled)
    row.hold_dose("pages for which more lies there than they have read", unread, stalled)
    row.hold("memory of the live process, MB more at most", (most.bytes - before) / MEGABYTE, "<=", 100)
    row.hold("corrupt frames", end["corrupt"], "<=", 0)
    row.hold("upvotes lost", calm["lost"] + rough["lost"], "<=", 0)
    row.hold("upvotes a reading watcher never saw", calm["never_seen"] + rough["never_seen"], "<=", 0)
    row.hold("stalled pages that did not come back", 0 if after["back"] else 1, "<=", 0)
    slower = rough["screen_p99_ms"] / max(1, calm["screen_p99_ms"])
    row.hold("the others' p99, times what it was before", slower, "<=", 1.25, is_time=True)
    row.facts = {
        "calm": calm,
        "rough": rough,
        "dropped": after["dropped"],
        "first_corrupt": end["first_corrupt"],
    }
    return row


def _live_memory(here: Ground) -> int:
    return sum(size for name, size in here.layout.memory().items() if name.startswith(("live", "board")))


class _Highest:
    """The most memory a live process held within the block, looked at twice a second."""

    def __init__(self, here: Ground) -> None:
        self.here, self.bytes = here, _live_memory(here)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._ended.wait(0.5):
            self.bytes = max(self.bytes, _live_memory(self.here))

    def __enter__(self) -> _Highest:
        self._thread.start()
        return self

    def __exit__(self, *_told: object) -> None:
        self._ended.set()
        self._thread.join()
