"""What was asked for, written down before it was sent, and what was acknowledged; afterwards held against the database.

I1  every acknowledged write is there, once; what was not acknowledged is there once at most.
I2  counters equal rows; the changes of a board have no gaps.
I4  the database itself is whole.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select, text

from app.cities.models import Change
from app.ideas.models import Comment, Idea, Upvote
from tests.load.crowd import Crowd, looking


@dataclass
class Entry:
    """One thing somebody wanted. `attempts` are (when, status) of each time it was sent; 0: no answer came."""

    number: int
    kind: str  # idea, comment, upvote
    voter: int
    idea: int | None
    key: str = ""
    wanted: bool = True
    sent_at: float = 0.0
    acknowledged_at: float | None = None
    made: int | None = None
    attempts: list[tuple[float, int]] = field(default_factory=list)


@dataclass
class Findings:
    """What is wrong, in numbers; everything should be nought."""

    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    upvotes_wrong: int = 0
    counters_off: int = 0
    gaps: int = 0
    damage: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether nothing is lost, doubled or damaged."""
        wrong = self.lost + self.doubled + self.upvotes_wrong + self.counters_off + self.gaps
        return wrong == 0 and not self.damage


class Ledger:
    """Every request before it is sent, and every acknowledgement, in a file too."""

    def __init__(self, file: Path) -> None:
        self.entries: list[Entry] = []
        self._file = file.open("a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def before(
        self, kind: str, voter: int, *, idea: int | None = None, key: str = "", wanted: bool = True
    ) -> Entry:
        """Write down what is about to be sent."""
        with self._lock:
            entry = Entry(len(self.entries), kind, voter, idea, key, wanted, sent_at=time.monotonic())
            self.entries.append(entry)
            self._write(
                entry.number, {"kind": kind, "voter": voter, "idea": idea, "key": key, "wanted": wanted}
            )
        return entry

    def after(self, entry: Entry, status: int, made: int | None = None) -> None:
        """Write down what was answered; 200 and 201 acknowledge."""
        at = time.monotonic()
        entry.attempts.append((at, status))
        if status in (200, 201):
            entry.acknowledged_at, entry.made = at, made
        with self._lock:
            self._write(entry.number, {"status": status, "made": made})

    def _write(self, number: int, said: dict[str, Any]) -> None:
        if not self._file.closed:
            self._file.write(json.dumps({"n": number, "at": time.monotonic(), **said}) + "\n")

    def close(self) -> None:
        """No more is written."""
        self._file.close()

    # --- afterwards ---------------------------------------------------------------------------------------------

    def failures(self, since: float = 0.0, until: float = float("inf")) -> list[tuple[float, int]]:
        """Attempts within this time that were not acknowledged: when they ended, and their status."""
        tried = (attempt for entry in list(self.entries) for attempt in list(entry.attempts))
        return sorted(one for one in tried if since <= one[0] <= until and one[1] not in (200, 201))

    def check(self, database_url: str, crowd: Crowd) -> Findings:
        """Hold the database against what was acknowledged."""
        found = Findings(acknowledged=sum(entry.acknowledged_at is not None for entry in self.entries))
        with looking(database_url) as database:
            for kind, model in (("idea", Idea), ("comment", Comment)):
                self._posts(found, kind, _by_key(database, model))
            self._upvotes(found, database, crowd)
            found.counters_off = counters_off(database, crowd.city_id)
            found.gaps = gaps(database, crowd.city_id)
            found.damage = damage(database)
        return found

    def _posts(self, found: Findings, kind: str, there: dict[tuple[int, str], list[int]]) -> None:
        for entry in self.entries:
            if entry.kind != kind:
                continue
            ids = there.get((entry.voter, entry.key), [])
            found.doubled += len(ids) > 1
            if entry.acknowledged_at is not None:
                found.lost += not ids or entry.made not in ids

    def _upvotes(self, found: Findings, database: Connection, crowd: Crowd) -> None:
        ours = set(crowd.voters)
        rows = Counter(
            (user, idea)
            for idea, user in database.execute(select(Upvote.idea_id, Upvote.user_id))
            if user in ours
        )
        found.doubled += sum(count > 1 for count in rows.values())
        said: dict[tuple[int, int], list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.kind == "upvote" and entry.idea is not None:
                said[entry.voter, entry.idea].append(entry)
        for pair, entries in said.items():
            last = max((entry for entry in entries if entry.acknowledged_at), key=_when, default=None)
            possible = {entry.wanted for entry in entries if not entry.acknowledged_at}
            possible.add(last.wanted if last else False)
            found.upvotes_wrong += bool(rows[pair]) not in possible


def _when(entry: Entry) -> float:
    return entry.acknowledged_at or 0.0


def _by_key(database: Connection, model: type[Idea] | type[Comment]) -> dict[tuple[int, str], list[int]]:
    there: dict[tuple[int, str], list[int]] = defaultdict(list)
    rows = select(model.author_id, model.submission_key, model.id).where(model.submission_key.is_not(None))
    for author, key, made in database.execute(rows):
        there[author, str(key)].append(made)
    return there


def counters_off(database: Connection, city_id: int) -> int:
    """Ideas of a board whose counters differ from the rows they count."""
    upvotes = dict(
        _counted(database, select(Upvote.idea_id, func.count()).where(Upvote.is_counted), Upvote.idea_id)
    )
    public = select(Comment.idea_id, func.count()).where(Comment.state == "published")
    comments = dict(_counted(database, public, Comment.idea_id))
    ideas = select(Idea.id, Idea.upvote_count, Idea.comment_count, Idea.paper_upvotes)
    return sum(
        said_upvotes != upvotes.get(idea, 0) + paper or said_comments != comments.get(idea, 0)
        for idea, said_upvotes, said_comments, paper in database.execute(ideas.where(Idea.city_id == city_id))
    )


def _counted(database: Connection, query: Any, by: Any) -> list[tuple[int, int]]:
    return [(idea, count) for idea, count in database.execute(query.group_by(by))]


def gaps(database: Connection, city_id: int) -> int:
    """Numbers that are missing among the changes a board keeps, and by how much its own number is off."""
    numbers = sorted(database.scalars(select(Change.number).where(Change.city_id == city_id)))
    (seq,) = database.execute(text("SELECT seq FROM cities WHERE id = :id"), {"id": city_id}).one()
    if not numbers:
        return int(seq)
    return numbers[-1] - numbers[0] + 1 - len(numbers) + abs(seq - numbers[-1])


def damage(database: Connection) -> str:
    """What the database says about itself; nothing where it is whole."""
    if database.dialect.name == "sqlite":
        said = [str(row[0]) for row in database.execute(text("PRAGMA integrity_check"))]
        said += [str(row) for row in database.execute(text("PRAGMA foreign_key_check"))]
        return "; ".join(one for one in said if one != "ok")
    return ""
