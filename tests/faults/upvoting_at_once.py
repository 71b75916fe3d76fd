"""One person's upvote, sent fifty times at the same moment: over and over, each time another person or idea."""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.doses import Dose
from tests.faults.ground import Ground, Row, ground
from tests.faults.writing import written
from tests.load.layouts import one_process
from tests.load.questions import Line


def run(dose: Dose) -> Iterator[Row]:
    """On SQLite and on PostgreSQL."""
    for kind in ("sqlite", "postgresql"):
        with ground(one_process(kind)) as here:
            yield upvote_at_once(here, dose)


def upvote_at_once(here: Ground, dose: Dose) -> Row:
    """All rounds on one board."""
    row = Row(
        "identical upvotes at once by one person",
        here.layout.name,
        f"{dose.identical_rounds} rounds of {dose.at_once}",
    )
    ports = here.web
    lines = [Line(ports[number % len(ports)]) for number in range(dose.at_once)]
    refused, differing = 0, 0
    for turn in range(dose.identical_rounds):
        who, which = turn % len(here.crowd.cookies), turn // len(here.crowd.cookies) % len(here.crowd.ideas)
        idea = here.crowd.ideas[which]
        entry = here.ledger.before("upvote", here.crowd.voters[who], idea=idea)
        for line in lines:
            line.begin(written(here.crowd, line.port, f"/ideas/{idea}/upvote", {"upvote": "on"}, who))
        answers = [line.finish() for line in lines]
        refused += sum(status != 200 for status, _body in answers)
        differing += len({body for status, body in answers if status == 200}) != 1
        here.ledger.after(entry, 200 if any(status == 200 for status, _body in answers) else answers[0][0])
    for line in lines:
        line.close()
    row.hold("requests refused", refused, "<=", 0)
    row.hold("rounds whose answers differ", differing, "<=", 0)
    row.hold_ledger(here.check())
    return row
