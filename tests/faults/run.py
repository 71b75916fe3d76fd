"""`python3 tasks.py faults`: each fault in its full dose, a table and JSON; `--short` takes the small one.

python3 tasks.py faults                 everything, about an hour
python3 tasks.py faults --short         the same in small
python3 tasks.py faults kill redis      only these
python3 tasks.py faults --collect       nothing: the table of what was brought about last

What came of each is kept in `build/faults/` until it is brought about again, so all may be shown one by one.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Sequence
from typing import Any

from tests.faults import (
    away,
    backing_up,
    full_disk,
    killing,
    reply_lost,
    returning,
    stalling,
    upvoting_at_once,
    without_postgres,
    without_redis,
)
from tests.faults.doses import FULL, SHORT, Dose
from tests.faults.ground import Row
from tests.load.machine import machine
from tests.load.preparing import ROOT
from tests.load.serving import end_well_when_told_to, keep, step

KEPT = ROOT / "build" / "faults"
FAULTS = {
    "upvotes": upvoting_at_once,
    "kill": killing,
    "redis": without_redis,
    "postgres": without_postgres,
    "disk": full_disk,
    "away": away,
    "reply": reply_lost,
    "stall": stalling,
    "return": returning,
    "backup": backing_up,
}


def told(name: str, dose: Dose) -> list[Row]:
    """What came of one fault. One that cannot even be brought about is missed, and says why."""
    rows: list[Row] = []
    step(name)
    try:
        for row in FAULTS[name].run(dose):
            rows.append(row)
            print("\n".join(lines_of(row.told())), flush=True)
    except Exception as error:  # noqa: BLE001  the other faults are still to be shown
        traceback.print_exc()
        broken = Row(name, "", "")
        broken.hold(f"brought about ({type(error).__name__}: {str(error)[:200]})", 0, ">=", 1)
        rows.append(broken)
        print("\n".join(lines_of(broken.told())), flush=True)
    return rows


def bring_about(name: str, dose: Dose, size: str) -> None:
    """One fault; what came of it is kept."""
    began, on = time.monotonic(), machine()
    rows = [row.told() for row in told(name, dose)]
    seconds = round(time.monotonic() - began)
    kept = {"name": name, "size": size, "machine": on, "seconds": seconds, "rows": rows}
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def collected(names: Sequence[str]) -> list[dict[str, Any]]:
    """What came of these faults when they were brought about last."""
    files = [KEPT / f"{name}.json" for name in names]
    return [json.loads(file.read_text(encoding="utf-8")) for file in files if file.exists()]


def lines_of(row: dict[str, Any]) -> list[str]:
    """One row of the table, a line each goal."""
    lines = [f"\n{row['fault']} · {row['dose']} · {row['layout']}"]
    for one in row["goals"]:
        verdict = "met" if one["met"] else "MISSED"
        lines.append(f"  {one['what']:<62}{one['measured']:>10,}  {one['goal']:<9} {verdict}")
    if why := why_of(row):
        lines.append(f"  why: {why}")
    return lines


def why_of(row: dict[str, Any]) -> str:
    """What is known of why a row was missed: how a page differed at last, which part of the machine worked how much."""
    known = (row["facts"].get("why"), row["facts"].get("where"))
    return "" if row["met"] else "; ".join(filter(None, known))


def report(shown: Sequence[dict[str, Any]]) -> str:
    """The same for people, in Markdown: first what became of each, then every figure."""
    lines = [
        "# Faults, brought about",
        "",
        "`python3 tasks.py faults --write` measured this and wrote this file; `tests/faults` tells how. Each request",
        "was written into a ledger before it was sent, and the ledger was held against the database afterwards.",
        "Times depend on what else the machine did (its load before each fault is said) and on how fast it was just",
        "then (how long Python took to count to a million); counts do not.",
        "",
        *sorted({_machine(one["machine"]) for one in shown}),
        "",
        "| fault | dose | layout | began (UTC) | load | counting, ms | took | |",
        "|---|---|---|---|---:|---:|---:|---|",
    ]
    for one in shown:
        on = one["machine"]
        speed = f"{on['load_before']:g} | {on.get('counting_ms', '–')}"
        took = f"{on['at'][:16].replace('T', ' ')} | {speed} | {one['seconds']:,} s"
        for row in one["rows"]:
            verdict = "met" if row["met"] else "**missed**"
            name = row["fault"] + (", short form" if one["size"] != "full" else "")
            lines.append(f"| {name} | {row['dose']} | {row['layout']} | {took} | {verdict} |")
    if absent := [name for name in FAULTS if name not in {one["name"] for one in shown}]:
        lines += ["", f"Not brought about: {', '.join(absent)}."]
    for row in (row for one in shown for row in one["rows"]):
        lines += ["", f"## {row['fault'][:1].upper()}{row['fault'][1:]}", ""]
        lines += [
            f"{row['layout']}; {row['dose']}.",
            "",
            "| what | measured | goal | |",
            "|---|---:|---:|---|",
        ]
        for goal in row["goals"]:
            verdict = "met" if goal["met"] else "**missed**"
            lines.append(f"| {goal['what']} | {goal['measured']:,} | {goal['goal']} | {verdict} |")
        if why := why_of(row):
            lines += ["", f"Why: {why}."]
    return "\n".join(lines) + "\n"


def _machine(on: dict[str, Any]) -> str:
    return f"- {on['cores']} cores of {on['processor']}, Python {on['python']}, SQLite {on['sqlite']}"


def main() -> int:
    """Bring them about, print, and write `build/bench-faults.json`. 1 where something was missed."""
    parser = argparse.ArgumentParser(
        prog="tasks.py faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="FAULT", help=", ".join(FAULTS))
    parser.add_argument("--short", action="store_true", help="small doses")
    parser.add_argument(
        "--collect", action="store_true", help="bring nothing about, tell what came of it last"
    )
    parser.add_argument("--write", action="store_true", help="also write docs/benchmarks/faults.md")
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.names if name not in FAULTS]:
        parser.error(f"There is no fault {', '.join(unknown)}; there are {', '.join(FAULTS)}.")
    end_well_when_told_to()
    names = chosen.names or list(FAULTS)
    for name in () if chosen.collect else names:
        bring_about(name, SHORT if chosen.short else FULL, "short" if chosen.short else "full")
    shown = collected(names if not chosen.collect else list(FAULTS))
    rows = [row for one in shown for row in one["rows"]]
    missed = sum(not row["met"] for row in rows)
    absent = [name for name in FAULTS if name not in {one["name"] for one in shown}]
    seconds = sum(one["seconds"] for one in shown)
    result = {"faults": shown, "absent": absent, "missed": missed, "seconds": seconds}
    page = report(collected(list(FAULTS))) if chosen.write else None
    if chosen.collect:
        print("\n".join(line for row in rows for line in lines_of(row)))
    keep("faults", result, page)
    print(f"{len(rows) - missed} of {len(rows)} met.", file=sys.stderr)
    if chosen.collect and absent:
        print(f"Not brought about yet: {', '.join(absent)}.", file=sys.stderr)
    return 1 if missed or (chosen.collect and absent) else 0


if __name__ == "__main__":
    sys.exit(main())
