"""`python3 tasks.py faults`: each fault in its full dose, a table and JSON; `--short` takes the small one.

python3 tasks.py faults                 everything, about half an hour
python3 tasks.py faults --short         the same in small
python3 tasks.py faults kill redis      only these
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
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
from tests.load.serving import keep, step

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
            print("\n".join(lines_of(row)), flush=True)
    except Exception as error:  # noqa: BLE001  the other faults are still to be shown
        traceback.print_exc()
        broken = Row(name, "", "")
        broken.hold(f"brought about ({type(error).__name__}: {str(error)[:200]})", 0, ">=", 1)
        rows.append(broken)
        print("\n".join(lines_of(broken)), flush=True)
    return rows


def lines_of(row: Row) -> list[str]:
    """One row of the table, a line each goal."""
    lines = [f"\n{row.fault} · {row.dose} · {row.layout}"]
    for one in row.goals:
        verdict = "met" if one["met"] else "MISSED"
        lines.append(f"  {one['what']:<62}{one['measured']:>10,}  {one['goal']:<9} {verdict}")
    return lines


def report(rows: list[dict[str, Any]], facts: dict[str, Any], seconds: int) -> str:
    """The same for people, in Markdown."""
    lines = [
        "# Faults, brought about",
        "",
        "`python3 tasks.py faults --write` measured this and wrote this file; `tests/faults` tells how. Each request",
        "was written into a ledger before it was sent, and the ledger was held against the database afterwards.",
        "",
        f"- {facts['at'][:10]}, {facts['cores']} cores of {facts['processor']}, load before {facts['load_before']}, "
        f"Python {facts['python']}, SQLite {facts['sqlite']}; {seconds} s in all",
        "",
    ]
    for row in rows:
        lines += [
            f"## {row['fault'][:1].upper()}{row['fault'][1:]}",
            "",
            f"{row['layout']}; {row['dose']}.",
            "",
        ]
        lines += ["| what | measured | goal | |", "|---|---:|---:|---|"]
        for one in row["goals"]:
            verdict = "met" if one["met"] else "**missed**"
            lines.append(f"| {one['what']} | {one['measured']:,} | {one['goal']} | {verdict} |")
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Bring them about, print, and write `build/bench-faults.json`. 1 where something was missed."""
    parser = argparse.ArgumentParser(
        prog="tasks.py faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="FAULT", help=", ".join(FAULTS))
    parser.add_argument("--short", action="store_true", help="small doses")
    parser.add_argument("--write", action="store_true", help="also write docs/benchmarks/faults.md")
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.names if name not in FAULTS]:
        parser.error(f"There is no fault {', '.join(unknown)}; there are {', '.join(FAULTS)}.")
    began, on = time.monotonic(), machine()
    rows = [row for name in chosen.names or FAULTS for row in told(name, SHORT if chosen.short else FULL)]
    seconds = round(time.monotonic() - began)
    missed = sum(not row.is_met for row in rows)
    result = {"machine": on, "faults": [row.told() for row in rows], "missed": missed, "seconds": seconds}
    page = report(result["faults"], on, seconds) if chosen.write else None
    keep("faults", json.loads(json.dumps(result)), page)
    print(f"{len(rows) - missed} of {len(rows)} met.", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
