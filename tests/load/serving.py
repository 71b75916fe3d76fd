"""What every bench does: start the product as people run it, send it a plan, keep what was found."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.load.machine import on_first_cores
from tests.load.preparing import ROOT, write_plan
from tests.servers import Board


@contextlib.contextmanager
def server(settings: dict[str, Any], cores: int | None = None) -> Iterator[Board]:
    """The product on a free port; on so many cores of its own, where the machine has more."""
    board = Board(**settings)
    with on_first_cores(cores):
        board.start()
    try:
        yield board
    finally:
        board.kill()


def ask(folder: Path, board: Board, **plan: Any) -> dict[str, Any]:
    """Send a plan (see `asking`) from another process, by way of files in `folder`; returns its answer."""
    planned = write_plan(folder / "plan.json", port=board.port, **plan)
    answer = folder / "answer.json"
    subprocess.run([sys.executable, "-m", "tests.load.asking", planned, answer], cwd=ROOT, check=True)
    return dict(json.loads(answer.read_text(encoding="utf-8")))


def goal(what: str, measured: float, sign: str, wanted: float) -> dict[str, Any]:
    """A figure held against what it is held to."""
    met = measured <= wanted if sign == "<=" else measured >= wanted
    shown = round(measured, 1) if measured % 1 else measured
    return {"what": what, "measured": shown, "goal": f"{sign} {wanted:g}", "met": met}


def end_well_when_told_to() -> None:
    """A SIGTERM ends what was started too, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda *_told: sys.exit(143))


def step(name: str) -> None:
    """Say what happens now."""
    print(f"{time.strftime('%H:%M:%S')}  {name}", file=sys.stderr, flush=True)


def keep(name: str, result: dict[str, Any], page: str | None) -> None:
    """Print the JSON and write it to `build/`; `page`, where there is one, to `docs/benchmarks/`."""
    print(f"\nTook {result['seconds']} s.\n")
    print(json.dumps(result, ensure_ascii=False))
    files = {ROOT / "build" / f"bench-{name}.json": json.dumps(result, ensure_ascii=False, indent=1) + "\n"}
    if page is not None:
        files[ROOT / "docs" / "benchmarks" / f"{name}.md"] = page
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
