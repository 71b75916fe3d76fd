"""`python3 tasks.py bench fanout`: one message to 2,000 watchers, against Node's servers in the same run.

Each server has a core of its own, the clients the others. Rounds go over all servers in turn, so what else the machine
does falls upon each; compared are medians, as ratios to Node's socket.io. What can be counted is counted: frames that
were lost or corrupt, also with one watcher in twenty not reading at all.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from tests.load.fanning import DIRECT, STOCK, THEIRS, Way, fan, figures, install_node, middle, nodes
from tests.load.machine import machine
from tests.load.preparing import ROOT
from tests.load.serving import goal, keep, step
from tests.load.telling import verdicts

PACED = {"messages": 60, "every": 0.1, "size": 300}
"""As the board tells counts: ten times a second."""
COLUMNS = ("µs each", "ratio", "p50 ms", "p99 ms", "last ms", "all ms", "kB each", "join ms")
BURST = {"messages": 60, "every": 0.0, "size": 300}
STALLING = {"messages": 400, "every": 0.02, "size": 4000, "patience": 5.0}
COMPARED = {
    "paced": {"us": "server time", "p50_ms": "p50", "p99_ms": "p99", "last_ms": "until the last has it"},
    "burst": {"us": "server time", "all_ms": "until the last has all"},
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="tasks.py bench fanout")
    parser.add_argument("--watchers", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--short", action="store_true", help="500 watchers, one round")
    chosen = parser.parse_args(arguments)
    watchers, rounds = (500, 1) if chosen.short else (chosen.watchers, chosen.rounds)
    began = time.monotonic()
    told = machine()
    folder = ROOT / "build" / "node"
    left_out = install_node(folder)
    ways = [DIRECT, STOCK, THEIRS, *([] if left_out else nodes(folder))]
    loads = {"paced": PACED, "burst": BURST}
    found = {name: compare(ways, watchers, rounds, name, load) for name, load in loads.items()}
    stalled = {way.name: stall(way, watchers) for way in (DIRECT, STOCK)}
    facts = {"machine": told, "watchers": watchers, "rounds": rounds, "left_out": left_out}
    result = {"bench": "fanout", **facts, **found, "stalled": stalled, "goals": judge(found, stalled)}
    result["seconds"] = round(time.monotonic() - began)
    print(table(result, ways))
    keep("fanout", result, None)


def compare(ways: list[Way], watchers: int, rounds: int, name: str, load: dict[str, Any]) -> dict[str, Any]:
    """The medians of each server, and what was lost or corrupt in all its rounds."""
    figured: dict[str, list[dict[str, float]]] = {way.name: [] for way in ways}
    counted = {way.name: {"lost": 0, "corrupt": 0} for way in ways}
    for number in range(rounds):
        for way in ways:
            step(f"{name}, round {number + 1}: {way.title}")
            found = fan(way, watchers=watchers, **load)
            figured[way.name].append(figures(found))
            for what in counted[way.name]:
                counted[way.name][what] += found[what]
    return {way.name: {**middle(figured[way.name]), **counted[way.name]} for way in ways}


def stall(way: Way, watchers: int) -> dict[str, Any]:
    """One in twenty stops reading: what the others notice of it."""
    step(f"stalled: {way.title}")
    calm = fan(way, watchers=watchers // 2, **STALLING)
    found = fan(way, watchers=watchers // 2, stalled=watchers // 40, **STALLING)
    return {
        "watchers": watchers // 2,
        "stalled": watchers // 40,
        "dropped": found["dropped"],
        "lost": found["lost"],
        "corrupt": found["corrupt"],
        "mb_more": round((found["bytes_more"] - calm["bytes_more"]) / 1e6, 1),
        "p99_ms": round(figures(found)["p99_ms"], 1),
        "p99_calm_ms": round(figures(calm)["p99_ms"], 1),
    }


def judge(found: dict[str, Any], stalled: dict[str, Any]) -> list[dict[str, Any]]:
    """What it is held to."""
    goals = []
    for name, by_way in found.items():
        ours, node = by_way["direct"], by_way.get("socket.io")
        if node:
            for figure, title in COMPARED[name].items():
                ratio = round(ours[figure] / node[figure], 2)
                one = goal(f"{name}: {title}, ours / Node's socket.io", ratio, "<=", 1)
                goals.append({**one, "measured": ratio})
        goals.append(goal(f"{name}: lost or corrupt", ours["lost"] + ours["corrupt"], "<=", 0))
    for name, one in stalled.items():
        goals.append(
            goal(f"5 % stalled, {name}: lost or corrupt for others", one["lost"] + one["corrupt"], "<=", 0)
        )
        goals.append(goal(f"5 % stalled, {name}: memory, MB", one["mb_more"], "<=", 100))
    return goals


def table(result: dict[str, Any], ways: list[Way]) -> str:
    """Everything for a terminal."""
    told = result["machine"]
    lines = [
        "",
        f"Measured on: {told['cores']} cores of {told['processor']}, load before {told['load_before']}",
        f"{result['watchers']:,} watchers, {result['rounds']} rounds, medians. {result['left_out']}",
    ]
    for name in ("paced", "burst"):
        base = result[name].get("socket.io") or result[name]["theirs"]
        lines += [
            "",
            f"{name:<40}" + "".join(f"{title:>9}" for title in COLUMNS),
        ]
        for way in ways:
            one = result[name][way.name]
            lines.append(
                f"{way.title:<40}{one['us']:>9.1f}{one['us'] / base['us']:>9.2f}{one['p50_ms']:>9.1f}"
                f"{one['p99_ms']:>9.1f}{one['last_ms']:>9.1f}{one['all_ms']:>9.0f}{one['kb_each']:>9.1f}{one['connect_ms']:>9.2f}"
            )
    lines += ["", "One in twenty does not read"]
    lines += [
        f"  {name:<8}" + ", ".join(f"{what} {value}" for what, value in one.items())
        for name, one in result["stalled"].items()
    ]
    return "\n".join([*lines, "", *verdicts(result["goals"])])


if __name__ == "__main__":
    main()
