"""Where a fault is let loose: a running product, a crowd, people who write, and pages that stay open."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.faults.ledger import Findings, Ledger
from tests.faults.reading import Readers, truth_of
from tests.faults.writing import Writers
from tests.load.crowd import Crowd, fill
from tests.load.layouts import Layout, analyse
from tests.load.serving import goal


@dataclass
class Row:
    """What came of one fault on one layout: the dose, what it is held to, and what else was seen."""

    fault: str
    layout: str
    dose: str
    goals: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def hold(
        self, what: str, measured: float | None, sign: str, wanted: float, *, is_time: bool = False
    ) -> None:
        """Hold a figure against its goal; None is a wait that did not end. A short run asserts all that is no time."""
        shown = float("inf") if measured is None else measured
        self.goals.append({**goal(what, shown, sign, wanted), "is_time": is_time and measured is not None})

    def hold_dose(self, what: str, measured: float, wanted: float) -> None:
        """How often it was really brought about: a fault that did not happen shows nothing."""
        self.hold(f"brought about: {what}", measured, ">=", wanted)

    def hold_ledger(self, found: Findings) -> None:
        """I1, I2 and I4 of the ledger; one in which nothing was written meanwhile shows nothing."""
        self.hold("writes acknowledged meanwhile", found.acknowledged, ">=", 1)
        self.hold("acknowledged writes lost", found.lost, "<=", 0)
        self.hold("writes doubled", found.doubled, "<=", 0)
        self.hold("upvotes that are not as last acknowledged", found.upvotes_wrong, "<=", 0)
        self.hold("counters that differ from their rows", found.counters_off, "<=", 0)
        self.hold("gaps in the changes", found.gaps, "<=", 0)
        self.hold("faults the database finds in itself", len(found.damage), "<=", 0)
        self.facts["damage"] = found.damage

    @property
    def is_met(self) -> bool:
        """Whether every goal is."""
        return all(one["met"] for one in self.goals)

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "met": self.is_met}


class Ground:
    """Everything about one running board under a fault."""

    def __init__(
        self, layout: Layout, folder: Path, *, city: str = "rotterdam", ideas: int = 30, voters: int = 120
    ) -> None:
        self.layout, self.folder = layout, folder
        self.crowd: Crowd = fill(layout.settings, city=city, ideas=ideas, voters=voters)
        analyse(layout.database_url)
        self.ledger = Ledger(folder / f"ledger-{city}.jsonl")
        self.seen = 0
        self.waits: list[dict[str, Any]] = []
        self.web = [board.port for board in layout.web]
        self.live = [board.port for board in layout.live]

    def elsewhere(self, city: str, **more: Any) -> Ground:
        """Another board of the same product, with a crowd and a ledger of its own."""
        return Ground(self.layout, self.folder, city=city, **more)

    def writers(self, per_second: float, **more: Any) -> Writers:
        """People who write, in a `with` block."""
        return Writers(self.crowd, self.web, self.ledger, per_second=per_second, **more)

    def readers(self, how_many: int) -> Readers:
        """Open pages, in a `with` block."""
        return Readers(self.crowd, self.web, self.live, how_many)

    def truth(self) -> Any:
        """What pages have to show."""
        return truth_of(self.layout.database_url, self.crowd.city)

    def check(self) -> Findings:
        """Hold the database against all of the ledger; `acknowledged` are those since it was done last."""
        found = self.ledger.check(self.layout.database_url, self.crowd)
        seen, self.seen = self.seen, found.acknowledged
        return replace(found, acknowledged=found.acknowledged - seen)

    def current_within(
        self, writers: Writers, readers: Readers, seconds: float, *, since: float
    ) -> tuple[float | None, str]:
        """Hold the writers still, and wait until every page equals the database.

        Returns how long that took since the moment `since`; None and a reason after `seconds` of waiting.
        """
        began = time.monotonic()
        if not writers.pause():
            writers.go_on()
            return None, "writes are not acknowledged"
        paused = time.monotonic()
        took, why = readers.equal_within(self.truth(), seconds)
        finished = time.monotonic()
        writers.go_on()
        self.waits.append(
            {
                "writers_s": round(paused - began, 2),
                "pages_s": round(finished - paused, 2),
                "why": readers.late,
            }
        )
        return (None, why) if took is None else (finished - since, "")


def outside_of(
    failures: list[tuple[float, int]], windows: list[tuple[float, float]]
) -> list[tuple[float, int]]:
    """Those failures that no window of time explains."""
    return [one for one in failures if not any(since <= one[0] <= until for since, until in windows)]


@contextmanager
def ground(layout: Any, **more: Any) -> Iterator[Ground]:
    """A ground on a layout (a context manager of `layouts`), and its ledger, until the block ends."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True))
        )
        made = Ground(stack.enter_context(layout), folder, **more)
        stack.callback(made.ledger.close)
        yield made
