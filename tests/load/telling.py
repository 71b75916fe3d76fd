"""The measurements of `bench_board` as a table for a terminal and as a page for people."""

from __future__ import annotations

from typing import Any


def loads_of(facts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Everything that was sent as a load, by its name."""
    replay = facts["replay"]
    return {
        **facts["pages"],
        "upvotes, nobody watching": facts["upvotes"],
        f"upvotes, {replay['watchers']} watching, 50 a second": replay["paced"],
        f"upvotes, {replay['watchers']} watching, 8 connections": replay["fast"],
    }


def table(facts: dict[str, Any], goals: list[dict[str, Any]]) -> str:
    """Everything as text."""
    lines = [
        "",
        "Measured on: " + "; ".join(f"{name} {value}" for name, value in facts["machine"].items()),
        "",
    ]
    lines.append("Import")
    for one in facts["imports"]:
        rows = ", ".join(f"{count:,} {name}" for name, count in one["rows"].items())
        lines.append(f"  {one['city']:<12} {one['seconds']:7.1f} s  {rows}")
    lines += ["", f"{'Load':<48}{'requests/s':>11}{'p50 ms':>9}{'p99 ms':>9}{'body kB':>9}{'not 200':>9}"]
    replay = facts["replay"]
    for name, load in loads_of(facts).items():
        lines.append(
            f"{name:<48}{load['per_second']:>11,.0f}{load['p50_ms']:>9.1f}{load['p99_ms']:>9.1f}"
            f"{load['body_kb']:>9.1f}{load['not_200']:>9}"
        )
    lines += ["", "Queries"]
    lines += [f"  {name:<46}{count:>5}" for name, count in facts["queries"].items()]
    lines += ["", "First visit, compressed"]
    for how, visit in facts["first_visit"].items():
        lines.append(f"  {how}: " + ", ".join(f"{name} {value}" for name, value in visit.items()))
    lines += ["", f"Upvote to screen, {replay['watchers']} watchers"]
    for name in ("paced", "fast"):
        told = replay[name]
        lines.append(
            f"  {name:<7}{told['per_second']:>7,.0f} upvotes/s   p50 {told['screen_p50_ms']} ms   "
            f"p99 {told['screen_p99_ms']} ms   seen {told['seen']:,} times"
        )
    lines += ["", "The replay"]
    lines += [f"  {name:<32} {value}" for name, value in replay.items() if not isinstance(value, dict)]
    return "\n".join([*lines, "", *verdicts(goals)])


def verdicts(goals: list[dict[str, Any]]) -> list[str]:
    """Each goal with what was measured, a line each."""
    lines = [f"{'Goal':<78}{'measured':>11}  {'goal':<9}"]
    for goal in goals:
        verdict = "met" if goal["met"] else "MISSED"
        lines.append(f"{goal['what']:<78}{goal['measured']:>11,}  {goal['goal']:<9} {verdict}")
        if "where" in goal:
            lines.append(f"    where the time goes: {goal['where']}")
    return lines


def rows_of(goals: list[dict[str, Any]]) -> list[str]:
    """The same as rows of a page's table."""
    return [
        f"| {goal['what']} | {goal['measured']:,} | {goal['goal']} | "
        + ("met |" if goal["met"] else f"**missed** {goal.get('where', '')}".rstrip() + " |")
        for goal in goals
    ]


def report(facts: dict[str, Any], goals: list[dict[str, Any]], seconds: int) -> str:
    """The same for people, in Markdown."""
    replay, told = facts["replay"], facts["machine"]
    lines = [
        "# The board, measured",
        "",
        "`python3 tasks.py bench board --write` measured this and wrote this file; `--short` takes a quick look.",
        "`tests/load/bench_board.py` tells what is measured, and how. Machines differ: compare figures of one run.",
        "",
        f"- {told['at'][:10]}, {told['cores']} cores of {told['processor']}, load before {told['load_before']}, "
        f"Python {told['python']}, SQLite {told['sqlite']}; {seconds} s in all",
        f"- {told['server']}",
        f"- pages and upvotes: {told['pages_and_upvotes']}, 16 keep-alive connections,",
        "  compressed as browsers ask for it unless said otherwise",
        f"- replay: {told['replay']}",
        "",
        "## Held to",
        "",
        "| what | measured | goal | |",
        "|---|---:|---:|---|",
    ]
    lines += rows_of(goals)
    lines += ["", "## Import", "", "| board | rows | seconds |", "|---|---|---:|"]
    for one in facts["imports"]:
        rows = ", ".join(f"{count:,} {name}" for name, count in one["rows"].items())
        lines.append(f"| {one['city']} | {rows} | {one['seconds']:.1f} |")
    head = "| load | requests/s | p50 ms | p99 ms | body kB |"
    lines += ["", "## Pages and upvotes", "", head, "|---|---:|---:|---:|---:|"]
    for name, load in loads_of(facts).items():
        figures = f"{load['per_second']:,.0f} | {load['p50_ms']} | {load['p99_ms']} | {load['body_kb']}"
        lines.append(f"| {name} | {figures} |")
    lines += ["", "## Queries of a page", "", "| page | queries |", "|---|---:|"]
    lines += [f"| {name} | {count} |" for name, count in facts["queries"].items()]
    lines += [
        "",
        "## First visit to a board, compressed",
        "",
        "| seen by | requests | bytes | script and style |",
    ]
    lines.append("|---|---:|---:|---:|")
    for how, visit in facts["first_visit"].items():
        if "missing" not in visit:
            sizes = f"{visit['requests']} | {visit['bytes']:,} | {visit['script_and_style']:,}"
            lines.append(f"| {how.replace('_', ' ')} | {sizes} |")
    lines += [
        "",
        "By asking counts every module the page could come to load. With the CDN there is one request more: guard.js.",
        "",
        f"## From an upvote to {replay['watchers']} screens",
        "",
        f"{replay['agreeing_votes']:,} agreeing votes of vTaiwan's {replay['voters']:,} voters, in their order,",
        f"over HTTP ({replay['own_ideas_left_out']} on their authors' own statements are left out).",
        "",
        "| pace | upvotes/s | p50 ms | p99 ms | seen |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, words in (("paced", "50 a second"), ("fast", "as fast as 8 connections manage")):
        one = replay[name]
        times = f"{one['screen_p50_ms']} | {one['screen_p99_ms']}"
        lines.append(f"| {words} | {one['per_second']:,.0f} | {times} | {one['seen']:,} |")
    lines += [
        "",
        f"{replay['upvotes_acknowledged']:,} upvotes acknowledged, {replay['upvotes_in_the_database']:,} in the",
        f"database; {replay['equal_by_socket']} of {replay['watchers']} watchers equal to it one second later by the",
        f"socket alone, {replay['equal_after_asking']} after they asked.",
    ]
    return "\n".join(lines) + "\n"
