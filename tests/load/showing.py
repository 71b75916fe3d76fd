"""From the moment an upvote was due until each page showed it.

The answer to an upvote tells the count just after its commit; a page shows it with the first message that has this
count or more. Counts only rise in a storm: nobody takes back. Pages that heard the same, which is nearly all, are
worked out together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from tests.load.hearing import Page, Room


def delays(votes: Sequence[tuple[str, int, float]], pages: Iterable[Page], began: float) -> dict[str, Any]:
    """`votes` are (idea, count answered, due); `began` is the nought of the pages' own times.

    Returns `slots`, how often it took so many milliseconds, and `never_seen`.
    """
    alike: dict[tuple[int, bytes], list[Page]] = defaultdict(list)
    for page in pages:
        alike[id(page.room), page.heard.tobytes()].append(page)
    slots: Counter[int] = Counter()
    never = 0
    for same in alike.values():
        shown, unseen = _first_shown(votes, same[0].room, same[0].heard)
        never += unseen * len(same)
        for place, dues in shown.items():
            arrivals = Counter(page.at[place] for page in same)
            for due in dues:
                moment = 1000 * (due - began)
                for at, how_many in arrivals.items():
                    slots[max(0, round(at - moment))] += how_many
    return {"slots": dict(slots), "never_seen": never}


def _first_shown(
    votes: Sequence[tuple[str, int, float]], room: Room, heard: Sequence[int]
) -> tuple[dict[int, list[float]], int]:
    """Which upvotes (when they were due) each message heard was the first to show; and how many none did."""
    waiting: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for idea, count, due in votes:
        waiting[idea].append((count, due))
    for one in waiting.values():
        one.sort()
    next_of = dict.fromkeys(waiting, 0)
    shown: dict[int, list[float]] = defaultdict(list)
    for place, number in enumerate(heard):
        for idea, count in room.contents[number].counts.items():
            cast = waiting.get(idea, [])
            at = next_of.get(idea, 0)
            while at < len(cast) and cast[at][0] <= count:
                shown[place].append(cast[at][1])
                at += 1
            next_of[idea] = at
    return shown, sum(len(cast) - next_of[idea] for idea, cast in waiting.items())


def share(slots: dict[Any, int], wanted: float) -> float:
    """The milliseconds within which this share of all were shown; nan where nothing was."""
    left = wanted * sum(slots.values())
    for milliseconds in sorted(map(int, slots)):
        left -= slots.get(milliseconds, slots.get(str(milliseconds), 0))
        if left <= 0:
            return milliseconds
    return float("nan")
