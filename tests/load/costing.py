"""What things cost a processor, fitted from storms of different size, and what that says of larger boards.

    live process    seconds = each * deliveries + tick * messages + read * upvotes
    web process     seconds = write * upvotes + ask * questions
    PostgreSQL      seconds = row * upvotes + query * questions

A delivery is one message to one page; messages are what all of a room's pages get (at most ten a second and city).
Least squares without a constant, no coefficient below nought: one that comes out so is left out, and the rest fitted
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

TICKS = 10
"""Messages of counts a second and city, at most."""
ASKS_EVERY = 30.0


def fitted(rows: Sequence[Sequence[float]], wanted: Sequence[float]) -> list[float]:
    """The factors x >= 0 with which rows * x come nearest to `wanted`."""
    used = list(range(len(rows[0])))
    while used:
        found = _solved(
            [[sum(row[a] * row[b] for row in rows) for b in used] for a in used],
            [sum(row[a] * one for row, one in zip(rows, wanted, strict=True)) for a in used],
        )
        if found is not None and min(found) >= 0:
            whole = [0.0] * len(rows[0])
            for place, factor in zip(used, found, strict=True):
                whole[place] = factor
            return whole
        lowest = min(range(len(used)), key=lambda at: found[at]) if found is not None else len(used) - 1
        used.pop(lowest)
    return [0.0] * len(rows[0])


def _solved(matrix: list[list[float]], right: list[float]) -> list[float] | None:
    """Gauss's elimination with pivots; None where there is no single solution."""
    size = len(right)
    table = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(table[row][column]))
        if abs(table[pivot][column]) < 1e-12 * max(1.0, *(abs(one) for one in matrix[column])):
            return None
        table[column], table[pivot] = table[pivot], table[column]
        for row in range(size):
            if row != column:
                factor = table[row][column] / table[column][column]
                table[row] = [a - factor * b for a, b in zip(table[row], table[column], strict=True)]
    return [table[row][size] / table[row][row] for row in range(size)]


def model(storms: Sequence[dict[str, Any]], pages: dict[str, Any]) -> dict[str, float]:
    """Processor microseconds of each thing, from storms on `web` and `live` processes and the loads of `pages`."""
    live = fitted(
        [[one["heard"], one["messages"], one["acknowledged"]] for one in storms],
        [_part(one, "live") for one in storms],
    )
    asked = [[one["acknowledged"], one["asked"]] for one in storms]
    web = fitted(asked, [_part(one, "web") for one in storms])
    base = fitted(asked, [_part(one, "postgresql") for one in storms])
    redis = fitted([[one["acknowledged"]] for one in storms], [_part(one, "redis") for one in storms])
    micro = {
        "delivery": live[0],
        "message": live[1],
        "upvote_live": live[2],
        "upvote_web": web[0],
        "upvote_postgresql": base[0],
        "upvote_redis": redis[0],
        "question_web": web[1],
        "question_postgresql": base[1],
        "page": pages["cpu_each"],
    }
    return {name: round(1e6 * value, 1) for name, value in micro.items()}


def _part(storm: dict[str, Any], name: str) -> float:
    return sum(seconds for part, seconds in storm["worked"].items() if part.startswith(name))


def cores(
    micro: dict[str, float], *, watchers: float, upvotes: float, cities: float, pages: float
) -> dict[str, float]:
    """Cores kept busy by so many watchers, and upvotes and page views a second, over so many cities."""
    ticks = cities * min(TICKS, upvotes / cities)
    deliveries = ticks * watchers / cities
    asks = watchers / ASKS_EVERY
    return {
        "live": (micro["delivery"] * deliveries + micro["message"] * ticks + micro["upvote_live"] * upvotes)
        / 1e6,
        "web": (micro["upvote_web"] * upvotes + micro["question_web"] * asks + micro["page"] * pages) / 1e6,
        "postgresql": (micro["upvote_postgresql"] * upvotes + micro["question_postgresql"] * asks) / 1e6,
        "redis": micro["upvote_redis"] * upvotes / 1e6,
    }


CASES = {
    "a room: 200 watchers, 10 upvotes/s": {"watchers": 200, "upvotes": 10, "cities": 1, "pages": 5},
    "a city: 5,000 watchers, 100 upvotes/s": {"watchers": 5000, "upvotes": 100, "cities": 1, "pages": 50},
    "a large city: 50,000 watchers, 500 upvotes/s": {
        "watchers": 50_000,
        "upvotes": 500,
        "cities": 1,
        "pages": 300,
    },
    "a million watchers, 100 cities, 10,000 upvotes/s": {
        "watchers": 1_000_000,
        "upvotes": 10_000,
        "cities": 100,
        "pages": 5_000,
    },
}


def cases(micro: dict[str, float]) -> dict[str, dict[str, float]]:
    """What the model says of some boards: cores kept busy, by process."""
    return {
        name: {part: round(value, 2) for part, value in cores(micro, **case).items()}
        for name, case in CASES.items()
    }
