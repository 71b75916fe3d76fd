"""A storm of upvotes on a board that a crowd has open: how long until everybody shows each, and is anything lost?"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.load.crowd import Crowd, truth, upvotes_in
from tests.load.figuring import speed
from tests.load.layouts import Layout
from tests.load.preparing import ROOT, write_plan
from tests.load.serving import step
from tests.load.showing import share

SETTLES = 1.0
"""Seconds after the last acknowledgement within which every page has to equal the database, as quality asks."""


class Vote(NamedTuple):
    """One upvote to be cast: whose, for which idea."""

    voter: int
    idea: int


class Pages:
    """A process full of open pages; see `crowding` for what it can be told."""

    def __init__(self, folder: Path, layout: Layout, crowd: Crowd, watchers: int, **more: Any) -> None:
        plan = write_plan(
            folder / f"pages-{time.monotonic_ns()}.json",
            web=[board.port for board in layout.web],
            live=[board.port for board in layout.live],
            city=crowd.city,
            watchers=watchers,
            **{**truth(layout.database_url, crowd.city), **more},
        )
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.load.crowding", plan],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.came = self._answer()

    def tell(self, do: str, **more: Any) -> dict[str, Any]:
        """Give a command and wait for its answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("The pages ended; what they said stands above.")
        return dict(json.loads(line))

    def close(self) -> None:
        """End them, whatever they do."""
        self.process.kill()
        self.process.wait()


@contextmanager
def pages(folder: Path, layout: Layout, crowd: Crowd, watchers: int, **more: Any) -> Iterator[Pages]:
    """So many open pages of the crowd's board for as long as the block lasts."""
    opened = Pages(folder, layout, crowd, watchers, **more)
    try:
        yield opened
    finally:
        opened.close()


def votes(crowd: Crowd, how_many: int, seed: int = 1859) -> list[Vote]:
    """Upvotes nobody has given yet, in the order of a shuffle that is always the same."""
    pairs = len(crowd.ideas) * len(crowd.cookies)
    if how_many > pairs:
        raise ValueError(f"{pairs} upvotes are possible, not {how_many}")
    chosen = random.Random(seed).sample(range(pairs), how_many)
    return [Vote(number // len(crowd.ideas), crowd.ideas[number % len(crowd.ideas)]) for number in chosen]


def requests(crowd: Crowd, cast: Sequence[Vote]) -> dict[str, Any]:
    """A plan for `asking`: upvotes as the page sends them."""
    sent = [
        {
            "method": "POST",
            "path": f"/ideas/{one.idea}/upvote",
            "headers": {"Cookie": crowd.cookies[one.voter]},
            "body": "upvote=on",
        }
        for one in cast
    ]
    return {"headers": crowd.shared_headers, "requests": sent, "keep_bodies": True}


def send(folder: Path, layout: Layout, plan: dict[str, Any], **how: Any) -> dict[str, Any]:
    """Send a plan from a process of its own, to all pages' ports in turns."""
    ports = [board.port for board in layout.web]
    written = write_plan(folder / "plan.json", **plan, ports=ports, **how)
    answer = folder / "answer.json"
    subprocess.run([sys.executable, "-m", "tests.load.asking", written, answer], cwd=ROOT, check=True)
    return dict(json.loads(answer.read_text(encoding="utf-8")))


def storm(
    folder: Path,
    layout: Layout,
    crowd: Crowd,
    opened: Sequence[Pages],
    cast: Sequence[Vote],
    *,
    per_second: float,
    connections: int = 16,
) -> dict[str, Any]:
    """Cast these at this pace, and say what came of it."""
    watchers = sum(one.came["watching"] for one in opened)
    step(f"{layout.name}: {len(cast):,} upvotes, {per_second:g} a second, {watchers:,} watching")
    before, heard = layout.worked(), [one.tell("tell") for one in opened]
    already = sum(upvotes_in(layout.database_url, crowd.city).values())
    began = time.monotonic()
    answer = send(folder, layout, requests(crowd, cast), connections=connections, per_second=per_second)
    time.sleep(SETTLES)  # what is promised after exactly this time is looked at now
    compared = [one.tell("compare", truth=truth(layout.database_url, crowd.city)) for one in opened]
    seconds = time.monotonic() - began
    after, told = layout.worked(), [one.tell("tell") for one in opened]
    figures = figure(folder, cast, answer, opened)
    rows = upvotes_in(layout.database_url, crowd.city)
    counts = truth(layout.database_url, crowd.city)["counts"]
    acknowledged = sum(row[4] == 200 for row in answer["rows"])
    return {
        "layout": layout.name,
        "watchers": watchers,
        "wanted_per_second": per_second,
        **speed(answer),
        **figures,
        "answers": dict(Counter(str(row[4]) for row in answer["rows"])),
        "acknowledged": acknowledged,
        "lost": max(0, already + acknowledged - sum(rows.values())),
        "counters_off": sum(counts[str(idea)] != rows.get(idea, 0) for idea in crowd.ideas),
        "differ_after_1_s": watchers - sum(one["equal"] for one in compared),
        "messages": sum(now["messages"] - then["messages"] for now, then in zip(told, heard, strict=True)),
        "heard": sum(now["heard"] - then["heard"] for now, then in zip(told, heard, strict=True)),
        "asked": sum(now["asked"] - then["asked"] for now, then in zip(told, heard, strict=True)),
        "closed": sum(now["closed"] - then["closed"] for now, then in zip(told, heard, strict=True)),
        "repaired": sum(now["repaired"] - then["repaired"] for now, then in zip(told, heard, strict=True)),
        "corrupt": sum(now["corrupt"] for now in told),
        "seconds": round(seconds, 1),
        "worked": {name: round(after[name] - before[name], 2) for name in after},
        "pages_worked": round(
            sum(now["seconds_worked"] - then["seconds_worked"] for now, then in zip(told, heard, strict=True)), 2
        ),
    }  # fmt: skip


def figure(
    folder: Path, cast: Sequence[Vote], answer: dict[str, Any], opened: Sequence[Pages]
) -> dict[str, Any]:
    """How long upvotes took until pages showed them, from the moment each was due."""
    written = folder / "votes.json"
    given = [
        (str(cast[number].idea), json.loads(body)["upvotes"], due)
        for number, due, _sent, _answered, status, _size, body in answer["rows"]
        if status == 200
    ]
    written.write_text(json.dumps(given), encoding="utf-8")
    slots: Counter[str] = Counter()
    never = 0
    for one in opened:
        told = one.tell("figure", votes=str(written))
        slots.update(told["slots"])
        never += told["never_seen"]
    shares = {f"screen_p{wanted:g}_ms": share(slots, wanted / 100) for wanted in (50, 90, 99, 99.9)}
    return {**shares, "seen": sum(slots.values()), "never_seen": never}
