"""Turns what was sent, answered and seen into figures."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from tests.load.preparing import Upvote


def speed(answer: dict[str, Any]) -> dict[str, Any]:
    """Requests a second and times of a load, over its answers with status 200."""
    rows = answer["rows"]
    good = [row for row in rows if row[4] == 200]
    times = sorted(1000 * (row[3] - row[1]) for row in good) or [float("nan")]
    return {
        "requests": len(rows),
        "not_200": len(rows) - len(good),
        "per_second": round(len(good) / answer["seconds"], 1),
        "p50_ms": round(times[len(times) // 2], 1),
        "p99_ms": round(times[int(len(times) * 0.99)], 1),
        "body_kb": round(sum(row[5] for row in good) / max(1, len(good)) / 1000, 1),
    }


def screens(
    votes: Sequence[Upvote], answers: dict[str, tuple[int, dict[str, Any]]], heard: dict[str, Any]
) -> dict[str, Any]:
    """From the moment an upvote was due until each watcher showed it.

    An answer tells the count just after its commit; a watcher shows the upvote with the first message that has this
    count or more. Counts only rise here: nobody takes back.
    """
    cast: dict[str, list[tuple[int, float, str]]] = defaultdict(list)
    for name, (first, answer) in answers.items():
        for number, due, _sent, _answered, status, _size, body in answer["rows"]:
            if status == 200:
                cast[str(votes[first + number].idea)].append((json.loads(body)["upvotes"], due, name))
    for waiting in cast.values():
        waiting.sort()
    slots = {name: [0] * 60_001 for name in answers}
    never = 0
    for watcher in heard["heard"]:
        next_of = dict.fromkeys(cast, 0)
        for at, message in watcher:
            for idea, count in heard["messages"][message].items():
                waiting = cast.get(idea, [])
                place = next_of.get(idea, 0)
                while place < len(waiting) and waiting[place][0] <= count:
                    _count, due, name = waiting[place]
                    slots[name][min(60_000, max(0, round(1000 * (at - due))))] += 1
                    place += 1
                next_of[idea] = place
        never += sum(len(cast[idea]) - place for idea, place in next_of.items())
    found: dict[str, Any] = {"never_seen": never}
    for name, (_first, answer) in answers.items():
        times = {f"screen_p{share}_ms": percentile(slots[name], share / 100) for share in (50, 99)}
        found[name] = {**speed(answer), **times, "seen": sum(slots[name])}
    return found


def percentile(slots: Sequence[int], share: float) -> int:
    """The millisecond within which this share of all were seen."""
    wanted, so_far = share * sum(slots), 0
    for millisecond, count in enumerate(slots):
        so_far += count
        if so_far >= wanted:
            return millisecond
    return len(slots)
