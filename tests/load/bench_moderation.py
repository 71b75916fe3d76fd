"""`python3 tasks.py bench moderation`: a queue with 20,000 items, and acts until everybody sees them.

Real content: the board is Barcelona's of 2016 several times over. Nothing here is a test: figures depend on the
machine, so a goal that is missed is said to be missed and that is all. What can be counted (double acts, pages that
never heard) is counted.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.factory import create_app
from tests.load.acting import Acting
from tests.load.asking import AS_BROWSERS
from tests.load.explaining import Looking
from tests.load.figuring import speed
from tests.load.filling import Moderators, fill_queue, moderators
from tests.load.machine import busy_seconds, cpu_seconds, machine, own_seconds
from tests.load.moving import move_to
from tests.load.preparing import Prepared
from tests.load.queue_pages import LARGE, SMALL, Pages, pages_of
from tests.load.serving import ask, goal, keep, server, step
from tests.load.telling_moderation import report, table
from tests.servers import Board, postgres

IDEAS = {LARGE: 8000, SMALL: 40}
WAITING, REPORTED = {LARGE: 20_000, SMALL: 200}, {LARGE: 2000, SMALL: 20}
REPORTERS = 300
CONNECTIONS = 4


@dataclass(frozen=True)
class Lengths:
    """Seconds a page is asked for, and how many acts are done; a second, so many."""

    warm: float
    page: float
    acts: int
    raced: int
    watchers: int = 200
    moderators: int = 6
    per_second: float = 2.0


LONG = Lengths(warm=1.0, page=5.0, acts=150, raced=100)
SHORT = Lengths(warm=0.2, page=1.0, acts=20, raced=20)


class Bench:
    """One run; what was found is in `facts` by database, what it is held to in `goals`."""

    def __init__(self, prepared: Prepared, lengths: Lengths) -> None:
        self.prepared = prepared
        self.lengths = lengths
        self.facts: dict[str, Any] = {"machine": machine(), "databases": {}}
        self.goals: list[dict[str, Any]] = []
        self.moderators: Moderators
        self.served = 0.0  # seconds that servers have worked

    def run(self, *, on_postgresql: bool) -> None:
        """Everything, in order."""
        began, busy = time.monotonic(), busy_seconds()
        step("importing Barcelona's set, and copying it")
        self.fill()
        for name, settings in self.databases(on_postgresql):
            facts = self.facts["databases"][name] = self.look(name, settings)
            with server(settings, cores=1) as board:
                facts["pages"] = self.measure_pages(name, board, self.pages[name])
                self.served += cpu_seconds(board.pid)
            with server(settings) as board:
                step(
                    f"{name}: {self.lengths.watchers} watchers and {self.lengths.moderators} moderators come"
                )
                acting = Acting(self.prepared, settings, board, self.moderators, LARGE)
                facts["acts"] = acting.measure(self.lengths)
                self.served += cpu_seconds(board.pid)
            self.judge(name, facts)
        others = busy_seconds() - busy - own_seconds() - self.served
        there = (time.monotonic() - began) * (os.cpu_count() or 1)
        self.facts["machine"]["others_percent"] = max(0, round(100 * others / there))

    def fill(self) -> None:
        """The boards, the people and both queues."""
        self.prepared.import_barcelona()
        for slug, ideas in IDEAS.items():
            self.prepared.copy_board(slug, ideas)
        self.prepared.participants(REPORTERS)
        self.moderators = moderators(self.prepared, [LARGE, SMALL], self.lengths.moderators)
        first = self.moderators.ids[0]
        self.facts["queues"] = {
            slug: fill_queue(
                self.prepared,
                slug,
                waiting=WAITING[slug],
                reported=REPORTED[slug],
                reporters=range(first - REPORTERS, first),
                looked=first,
            )
            for slug in (LARGE, SMALL)
        }
        self.pages: dict[str, Pages] = {}

    def databases(self, on_postgresql: bool) -> Iterator[tuple[str, dict[str, Any]]]:
        """Name and settings of each database to measure on, while it is there."""
        kept = dict(self.prepared.settings)
        if on_postgresql:
            with contextlib.ExitStack() as stack:
                step("PostgreSQL: moving the board there")
                address = stack.enter_context(postgres())
                move_to(address, self.prepared)
                moved, self.prepared.settings = self.prepared.settings, kept
                yield "SQLite", kept
                yield "PostgreSQL", moved
        else:
            yield "SQLite", kept

    def look(self, name: str, settings: dict[str, Any]) -> dict[str, Any]:
        """Queries, their plans and where the time goes, without a network between."""
        step(f"{name}: counting queries")
        app = create_app(settings)
        self.pages[name] = pages = pages_of(app)
        looking = Looking(app)
        headers = {"Cookie": self.moderators.cookies[0]}
        found = {}
        for page, path in pages.items():
            found[page] = looking.at(path, headers)
            found[page] |= looking.walks("queue_items")
        looking.close()
        return {"inside": found}

    def measure_pages(self, name: str, board: Board, pages: Pages) -> dict[str, Any]:
        """Requests a second and times, as so many moderators who reload without a pause."""
        browser = {"Accept": "text/html", "Accept-Encoding": AS_BROWSERS, "Accept-Language": "en"}
        headers = {**browser, "Cookie": self.moderators.cookies[0]}
        found = {}
        everything = [{"path": path} for path in pages.values()]
        ask(self.prepared.data, board, requests=everything, headers=headers, connections=CONNECTIONS)
        for page, path in pages.items():
            step(f"{name}: {page}")
            plan = {"requests": [{"path": path}], "headers": headers, "connections": CONNECTIONS}
            ask(self.prepared.data, board, **plan, seconds=self.lengths.warm)
            before = cpu_seconds(board.pid)
            answer = ask(self.prepared.data, board, **plan, seconds=self.lengths.page)
            worked = cpu_seconds(board.pid) - before
            found[page] = speed(answer) | {"cpu_ms": round(1000 * worked / max(1, len(answer["rows"])), 1)}
        return found

    def judge(self, name: str, facts: dict[str, Any]) -> None:
        """Hold the figures against what they are held to."""
        inside, pages, acts = facts["inside"], facts["pages"], facts["acts"]
        many, few = f"all that waits, {WAITING[LARGE]:,}", f"all that waits, {WAITING[SMALL]:,}"
        # A word nobody wrote is looked for in all that waits, whatever index there is.
        whole = sum(bool(one["reads_all"]) for page, one in inside.items() if not page.startswith("search"))
        held = [
            (
                "queue of 20,000: queries more than of 200",
                inside[many]["queries"] - inside[few]["queries"],
                0,
            ),
            ("pages without a search that read the whole queue", whole, 0),
            ("queue of 20,000: times the work of 200", inside[many]["cpu_ms"] / inside[few]["cpu_ms"], 1.25),
            ("answers that were not 200", sum(one["not_200"] for one in pages.values()), 0),
            ("act to a watcher's screen, p99 ms", acts["paced"]["screen"]["p99_ms"], 300),
            ("act to another moderator's queue, p99 ms", acts["paced"]["queue"]["p99_ms"], 500),
            ("acts a page never showed", acts["never_seen"], 0),
            ("items with two acts, or none", acts["not_decided_once"], 0),
            ("answers to acts that were neither done nor refused", acts["unforeseen_answers"], 0),
            ("pages that differ from the database 1 s later", acts["differ_by_socket"], 0),
        ]
        self.goals += [goal(f"{name}: {what}", measured, "<=", wanted) for what, measured, wanted in held]


def main() -> None:
    """Measure, print, and write `build/bench-moderation.json`."""
    parser = argparse.ArgumentParser(prog="tasks.py bench moderation", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a look at everything, in less than two minutes")
    parser.add_argument("--sqlite", action="store_true", help="leave PostgreSQL out")
    parser.add_argument("--write", action="store_true", help="also write docs/benchmarks/moderation.md")
    chosen = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        bench = Bench(Prepared(Path(folder)), SHORT if chosen.short else LONG)
        bench.run(on_postgresql=not chosen.sqlite)
    result = {**bench.facts, "goals": bench.goals, "seconds": round(time.monotonic() - began)}
    print(table(result))
    keep("moderation", result, report(result) if chosen.write else None)


if __name__ == "__main__":
    main()
