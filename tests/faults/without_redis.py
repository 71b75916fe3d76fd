"""Redis is restarted, and stays away for a minute, while people write: nobody's write may fail, and pages catch up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from tests.faults.doses import Dose
from tests.faults.ground import Ground, Row, ground
from tests.load.layouts import scaled_out


def run(dose: Dose) -> Iterator[Row]:
    """Both on one scaled-out board."""
    with ground(scaled_out(web=2, live=2)) as here:
        yield lose_redis(here, dose, "Redis restarted", dose.redis_restarts, lambda: None)
        name = f"Redis away {dose.redis_away:g} s"
        yield lose_redis(here, dose, name, dose.redis_absences, lambda: time.sleep(dose.redis_away))


def lose_redis(here: Ground, dose: Dose, name: str, times: int, wait: Callable[[], None]) -> Row:
    """Kill it, wait, start it again; so many times."""
    row = Row(name, here.layout.name, f"{times} times, {dose.writes:g} writes/s")
    redis = here.layout.engines["redis"]
    began, took, never, away = time.monotonic(), [], 0, 0
    with here.readers(dose.readers) as readers, here.writers(dose.writes) as writers:
        for _ in range(times):
            time.sleep(0.5)  # the storm goes on in between
            redis.kill()
            wait()
            away += not redis.answers()
            redis.start()
            seconds, why = here.current_within(writers, readers, 60, since=time.monotonic())
            if seconds is None:
                never += 1
                row.facts["why"] = why
            else:
                took.append(seconds)
    failures = here.ledger.failures(since=began)
    row.hold_dose("times nobody answered at its port", away, times)
    row.hold("writes that failed", len(failures), "<=", 0)
    row.hold("pages that never were current again", never, "<=", 0)
    row.hold("slowest until all pages equal the database, s", max(took, default=None), "<=", 20, is_time=True)
    row.facts["failures"] = failures[:20]
    row.facts["waits"] = here.waits
    row.hold_ledger(here.check())
    return row
