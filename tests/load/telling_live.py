"""The measurements of `bench_live` as a table for a terminal, as a page for people, and as figures of capacity."""

from __future__ import annotations

from typing import Any

from tests.load.preparing import ROOT

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
            + "".join(f"{one[f'screen_p{share}_ms']:>7.0f}" for share in ("50", "90", "99", "99.9"))
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
    lines += ["", f"{'Goal':<78}{'measured':>10}  {'goal':<9}"]
    for goal in goals:
        verdict = "met" if goal["met"] else "MISSED"
        lines.append(f"{goal['what']:<78}{goal['measured']:>10,}  {goal['goal']:<9} {verdict}")
        if "where" in goal:
            lines.append(f"    where the time goes: {goal['where']}")
    return "\n".join(lines)


def report(facts: dict[str, Any], goals: list[dict[str, Any]], seconds: int) -> str:
    """The same for people, in Markdown."""
    told = facts["machine"]
    lines = [
        "# The live board, measured",
        "",
        "`python3 tasks.py bench live --write` measured this and wrote this file; `--short` takes a quick look.",
        "`tests/load/bench_live.py` tells what is measured, and how. Machines differ: compare figures of one run.",
        "",
        f"- {told['at'][:10]}, {told['cores']} cores of {told['processor']}, load before {told['load_before']}, "
        f"Python {told['python']}, SQLite {told['sqlite']}; {seconds} s in all",
        f"- {told['server']}",
        f"- {told['replay']}",
        "",
        "## Held to",
        "",
        "| what | measured | goal | |",
        "|---|---:|---:|---|",
    ]
    for goal in goals:
        verdict = "met" if goal["met"] else f"**missed** {goal.get('where', '')}".strip()
        lines.append(f"| {goal['what']} | {goal['measured']:,} | {goal['goal']} | {verdict} |")
    storms = storms_of(facts)
    if storms:
        lines += [
            "",
            "## Storms",
            "",
            "From the moment an upvote was due until each watcher showed it, in ms.",
            "",
        ]
        lines.append("| layout | watchers | upvotes/s | p50 | p90 | p99 | p99.9 | seconds worked |")
        lines.append("|---|---:|---:|---:|---:|---:|---:|---|")
    for one in storms:
        shares = " | ".join(f"{one[f'screen_p{share}_ms']:.0f}" for share in ("50", "90", "99", "99.9"))
        worked = ", ".join(f"{part} {value}" for part, value in one["worked"].items())
        lines.append(
            f"| {one['layout']} | {one['watchers']:,} | {one['per_second']:,.0f} | {shares} | "
            f"{worked}, watchers {one['pages_worked']}; of {one['seconds']} |"
        )
    return "\n".join(lines) + "\n"


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
