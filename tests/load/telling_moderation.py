"""The measurements of `bench_moderation` as a table for a terminal and as a page for people."""

from __future__ import annotations

from typing import Any

from tests.load.telling import verdicts

PLACES = {
    "screen": "one watcher's board",
    "last_screen": "the last of all watchers' boards",
    "queue": "another moderator's queue",
    "last_queue": "the last of all other queues",
}
COLUMNS = ("requests/s", "p50 ms", "p99 ms", "CPU ms", "body kB", "queries", "SQL ms", "HTML ms")


def rows_of(facts: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """Each page with its figures, in the order of COLUMNS."""
    rows = []
    for page, load in facts["pages"].items():
        inside = facts["inside"][page]
        asked = [load[name] for name in ("per_second", "p50_ms", "p99_ms", "cpu_ms", "body_kb")]
        rows.append((page, [*asked, inside["queries"], inside["queries_ms"], inside["template_ms"]]))
    return rows


def sentences(facts: dict[str, Any]) -> list[str]:
    """What was counted while acts were done."""
    acts = facts["acts"]
    paced, raced = acts["paced"], acts["raced"]
    return [
        f"{paced['acts']} acts, {paced['per_second']:g} a second, half of them on comments; "
        f"each answered in p50 {paced['p50_ms']} ms, p99 {paced['p99_ms']} ms.",
        f"Then two moderators sent the same {raced['items']} acts at the same moment: {raced['done']} done, "
        f"{raced['told_who_was_faster']} told who was faster, {raced['acts_per_second']} acts/s, "
        f"answered in p50 {raced['p50_ms']} ms, p99 {raced['p99_ms']} ms.",
        f"Items with two acts or none: {acts['not_decided_once']}. Never shown: {acts['never_seen']}. "
        f"Of {acts['pages']} pages {acts['differ_by_socket']} differed from the database one second later, "
        f"{acts['differ_after_asking']} after asking. Sockets closed: {acts['closed']}.",
    ]


def table(result: dict[str, Any]) -> str:
    """Everything as text."""
    told = "; ".join(f"{name} {value}" for name, value in result["machine"].items())
    lines = ["", f"Measured on: {told}"]
    for slug, queue in result["queues"].items():
        lines.append(f"Queue of {slug}: " + ", ".join(f"{count:,} {name}" for name, count in queue.items()))
    for name, facts in result["databases"].items():
        lines += ["", f"{name:<32}" + "".join(f"{column:>12}" for column in COLUMNS)]
        for page, figures in rows_of(facts):
            lines.append(f"{page:<32}" + "".join(f"{figure:>12,}" for figure in figures))
        acts = facts["acts"]
        lines += [
            "",
            f"{name}: from an act until it is on ({acts['watchers']} boards, {acts['queues']} queues open)",
        ]
        for place, words in PLACES.items():
            one = acts["paced"][place]
            lines.append(
                f"  {words:<36} p50 {one['p50_ms']:>5} ms   p99 {one['p99_ms']:>5} ms   {one['seen']:,}"
            )
        lines += [f"  {sentence}" for sentence in sentences(facts)]
    return "\n".join([*lines, "", *verdicts(result["goals"])])


def report(result: dict[str, Any]) -> str:
    """The same for people, in Markdown."""
    told = result["machine"]
    large = next(iter(result["queues"].values()))
    lines = [
        "# The queue, measured",
        "",
        "`python3 tasks.py bench moderation --write` measured this and wrote this file; `--short` takes a quick look,",
        "`--sqlite` leaves PostgreSQL out. `tests/load/bench_moderation.py` tells what is measured, and how. Machines",
        "differ: compare figures of one run.",
        "",
        f"- {told['at'][:10]}, {told['cores']} cores of {told['processor']}, load before {told['load_before']}; Python "
        f"{told['python']}, SQLite {told['sqlite']}; {result['seconds']} s in all",
        f"- other programmes took {told['others_percent']} % of the cores' time meanwhile, which makes times longer;",
        "  CPU ms, what the server itself worked for a request, hardly depends on them",
        f"- the queue: {large['waiting']:,} items wait, {large['reported']:,} of them reported ({large['reports']:,} "
        f"reports), {large['settled']:,} are decided;",
        "  Barcelona's ideas and comments of 2016, several times over",
        "- pages: four moderators who reload without a pause, over loopback; the server on a core of its own",
        "- acts: the server, all open pages and those who act share all cores",
        "",
        "## Held to",
        "",
        "| what | measured | goal | |",
        "|---|---:|---:|---|",
    ]
    for one in result["goals"]:
        lines.append(
            f"| {one['what']} | {one['measured']:,} | {one['goal']} | {'met' if one['met'] else '**missed**'} |"
        )
    for name, facts in result["databases"].items():
        lines += [
            "",
            f"## Pages of the queue, {name}",
            "",
            "| page | " + " | ".join(COLUMNS) + " |",
            "|---|" + "---:|" * len(COLUMNS),
        ]
        lines += [
            f"| {page} | " + " | ".join(f"{figure:,}" for figure in figures) + " |"
            for page, figures in rows_of(facts)
        ]
        indexes = sorted({index for one in facts["inside"].values() for index in one["indexes"]})
        lines += [
            "",
            "SQL ms and HTML ms: medians inside one process, of all queries and of the template. Rows of the queue are",
            f"found by {', '.join(f'`{index}`' for index in indexes)}.",
        ]
        acts = facts["acts"]
        lines += [
            "",
            f"## From an act to {acts['watchers']} boards and {acts['queues']} queues, {name}",
            "",
            "| seen on | p50 ms | p99 ms | seen |",
            "|---|---:|---:|---:|",
        ]
        for place, words in PLACES.items():
            one = acts["paced"][place]
            lines.append(f"| {words} | {one['p50_ms']} | {one['p99_ms']} | {one['seen']:,} |")
        lines += ["", *(f"- {sentence}" for sentence in sentences(facts))]
    return "\n".join(lines) + "\n"
