"""Thousands of watchers lose their sockets at once, and come back at once, while people go on writing."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tests.faults.doses import Dose
from tests.faults.ground import Ground, Row, ground
from tests.load.crowd import truth
from tests.load.layouts import scaled_out
from tests.load.storming import pages

PACE = 20.0
LINES = 64


def run(dose: Dose) -> Iterator[Row]:
    """On one `live` and one `web` process."""
    with ground(scaled_out(web=1, live=1), ideas=50) as here:
        yield come_back_at_once(here, dose)


def come_back_at_once(here: Ground, dose: Dose) -> Row:
    """So many times; in the end every page has to equal the database."""
    row = Row(
        f"{dose.returning_pages:,} watchers reconnect at once",
        here.layout.name,
        f"{dose.returns} times, {PACE:g} writes/s",
    )
    many = dose.returning_pages
    slowest, current = [], []
    began, before = time.monotonic(), here.layout.worked()
    with pages(here.folder, here.layout, here.crowd, many, lines=LINES) as opened:
        with here.writers(PACE) as writers:
            for _ in range(dose.returns):
                told = opened.tell("cut")
                slowest.append(told["last"])
                current.append(told["current"])
            after, seconds = here.layout.worked(), time.monotonic() - began
            writers.pause()
            opened.tell("ask")
            compared = opened.tell("compare", truth=truth(here.layout.database_url, here.crowd.city))
        end = opened.tell("tell")
    late = None if min(current) < many or None in slowest else max(slowest)
    row.hold_dose("sockets lost", end["closed"], many * dose.returns)
    row.hold("until all are current, s", late, "<=", 30, is_time=True)
    row.hold("watchers that differ from the database in the end", many - compared["equal"], "<=", 0)
    row.hold("corrupt frames", end["corrupt"], "<=", 0)
    row.hold("questions that failed", end["failed"], "<=", 0)
    row.hold("writes that failed", len(here.ledger.failures(since=began)), "<=", 0)
    busy = ", ".join(f"{part} {(after[part] - before[part]) / seconds:.0%}" for part in after)
    where = f"of a core, since the first came: {busy}"
    row.facts = {"slowest": slowest, "current": current, "where": where, **end}
    row.hold_ledger(here.check())
    return row
