"""The measurements of `bench_live` as a table for a terminal, as a page for people, and as figures of capacity."""

from __future__ import annotations

from typing import Any

from tests.load.preparing import ROOT
from tests.load.telling import rows_of, verdicts

CAPACITY = ROOT / "docs" / "capacity.md"
BEGIN, END = "<!-- figures: written by bench live --write -->", "<!-- figures: end -->"
NAMES = {
    "delivery": "one message to one page (`live`)",
    "message": "reading and framing one message for a room (`live`)",
    "upvote_live": "an upvote heard (`live`)",
    "upvote_web": "an upvote (`web`)",
    "upvote_postgresql": "an upvote (PostgreSQL)",
    "upvote_redis": "an upvote (Redis)",
    "question_web": "a page's question after 30 s (`web`)",
    "question_postgresql": "a page's question after 30 s (PostgreSQL)",
    "page": "a board page of 50 cards (`web`)",
}

SERVERS = {
    "direct": "ours",
    "stock": "ours, with the libraries' queues",
    "theirs": "Flask-SocketIO as it comes",
    "socket.io": "Node socket.io",
    "ws": "Node ws, no rooms nor pings",
}


def storms_of(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Every storm of a run, once."""
    named = [facts[name] for name in ("storm", "many") if name in facts]
    found = [*named, *facts.get("same_storm", []), *facts.get("sizes", [])]
    return list({id(one): one for one in found}.values())


def table(facts: dict[str, Any], goals: list[dict[str, Any]]) -> str:
    """Everything as text."""
    lines = [
        "",
        "Measured on: " + "; ".join(f"{name} {value}" for name, value in facts["machine"].items()),
        "",
    ]
    storms = storms_of(facts)
    if storms:
        lines.append(
            f"{'Storm':<44}{'upvotes/s':>10}{'p50':>7}{'p90':>7}{'p99':>7}{'99.9':>7}{'kB each':>9}{'repaired':>9}"
        )
    for one in storms:
        name = f"{one['layout']}, {one['watchers']:,}"
        lines.append(
            f"{name:<44}{one['per_second']:>10,.0f}"
            + "".join(f"{_ms(one[f'screen_p{share}_ms']):>7}" for share in ("50", "90", "99", "99.9"))
            + f"{one['bytes_each'] / 1000:>9.1f}{one['repaired']:>9,}"
        )
        worked = ", ".join(f"{part} {seconds}" for part, seconds in one["worked"].items())
        lines.append(f"  {'':<6}seconds worked in {one['seconds']}: {worked}, watchers {one['pages_worked']}")
    if "model" in facts:
        lines += ["", "Processor microseconds, fitted"]
        lines += [
            f"  {NAMES[name]:<58}{value:>10,.1f}" for name, value in facts["model"]["microseconds"].items()
        ]
        lines += ["", "Cores kept busy, by that model"]
        for name, cores in facts["model"]["cores"].items():
            lines.append(f"  {name:<52}" + ", ".join(f"{part} {value:g}" for part, value in cores.items()))
    if "long" in facts:
        long = facts["long"]
        lines += [
            "",
            f"{long['seconds']:g} s, {long['watchers']:,} watchers, {long['acknowledged']:,} writes",
        ]
        lines.append("  p99 ms: " + ", ".join(f"{one['screen_p99_ms']:.0f}" for one in long["delays"]))
        lines += [
            f"  {name} MB: " + ", ".join(f"{size:.0f}" for size in sizes)
            for name, sizes in long["mb"].items()
        ]
    return "\n".join([*lines, "", *verdicts(goals)])


def _ms(value: float) -> str:
    return "-" if value != value else f"{value:,.0f}"  # nan, where nobody watches


def report(found: dict[str, Any]) -> str:
    """The same for people, in Markdown."""
    told, goals = found["machine"], found["goals"]
    lines = [
        "# The live board, measured",
        "",
        "`python3 tasks.py bench live --write` measured this and wrote this file; `--short` takes a quick look.",
        "`tests/load/bench_live.py` tells what is measured, and how. Machines differ: compare figures of one run.",
        "",
        f"- {told['cores']} cores of {told['processor']}, Python {told['python']}, SQLite {told['sqlite']}",
        f"- {told['server']}",
        f"- {told['replay']}",
        "",
        "Counting is how long Python took to count to a million just before: a virtual machine is not always as fast.",
        "",
        "| part | began (UTC) | load before | counting, ms | took |",
        "|---|---|---:|---:|---:|",
        *(
            f"| {one['part']}{', short form' if one['is_short'] else ''} | {one['at'][:16].replace('T', ' ')} "
            f"| {one['load_before']:g} | {one['counting_ms'] or '–'} | {one['seconds']:,} s |"
            for one in found["parts"]
        ),
        "",
        "## Held to",
        "",
        "| what | measured | goal | |",
        "|---|---:|---:|---|",
    ]
    lines += rows_of(goals)
    lines += _storms(storms_of(found)) + _fans(found.get("fanout")) + _afternoon(found.get("long"))
    return "\n".join(lines) + "\n"


def _storms(storms: list[dict[str, Any]]) -> list[str]:
    if not storms:
        return []
    lines = [
        "",
        "## Storms",
        "",
        "From the moment an upvote was due until each watcher showed it, in ms.",
        "",
    ]
    lines.append("| layout | watchers | upvotes/s | p50 | p90 | p99 | p99.9 | seconds worked |")
    lines.append("|---|---:|---:|---:|---:|---:|---:|---|")
    for one in storms:
        shares = " | ".join(_ms(one[f"screen_p{share}_ms"]) for share in ("50", "90", "99", "99.9"))
        worked = ", ".join(f"{part} {value}" for part, value in one["worked"].items())
        lines.append(
            f"| {one['layout']} | {one['watchers']:,} | {one['per_second']:,.0f} | {shares} | "
            f"{worked}, watchers {one['pages_worked']}; of {one['seconds']} |"
        )
    return lines


def _fans(found: dict[str, Any] | None) -> list[str]:
    """One message to everybody, by each server of the same run."""
    if not found:
        return []
    lines = [
        "",
        "## One message to everybody",
        "",
        f"{found['watchers']:,} watchers. {found['left_out']}".strip(),
    ]
    lines += [
        "",
        "| load | server | µs each | p50 ms | p99 ms | until the last has all, ms |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for load in ("paced", "burst"):
        for name, one in found[load].items():
            delays = f"{one['p50_ms']:.1f} | {one['p99_ms']:.1f} | {one['all_ms']:,.0f}"
            lines.append(f"| {load} | {SERVERS[name]} | {one['us']:.1f} | {delays} |")
    lines += [
        "",
        "Delays of the paced load are mostly the clients', which take in what all servers send alike: there they",
        "differ by chance. What tells the servers apart is their own work, and the burst, in which it adds up.",
    ]
    return lines


def _afternoon(long: dict[str, Any] | None) -> list[str]:
    """Delays and memory over time."""
    if not long:
        return []
    lines = ["", f"## {long['seconds'] / 60:g} minutes", ""]
    lines.append(
        f"{long['watchers']:,} watchers, {long['acknowledged']:,} ideas, comments and upvotes of people."
    )
    lines += ["", "| after s | load of the machine | p50 ms | p99 ms |", "|---:|---:|---:|---:|"]
    for one in long["delays"]:
        shares = f"{one['screen_p50_ms']:,.0f} | {one['screen_p99_ms']:,.0f}"
        lines.append(f"| {one['at']:,} | {one['load']:g} | {shares} |")
    parts = list(long["mb"])
    lines += ["", "What grows, and where it ends: [capacity.md](../capacity.md)."]
    lines += ["", "| MB after s | " + " | ".join(parts) + " |", "|---:|" + "---:|" * len(parts)]
    for place, at in enumerate(long["weighed_at"]):
        lines.append(f"| {at:,} | " + " | ".join(f"{long['mb'][part][place]:,.0f}" for part in parts) + " |")
    return lines


def capacity(facts: dict[str, Any]) -> None:
    """Put the fitted figures between their marks in docs/capacity.md."""
    told, model = facts["machine"], facts["model"]
    lines = [
        BEGIN,
        f"Fitted on {told['at'][:10]} on {told['cores']} cores of {told['processor']}, Python {told['python']}.",
        "",
        "| what | processor µs |",
        "|---|---:|",
        *(f"| {NAMES[name]} | {value:,.1f} |" for name, value in model["microseconds"].items()),
        "",
        "| cores kept busy | `live` | `web` | PostgreSQL | Redis |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {name} | {one['live']:,.2f} | {one['web']:,.2f} | {one['postgresql']:,.2f} | {one['redis']:,.2f} |"
            for name, one in model["cores"].items()
        ),
        END,
    ]
    before, _, rest = CAPACITY.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    CAPACITY.write_text(before + "\n".join(lines) + after, encoding="utf-8")
