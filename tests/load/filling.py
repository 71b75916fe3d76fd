"""Fills a city's queue for the measurements, as if its ideas and comments had come while no moderator looked.

What is asked for waits, the first of it reported by one to four participants, the rest new; everything else on the
board was looked at and kept, by a moderator who is there for that. In the order of a shuffle that is always the same.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from app.moderation.models import NEEDS
from tests.load.preparing import Prepared

SENTENCES = ("", "", "Names a neighbour.", "Això no és una proposta.", "The same advertisement as last week.")
ITEM_COLUMNS = (
    "key, city_id, subject, idea_id, comment_id, needs, urgency, since, reports, decisions, stamp, "
    "act_id, settled_at"
)
REPORT_COLUMNS = "item_key, city_id, idea_id, comment_id, user_id, reason_id, sentence, weight, created_at"
ACT_COLUMNS = (
    "id, city_id, kind, at, role, by_id, idea_id, comment_id, sentence, before, after, waited_seconds"
)


class Moderators(NamedTuple):
    """People who moderate a board: their ids, and their Cookie headers in the same order."""

    ids: list[int]
    cookies: list[str]


def moderators(prepared: Prepared, slugs: Sequence[str], how_many: int) -> Moderators:
    """New participants with a session each, who moderate these boards."""
    cookies = prepared.participants(how_many)
    with prepared.database() as database:
        (last,) = database.execute("SELECT max(id) FROM users").fetchone()
        ids = list(range(last - how_many + 1, last + 1))
        for slug in slugs:
            rows = [(_city(database, slug), key, _now()) for key in ids]
            database.executemany(
                "INSERT INTO moderators (city_id, user_id, appointed_at) VALUES (?, ?, ?)", rows
            )
    return Moderators(ids, cookies)


def fill_queue(
    prepared: Prepared, slug: str, *, waiting: int, reported: int, reporters: Sequence[int], looked: int
) -> dict[str, int]:
    """Make `waiting` items of the board wait, `reported` of them reported by some of `reporters`.

    `looked` is the moderator who kept all others. Returns how many items wait, are reported, are settled.
    """
    chance = random.Random(1859)
    with prepared.database() as database:
        city = _city(database, slug)
        found = list(_subjects(database, city))
        chance.shuffle(found)
        if len(found) < waiting:
            raise ValueError(f"{slug} has {len(found)} ideas and comments, not {waiting}")
        reports, acts, items = [], [], []
        (act,) = database.execute("SELECT coalesce(max(id), 0) FROM acts").fetchone()
        for place, one in enumerate(found):
            is_waiting, is_reported = place < waiting, place < reported
            needs = "reported" if is_reported else "new" if is_waiting else ""
            by = chance.sample(reporters, chance.choice((1, 1, 2, 4))) if is_reported else []
            for somebody in by:
                said = (chance.randint(1, 6), chance.choice(SENTENCES), 1.0, one.at)
                reports.append((one.key, city, one.idea, one.comment, somebody, *said))
            if not is_waiting:
                act += 1
                was = {"state": "published", "queue": {"needs": "new", "since": one.at, "reports": 0}}
                by_whom = (act, city, "keep", _now(), "moderator", looked, one.idea, one.comment, "")
                acts.append((*by_whom, json.dumps(was), '{"state": "published"}', 3600))
            items.append(
                (
                    one.key,
                    city,
                    "idea" if one.comment is None else "comment",
                    one.idea,
                    one.comment,
                    needs,
                    NEEDS.index(needs) if needs else 0,
                    one.at,
                    len(by),
                    0 if is_waiting else 1,
                    place + 1,
                    None if is_waiting else act,
                    None if is_waiting else _now(),
                )
            )
        _insert(database, "acts", ACT_COLUMNS, acts)
        _insert(database, "reports", REPORT_COLUMNS, reports)
        _insert(database, "queue_items", ITEM_COLUMNS, items)
        database.execute("UPDATE cities SET queue_seq = ? WHERE id = ?", (len(items), city))
    return {
        "waiting": waiting,
        "reported": reported,
        "reports": len(reports),
        "settled": len(items) - waiting,
    }


class _Subject(NamedTuple):
    idea: int
    comment: int | None
    at: str

    @property
    def key(self) -> str:
        return f"idea:{self.idea}" if self.comment is None else f"comment:{self.comment}"


def _subjects(database: sqlite3.Connection, city: int) -> Iterator[_Subject]:
    rows = database.execute(
        "SELECT id, NULL, created_at FROM ideas WHERE city_id = ?1 UNION ALL "
        "SELECT idea_id, comments.id, comments.created_at FROM comments JOIN ideas ON ideas.id = idea_id "
        "WHERE city_id = ?1",
        (city,),
    )
    return (_Subject(*row) for row in rows.fetchall())


def _insert(database: sqlite3.Connection, table: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
    places = ", ".join("?" * len(columns.split(", ")))
    database.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)


def _city(database: sqlite3.Connection, slug: str) -> int:
    key: int = database.execute("SELECT id FROM cities WHERE slug = ?", (slug,)).fetchone()[0]
    return key


def _now() -> str:
    return datetime.now(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
