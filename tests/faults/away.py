"""The network of some pages goes away, for half a minute, for ten, and for longer than changes are kept."""

from __future__ import annotations

import time
from collections.abc import Iterator

from app.cities.actions.numbering import PRUNE_EVERY
from tests.faults.doses import Dose
from tests.faults.ground import Ground, Row, ground
from tests.load.layouts import scaled_out

PACE = 5.0
"""Writes a second meanwhile: as many changes as happen in ten minutes are kept."""
KEPT = 50


def run(dose: Dose) -> Iterator[Row]:
    """Pages that are away for different times, on one board; then on one that keeps few changes."""
    with ground(scaled_out(web=1, live=1)) as here:
        yield from go_away(here, dose)
    with ground(scaled_out(web=1, live=1, changes_kept=KEPT)) as here:
        yield stay_away_too_long(here, dose)


def go_away(here: Ground, dose: Dose) -> Iterator[Row]:
    """All go at once, the first group comes back first."""
    with here.readers(dose.pages_away * len(dose.away)) as readers, here.writers(PACE) as writers:
        began = time.monotonic()
        readers.do(lambda page: page.leave())
        for number, seconds in enumerate(sorted(dose.away)):
            row = Row(f"socket away {_words(seconds)}", here.layout.name, f"{dose.pages_away} pages")
            group = readers.pages[number * dose.pages_away : (number + 1) * dose.pages_away]
            time.sleep(max(0.0, began + seconds - time.monotonic()))
            known = max(page.last for page in group)
            readers.until(lambda known=known: here.truth().seq > known, 30)
            missed = here.truth().seq - known
            gone = sum(page.is_away and not page.is_watching for page in group)
            readers.do(lambda page: page.come_back(), group)
            back = time.monotonic()
            writers.pause()
            took, why = readers.equal_within(here.truth(), 30, group)
            took = None if took is None else time.monotonic() - back
            writers.go_on()
            row.hold_dose("pages away", gone, dose.pages_away)
            row.hold_dose("changes each of them missed", missed, 1)
            row.hold("until all equal the database, s", took, "<=", 5, is_time=True)
            row.facts = {"why": why, "reloads": sum(page.reloads for page in group)}
            row.hold_ledger(here.check())
            yield row


def stay_away_too_long(here: Ground, dose: Dose) -> Row:
    """Until more has changed than is kept; then the pages have to begin anew."""
    row = Row("socket away for longer than changes are kept", here.layout.name, f"{dose.pages_away} pages")
    with here.readers(dose.pages_away) as readers, here.writers(dose.writes) as writers:
        readers.do(lambda page: page.leave())
        time.sleep(0.2)  # what was on its way has arrived or not
        known = max(page.last for page in readers.pages)
        kept = here.layout.settings.get("changes_kept", 2000)
        readers.until(lambda: here.truth().seq > known + kept + PRUNE_EVERY, 120)
        gone = sum(page.is_away and not page.is_watching for page in readers.pages)
        missed = here.truth().seq - known
        readers.do(lambda page: page.come_back())
        took, why = here.current_within(writers, readers, 30, since=time.monotonic())
        began_anew = sum(page.reloads > 0 for page in readers.pages)
    row.hold_dose("pages away", gone, dose.pages_away)
    row.hold_dose(f"changes each of them missed, of {kept} that are kept", missed, kept + 1)
    row.hold("until all equal the database, s", took, "<=", 5, is_time=True)
    row.hold("pages that began anew", began_anew, ">=", dose.pages_away)
    row.facts["why"] = why
    row.hold_ledger(here.check())
    return row


def _words(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
