"""PostgreSQL is restarted while people write."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tests.faults.doses import Dose
from tests.faults.ground import Ground, Row, ground, outside_of
from tests.load.layouts import scaled_out


def run(dose: Dose) -> Iterator[Row]:
    """On a scaled-out board."""
    with ground(scaled_out(web=2, live=1)) as here:
        yield restart_postgres(here, dose)


def restart_postgres(here: Ground, dose: Dose) -> Row:
    """Stop it as an operator does, which cuts everybody off, and start it; every second time kill it instead."""
    row = Row(
        "PostgreSQL restarted", here.layout.name, f"{dose.postgres_restarts} times, {dose.writes:g} writes/s"
    )
    server = here.layout.engines["postgresql"]
    errors, took, never, away = [], [], 0, 0
    start, windows = time.monotonic(), []
    with here.readers(dose.readers) as readers, here.writers(dose.writes) as writers:
        for turn in range(dose.postgres_restarts):
            time.sleep(0.5)  # the storm goes on in between
            began = time.monotonic()
            (server.stop if turn % 2 == 0 else server.kill)()
            away += not server.answers()
            server.start()
            ready = time.monotonic()
            seconds, why = here.current_within(writers, readers, 60, since=ready)
            until = time.monotonic()
            windows.append((began, until))
            failed = here.ledger.failures(since=began, until=until)
            errors.append(failed[-1][0] - began if failed else 0.0)
            if seconds is None:
                never += 1
                row.facts["why"] = why
            else:
                took.append(seconds)
    outside = outside_of(here.ledger.failures(since=start), windows)
    row.hold_dose("times nobody answered at its port", away, dose.postgres_restarts)
    row.hold("longest time in which writes failed, s", max(errors, default=None), "<=", 10, is_time=True)
    row.hold("pages that never were current again", never, "<=", 0)
    row.hold("failures outside of the fault", len(outside), "<=", 0)
    row.facts["slowest_until_pages_equal_s"] = round(max(took, default=0.0), 2)
    row.facts["failures_outside"] = outside[:20]
    row.facts["waits"] = here.waits
    row.hold_ledger(here.check())
    return row
