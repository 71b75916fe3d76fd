"""`python3 tasks.py bench live`: the board under watchers and upvotes, held against every goal of speed and scale.

    python3 tasks.py bench live                    everything, with `bench board` and `bench fanout`
    python3 tasks.py bench live --short            a look at everything
    python3 tasks.py bench live --only storm many  only these parts
    python3 tasks.py bench live --long             one hour, 1,000 watchers, posts and upvotes
    python3 tasks.py bench live --collect --write  measures nothing: the pages, from what was measured last

What each part found is kept in `build/bench-live/` until it is measured again, so the parts may be run one by one, and
every call shows what is there of all of them.

Nothing here is a test: figures depend on the machine, so a goal that is missed is said to be missed, with where the
time went. What can be counted (lost upvotes, pages that differ from the database, corrupt frames) is counted.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.load import costing
from tests.load.asking import AS_BROWSERS
from tests.load.crowd import fill
from tests.load.enduring import endure
from tests.load.figuring import speed
from tests.load.layouts import analyse, one_process, scaled_out
from tests.load.machine import machine
from tests.load.preparing import ROOT
from tests.load.serving import end_well_when_told_to, goal, keep, step
from tests.load.storming import Pages, requests, send, storm, votes
from tests.load.telling_live import capacity, report, table

KEPT = ROOT / "build" / "bench-live"
IDEAS = 50
A_PROCESS_HOLDS = 2500
"""Open pages in one process of ours: more would keep it too busy to hear on time."""


@dataclass(frozen=True)
class Lengths:
    """Watchers, upvotes a second and seconds of each part."""

    storm: tuple[int, float, float] = (1000, 200.0, 60.0)
    many: tuple[int, float, float] = (5000, 100.0, 30.0)
    default: tuple[int, float, float] = (200, 50.0, 40.0)
    sizes: tuple[tuple[int, float], ...] = ((0, 200.0), (250, 50.0), (1000, 50.0), (2500, 100.0))
    size: float = 15.0
    page: float = 5.0
    upvotes: int = 6000
    long: tuple[int, float] = (1000, 3600.0)


LONG = Lengths()
SHORT = Lengths(
    storm=(200, 50.0, 5.0),
    many=(500, 50.0, 5.0),
    default=(100, 20.0, 5.0),
    sizes=((0, 50.0), (100, 20.0), (300, 50.0)),
    size=3.0,
    page=1.0,
    upvotes=300,
    long=(100, 30.0),
)


class Bench:
    """One run: what was found is in `facts`, what it is held to in `goals`."""

    def __init__(self, lengths: Lengths, folder: Path, *, is_short: bool = False) -> None:
        self.lengths, self.folder, self.is_short = lengths, folder, is_short
        self.facts: dict[str, Any] = {}
        self.goals: list[dict[str, Any]] = []
        self.counted: list[dict[str, Any]] = []

    def hold(self, what: str, measured: float, sign: str, wanted: float, why: Any = None) -> None:
        """A figure against its goal; where it is missed, `why` says where the time went."""
        one = goal(what, measured, sign, wanted)
        self.goals.append(one if one["met"] or why is None else {**one, "where": why})

    # --- parts --------------------------------------------------------------------------------------------------

    def storm(self) -> None:
        """1,000 watchers, 200 upvotes a second, PostgreSQL that waits for its disk."""
        watchers, rate, seconds = self.lengths.storm
        found = self._stormed(scaled_out(durable=True), watchers, rate, seconds)
        self.facts["storm"] = found
        name = f"{watchers:,} watchers, {rate:g} upvotes/s"
        self.hold(
            f"{name}: until every one shows it, p99 ms", found["screen_p99_ms"], "<=", 300, _where(found)
        )
        self._hold_counts(name, found)

    def many(self) -> None:
        """5,000 watchers held by one `live` process."""
        watchers, rate, seconds = self.lengths.many
        found = self._stormed(scaled_out(durable=True), watchers, rate, seconds)
        self.facts["many"] = found
        name = f"{watchers:,} watchers, one live process"
        self.hold(f"{name}: kB each", found["bytes_each"] / 1000, "<=", 60)
        self.hold(f"{name}, {rate:g} upvotes/s: p99 ms", found["screen_p99_ms"], "<=", 500, _where(found))
        self._hold_counts(name, found)

    def default(self) -> None:
        """The same storm on one process with SQLite, on one with PostgreSQL, and scaled out."""
        watchers, rate, seconds = self.lengths.default
        layouts = [one_process("sqlite"), one_process("postgresql", durable=True), scaled_out(durable=True)]
        found = [self._stormed(layout, watchers, rate, seconds) for layout in layouts]
        self.facts["same_storm"] = found
        name = f"{watchers:,} watchers, {rate:g} upvotes/s"
        self.hold(f"SQLite, {name}: p99 ms", found[0]["screen_p99_ms"], "<=", 300, _where(found[0]))
        for one in found:
            self._hold_counts(f"{one['layout']}: {name}", one)

    def work(self) -> None:
        """What today's boards were measured with: one core, 200 ideas, 600 comments, 5,000 upvotes, 16 connections."""
        with one_process("sqlite", cores=1) as layout:
            amount = {"ideas": 200, "comments": 600, "upvotes": 5000}
            crowd = fill(layout.settings, **amount, voters=max(20, self.lengths.upvotes // 100))
            browser = {"Accept": "text/html", "Accept-Encoding": AS_BROWSERS, "Accept-Language": "en"}
            plan = {"requests": [{"path": f"/{crowd.city}"}], "headers": browser}
            send(self.folder, layout, plan, connections=16, seconds=1.0)
            before = sum(layout.worked().values())
            answer = send(self.folder, layout, plan, connections=16, seconds=self.lengths.page)
            each = (sum(layout.worked().values()) - before) / len(answer["rows"])
            pages = {**speed(answer), "cpu_each": each}
            step("upvotes on one core")
            cast = requests(crowd, votes(crowd, self.lengths.upvotes))
            before = sum(layout.worked().values())
            upvotes = speed(send(self.folder, layout, cast, connections=16))
            voting = sum(layout.worked().values()) - before
        self.facts["work"] = {"list": pages, "upvotes": upvotes}
        busy = f"one core; a page takes {1000 * each:.2f} ms of it"
        rest = f"one core; an upvote takes {1000 * voting / max(1, len(cast['requests'])):.2f} ms of it"
        name = "one core, 200 ideas, 600 comments, 5,000 upvotes"
        self.hold(f"{name}: list of 50, requests/s", pages["per_second"], ">=", 355, busy)
        self.hold(f"{name}: list of 50, p99 ms", pages["p99_ms"], "<=", 100, busy)
        self.hold(f"{name}: upvotes/s", upvotes["per_second"], ">=", 700, rest)
        self.hold(f"{name}: upvotes, p99 ms", upvotes["p99_ms"], "<=", 50, rest)
        self.hold(f"{name}: upvotes not answered with 200", upvotes["not_200"], "<=", 0)

    def sizes(self) -> None:
        """Storms of different size, from which the costs are fitted."""
        self.facts["sizes"] = [
            self._stormed(scaled_out(durable=True), watchers, rate, self.lengths.size)
            for watchers, rate in self.lengths.sizes
        ]

    def board(self) -> None:
        """`bench board`: pages, queries, first visits, the import."""
        self._other("board")

    def fanout(self) -> None:
        """`bench fanout`: one message to 2,000 watchers, against Node's servers."""
        self._other("fanout")

    def long(self) -> None:
        """One hour, 1,000 watchers, real posts and upvotes."""
        watchers, seconds = self.lengths.long
        with scaled_out(durable=True) as layout:
            found = endure(self.folder, layout, watchers=watchers, seconds=seconds)
        self.facts["long"] = found
        name = f"{seconds / 60:g} min, {watchers:,} watchers"
        self.hold(
            f"{name}: seconds for which the pages stood open", found["stood_seconds"], ">=", int(seconds)
        )
        for part, slope in found["mb_an_hour"].items():
            self.hold(f"{name}: memory of {part}, MB more an hour", slope, "<=", 20)
        loads = ", ".join(f"{one['load']:g}" for one in found["delays"])
        drift = f"{name}: p99 at the end, times that at the beginning"
        self.hold(drift, found["p99_drift"], "<=", 1.5, f"load of the machine at each look: {loads}")
        for what in (
            "lost",
            "doubled",
            "upvotes_wrong",
            "counters_off",
            "gaps",
            "differ",
            "failed",
            "corrupt",
            "writes_not_finished",
        ):
            self.hold(f"{name}: {what.replace('_', ' ')}", found[what], "<=", 0)

    # --- how ----------------------------------------------------------------------------------------------------

    def _stormed(self, running: Any, watchers: int, rate: float, seconds: float) -> dict[str, Any]:
        how_many = int(rate * seconds)
        with running as layout:
            crowd = fill(layout.settings, ideas=IDEAS, voters=max(50, 2 * how_many // IDEAS))
            analyse(layout.database_url)
            opened: list[Pages] = []
            try:
                before = layout.memory()
                for first in range(0, watchers, A_PROCESS_HOLDS):
                    opened.append(Pages(self.folder, layout, crowd, min(A_PROCESS_HOLDS, watchers - first)))
                time.sleep(2.0)  # the pages' arrival is told to all of them: not a part of the storm
                after = layout.memory()
                cast = votes(crowd, how_many)
                found = storm(self.folder, layout, crowd, opened, cast, per_second=rate)
            finally:
                for one in opened:
                    one.close()
        live = [name for name in after if name.startswith(("live", "board"))]
        more = sum(after[name] - before[name] for name in live)
        return {**found, "bytes_each": round(more / max(1, watchers))}

    def _hold_counts(self, name: str, found: dict[str, Any]) -> None:
        self._nothing(f"{name}: upvotes lost", found["lost"])
        self._nothing(f"{name}: counters that differ from their rows", found["counters_off"])
        self._nothing(f"{name}: not answered with 200", found["not_200"])
        self._nothing(f"{name}: upvotes a watcher never saw", found["never_seen"])
        self._nothing(f"{name}: watchers that differ 1 s after the storm", found["differ_after_1_s"])
        self._nothing(f"{name}: corrupt frames", found["corrupt"])

    def _nothing(self, what: str, counted: int) -> None:
        """What must be nothing on any machine, however slow."""
        self.hold(what, counted, "<=", 0)
        self.counted.append(self.goals[-1])

    def _other(self, name: str) -> None:
        options = ["--short"] if self.is_short else []
        step(f"bench {name}")
        done = subprocess.run(
            [sys.executable, "-m", f"tests.load.bench_{name}", *options], cwd=ROOT, stdout=subprocess.DEVNULL
        )
        if done.returncode:
            self.hold(f"bench {name} came to its end", 0, ">=", 1)
            return
        told = json.loads((ROOT / "build" / f"bench-{name}.json").read_text(encoding="utf-8"))
        self.facts[name] = {key: value for key, value in told.items() if key != "goals"}
        self.goals += [{**one, "what": f"{name}: {one['what']}"} for one in told["goals"]]


def _where(found: dict[str, Any]) -> str:
    """Which part of the machine worked how much: what a p99 that is missed is made of."""
    seconds = found["seconds"]
    parts = {**found["worked"], "watchers (ours)": found["pages_worked"]}
    busy = ", ".join(
        f"{name} {value / seconds:.0%}" for name, value in sorted(parts.items(), key=lambda one: -one[1])
    )
    return f"answered after p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms; of a core: {busy}"


PARTS = ("storm", "many", "default", "work", "sizes", "board", "fanout")


def main() -> None:
    """Measure, print, and write `build/bench-live.json`."""
    parser = argparse.ArgumentParser(
        prog="tasks.py bench live", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="a look at everything")
    parser.add_argument("--long", action="store_true", help="one hour instead")
    parser.add_argument("--collect", action="store_true", help="measure nothing, show what was found last")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="only these parts")
    parser.add_argument(
        "--write", action="store_true", help="also write docs/benchmarks/live.md and capacity.md"
    )
    chosen = parser.parse_args()
    if chosen.short and chosen.write:
        parser.error("What is written is measured in full: leave out --short or --write.")
    end_well_when_told_to()
    for name in () if chosen.collect else ("long",) if chosen.long else chosen.only or PARTS:
        measure(name, is_short=chosen.short)
    result = collected()
    print(table(result, result["goals"]))
    keep("live", result, report(result) if chosen.write else None)
    if chosen.write and "model" in result:
        capacity(result)


def measure(name: str, *, is_short: bool) -> None:
    """One part; what it found is kept."""
    began, on = time.monotonic(), machine()
    step(name)
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        bench = Bench(SHORT if is_short else LONG, Path(folder), is_short=is_short)
        part: Callable[[], None] = getattr(bench, name)
        part()
    seconds = round(time.monotonic() - began)
    told = {
        "machine": on,
        "is_short": is_short,
        "seconds": seconds,
        "facts": bench.facts,
        "goals": bench.goals,
    }
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def collected() -> dict[str, Any]:
    """What all parts found last, and the costs fitted from it. Raises SystemExit where there is nothing."""
    files = {name: KEPT / f"{name}.json" for name in (*PARTS, "long")}
    told = {
        name: json.loads(file.read_text(encoding="utf-8")) for name, file in files.items() if file.exists()
    }
    if not told:
        raise SystemExit("Nothing has been measured yet.")
    found: dict[str, Any] = {name: value for part in told.values() for name, value in part["facts"].items()}
    if {"sizes", "work"} <= found.keys():
        storms = [*found["sizes"], *(found[name] for name in ("storm", "many") if name in found)]
        micro = costing.model(storms, found["work"]["list"])
        found["model"] = {"microseconds": micro, "cores": costing.cases(micro)}
    on = next(iter(told.values()))["machine"]
    taken = [
        {
            "part": name, "at": part["machine"]["at"], "load_before": part["machine"]["load_before"],
            "counting_ms": part["machine"].get("counting_ms"), "seconds": part["seconds"], "is_short": part["is_short"],
        }
        for name, part in told.items()
    ]  # fmt: skip
    how = {
        "server": "web and live processes over PostgreSQL (fsync on) and Redis, unless said otherwise, over loopback",
        "replay": "servers, watchers and voters share all cores",
    }
    kept = {name: on[name] for name in ("at", "processor", "cores", "load_before", "python", "sqlite")}
    goals = [goal for part in told.values() for goal in part["goals"]]
    seconds = sum(part["seconds"] for part in told.values())
    return {**found, "machine": {**kept, **how}, "parts": taken, "goals": goals, "seconds": seconds}


if __name__ == "__main__":
    main()
