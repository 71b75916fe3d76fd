"""A long afternoon: watchers, posts, comments and upvotes, and every few minutes a look at memory and at the delay.

What is written is in a ledger, as under faults. The delay is measured with upvotes of their own, on ideas of their own,
since those that people take back again cannot be told apart on a screen.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import text

from tests.faults.ledger import Ledger
from tests.faults.writing import Writers
from tests.load.crowd import fill, looking, truth
from tests.load.layouts import Layout, analyse
from tests.load.serving import step
from tests.load.storming import Vote, figure, pages, requests, send

WRITES = 5.0
"""Of people, a second: a full room that is busy all the time."""
PROBES, PROBE_RATE, PROBE_SECONDS = 12, 10.0, 20.0
SAMPLES_EVERY = 5.0
MEGABYTE = 1_000_000
GONE = (RuntimeError, BrokenPipeError)
"""What is raised where the pages' process has ended."""
TOLD = ("failed", "corrupt", "closed", "asked", "repaired")


def endure(folder: Path, layout: Layout, *, watchers: int, seconds: float) -> dict[str, Any]:
    """Keep everything open and busy for so long; say what came of it."""
    each = min(int(PROBE_RATE * PROBE_SECONDS), int(PROBE_RATE * seconds / PROBES / 2))
    crowd = fill(layout.settings, ideas=50, voters=200 + PROBES * each // 10 + 1)
    analyse(layout.database_url)
    people = replace(crowd, ideas=crowd.ideas[:40], voters=crowd.voters[:200], cookies=crowd.cookies[:200])
    probing = replace(crowd, ideas=crowd.ideas[40:], voters=crowd.voters[200:], cookies=crowd.cookies[200:])
    pairs = [Vote(voter, idea) for voter in range(len(probing.cookies)) for idea in probing.ideas]
    ledger = Ledger(folder / "ledger.jsonl")
    ports = [board.port for board in layout.web]
    delays: list[dict[str, Any]] = []
    with pages(folder, layout, crowd, watchers) as opened, _Scales(layout) as scales:
        with Writers(people, ports, ledger, per_second=WRITES) as writers:
            began = time.monotonic()
            with suppress(*GONE):  # what was found until then is told
                for probe in range(PROBES):
                    time.sleep(max(0.0, began + seconds * (probe + 0.5) / PROBES - time.monotonic()))
                    cast = pairs[probe * each : (probe + 1) * each]
                    answer = send(
                        folder, layout, requests(probing, cast), connections=8, per_second=PROBE_RATE
                    )
                    time.sleep(0.5)  # the last of them are on their way to the pages
                    figures = figure(folder, cast, answer, [opened])
                    load = round(os.getloadavg()[0], 1)
                    delays.append({"at": round(time.monotonic() - began), "load": load, **figures})
                    opened.tell("fold")
                    step(f"{delays[-1]['at']:5} s: p99 {delays[-1]['screen_p99_ms']} ms, {scales.now()}")
                time.sleep(max(0.0, began + seconds - time.monotonic()))
            stood = time.monotonic() - began
            not_finished = not writers.pause()
            scales.end()
        compared, told = {"equal": 0}, dict.fromkeys(TOLD, 0)
        with suppress(*GONE):
            opened.tell("ask")
            compared = opened.tell("compare", truth=truth(layout.database_url, crowd.city))
            told = opened.tell("tell")
    found = ledger.check(layout.database_url, crowd)
    ledger.close()
    quarter = max(1, PROBES // 4)
    first, last = (
        median([one["screen_p99_ms"] for one in some] or [float("inf")])
        for some in (delays[:quarter], delays[-quarter:])
    )
    return {
        "layout": layout.name,
        "watchers": watchers,
        "seconds": seconds,
        "stood_seconds": round(stood),
        "delays": delays,
        "p99_first_ms": first,
        "p99_last_ms": last,
        "p99_drift": round(last / max(1, first), 2),
        "mb": scales.series(),
        "weighed_at": scales.moments(),
        "mb_an_hour": scales.slopes(),
        "writes_not_finished": not_finished,
        "acknowledged": found.acknowledged,
        "lost": found.lost + sum(one["never_seen"] for one in delays),
        "doubled": found.doubled,
        "upvotes_wrong": found.upvotes_wrong,
        "counters_off": found.counters_off,
        "gaps": found.gaps,
        "differ": watchers - compared["equal"],
        "failed": len(ledger.failures()) + told["failed"],
        "corrupt": told["corrupt"],
        "closed": told["closed"],
        "asked": told["asked"],
        "repaired": told["repaired"],
    }


class _Scales:
    """Weighs all parts every few seconds; the first fifth of the time is for warming up."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.rows: list[tuple[float, dict[str, int]]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._weigh, daemon=True)

    def __enter__(self) -> _Scales:
        self._thread.start()
        return self

    def __exit__(self, *_told: object) -> None:
        self.end()

    def end(self) -> None:
        """Weigh no more."""
        self._ended.set()
        self._thread.join()

    def _weigh(self) -> None:
        began = time.monotonic()
        while True:
            weights = {**self.layout.memory(), "database on disk": size_of(self.layout.database_url)}
            self.rows.append((time.monotonic() - began, weights))
            if self._ended.wait(SAMPLES_EVERY):
                return

    def now(self) -> str:
        """The last weights, for people."""
        return ", ".join(f"{name} {size / MEGABYTE:.0f} MB" for name, size in self.rows[-1][1].items())

    def series(self) -> dict[str, list[float]]:
        """Some twenty weights of each part, in MB."""
        return {name: [round(row[1][name] / MEGABYTE, 1) for row in self._some] for name in self.rows[0][1]}

    def moments(self) -> list[int]:
        """The seconds at which those weights were taken."""
        return [round(at) for at, _weights in self._some]

    @property
    def _some(self) -> list[tuple[float, dict[str, int]]]:
        return self.rows[:: max(1, len(self.rows) // 20)]

    def slopes(self) -> dict[str, float]:
        """MB an hour by which each of our own processes grows, by least squares."""
        rows = self.rows[len(self.rows) // 5 :]
        ours = [name for name in rows[0][1] if name.startswith(("web", "live", "board"))]
        return {
            name: round(_slope([(at, sizes[name]) for at, sizes in rows]) * 3600 / MEGABYTE, 1)
            for name in ours
        }


def size_of(database_url: str) -> int:
    """Bytes of the database's files, PostgreSQL's or SQLite's."""
    with looking(database_url) as database:
        if database.dialect.name == "postgresql":
            return int(database.scalar(text("SELECT pg_database_size(current_database())")) or 0)
        pages, each = (database.scalar(text(f"PRAGMA {name}")) or 0 for name in ("page_count", "page_size"))
        return int(pages * each)


def _slope(points: list[tuple[float, float]]) -> float:
    middle_x = sum(x for x, _y in points) / len(points)
    middle_y = sum(y for _x, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _y in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0
