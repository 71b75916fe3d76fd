"""The application is killed (-9) in the middle of a storm of writes, again and again, and started again."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator

from tests.faults.doses import Dose
from tests.faults.ground import Ground, Row, ground, outside_of
from tests.load.layouts import one_process, scaled_out

SETTLED = 1.0
"""Seconds after a page was found current in which an answer that was on its way may still fail."""


def run(dose: Dose) -> Iterator[Row]:
    """The single process on SQLite; then `web` and `live` processes in turns."""
    with ground(one_process("sqlite")) as here:
        yield kill_in_a_storm(here, dose)
    with ground(scaled_out(web=2, live=2)) as here:
        yield kill_in_a_storm(here, dose)


def kill_in_a_storm(here: Ground, dose: Dose) -> Row:
    """Kill one process after the other, each a moment after everything was well."""
    row = Row(
        "application killed (-9) in a storm",
        here.layout.name,
        f"{dose.kills} kills, {dose.writes:g} writes/s",
    )
    boards = list(dict.fromkeys((*here.layout.web, *here.layout.live)))
    times: list[float] = []
    windows: list[tuple[float, float]] = []
    never, killed, start = 0, 0, time.monotonic()
    chance = random.Random(9)
    with here.readers(dose.readers) as readers, here.writers(dose.writes) as writers:
        for turn in range(dose.kills):
            time.sleep(chance.uniform(0.3, 1.5))  # how long the storm blows is the point
            board = boards[turn % len(boards)]
            began = time.monotonic()
            board.kill()
            killed += board.process is not None and board.process.returncode == -signal.SIGKILL
            board.start()
            ready = time.monotonic()
            took, why = here.current_within(writers, readers, 30, since=ready)
            windows.append((began, time.monotonic() + SETTLED))
            if took is None:
                never += 1
                row.facts["why"] = why
            else:
                times.append(took)
    failures = here.ledger.failures(since=start)
    outside = outside_of(failures, windows)
    row.hold_dose("kills", killed, dose.kills)
    row.hold("pages that never were current again", never, "<=", 0)
    row.hold(
        "slowest until all pages equal the database, s after start",
        max(times, default=None),
        "<=",
        5,
        is_time=True,
    )
    row.hold("failures outside of the fault", len(outside), "<=", 0)
    row.facts["failures_outside"] = outside[:20]
    row.facts["writes_that_failed_and_were_sent_again"] = len(failures) - len(outside)
    row.facts["until_current_p50"] = round(sorted(times)[len(times) // 2], 2) if times else None
    row.facts["waits"] = here.waits
    row.hold_ledger(here.check())
    return row
