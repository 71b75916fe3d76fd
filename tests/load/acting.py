"""Acts of moderators on one city's queue while its board and its queue are open: how long until everybody sees them.

First one after the other, at a pace of people. Then two moderators go through the same items at the same moment, as
two who clear a queue from its top do: each item may be decided once, the second one is told who was faster.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select

from app.cities.models import City
from app.core.extensions import db
from app.factory import create_app
from app.ideas.models import Idea
from app.moderation.models import Act, QueueItem
from tests.load.asking import AS_BROWSERS
from tests.load.figuring import speed
from tests.load.filling import Moderators
from tests.load.preparing import ROOT, Prepared, write_plan
from tests.load.serving import ask, step
from tests.servers import Board

SHOWN = 50
DONE, REFUSED = 200, 409


class Subject(NamedTuple):
    """What is acted on: an item of the queue."""

    item: int
    idea: int
    comment: int | None

    @property
    def path(self) -> str:
        """Where acts on it are sent."""
        return f"/ideas/{self.idea}/acts" if self.comment is None else f"/comments/{self.comment}/acts"


class Acting:
    """Everything about acts on the city `slug` of one running board."""

    def __init__(
        self, prepared: Prepared, settings: dict[str, Any], board: Board, people: Moderators, slug: str
    ) -> None:
        self.prepared, self.board, self.people, self.slug = prepared, board, people, slug
        self.app = create_app(settings)

    def measure(self, lengths: Any) -> dict[str, Any]:
        """Keep the pages open, act, and compare. `lengths` as in `bench_moderation`."""
        paced, raced = self.subjects(lengths.acts, lengths.raced)
        record = self.prepared.data / "record.json"
        plan = self.plan(lengths.watchers)
        pages = subprocess.Popen(
            [sys.executable, "-m", "tests.load.curating", plan, record],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert pages.stdin is not None and pages.stdout is not None
        try:
            came = json.loads(pages.stdout.readline())
            step(f"{len(paced)} acts, {lengths.per_second:g} a second")
            alone = self.act([(one, 0) for one in paced], connections=2, per_second=lengths.per_second)
            step(f"{len(raced)} items, two moderators at once")
            together = [(one, who) for one in raced for who in (0, 1)]
            both = self.act(together, connections=2)
            pages.stdin.write(json.dumps(self.truth()) + "\n")
            pages.stdin.flush()
            pages.wait(120)
        finally:
            pages.kill()
            pages.wait()
        heard = json.loads(record.read_text(encoding="utf-8"))
        answers = Counter(row[4] for answer in (alone, both) for row in answer["rows"])
        times = self.times(paced, alone, heard)
        own = [row for row in both["rows"] if row[4] == DONE]
        subjects = [*paced, *raced]
        return {
            "watchers": came["watching"],
            "queues": came["queues"],
            "pages": came["watching"] + came["queues"],
            "came_in_seconds": round(came["seconds"], 1),
            "paced": {
                **speed(alone),
                "acts": len(paced),
                "per_second": lengths.per_second,
                **times["figures"],
            },
            "raced": {
                "items": len(raced),
                "done": len(own),
                "told_who_was_faster": sum(row[4] == REFUSED for row in both["rows"]),
                "acts_per_second": round(len(own) / both["seconds"], 1),
                "p50_ms": speed(both)["p50_ms"],
                "p99_ms": speed(both)["p99_ms"],
            },
            "never_seen": times["never_seen"] + self.unseen(raced, heard),
            "not_decided_once": self.not_once(subjects),
            "unforeseen_answers": sum(answers.values()) - answers[DONE] - answers[REFUSED],
            "differ_by_socket": came["watching"] + came["queues"] - _equal(heard, "by_socket"),
            "differ_after_asking": came["watching"] + came["queues"] - _equal(heard, "after_asking"),
            **{name: heard[name] for name in ("closed", "asked", "repaired", "refused")},
        }

    # --- what is acted on, and by whom --------------------------------------------------------------------------

    def subjects(self, *how_many: int) -> list[list[Subject]]:
        """So many waiting items and so many more, ideas and comments by turns, all of different ideas."""
        chance = random.Random(1992)
        with self.app.app_context():
            query = (
                select(QueueItem.id, QueueItem.idea_id, QueueItem.comment_id)
                .join(City, City.id == QueueItem.city_id)
                .where(City.slug == self.slug, QueueItem.needs != "")
                .order_by(QueueItem.id)
            )
            found = [Subject(*row) for row in db.session.execute(query)]
            db.session.rollback()
        chance.shuffle(found)
        taken: set[int] = set()
        sorts: tuple[list[Subject], list[Subject]] = ([], [])
        for one in found:
            if one.idea not in taken:
                taken.add(one.idea)
                sorts[one.comment is None].append(one)
        by_turns = [one for pair in zip(*sorts, strict=False) for one in pair]
        lists = []
        for number in how_many:
            lists.append(by_turns[:number])
            by_turns = by_turns[number:]
        return lists

    def plan(self, watchers: int) -> Any:
        """What the open pages are told."""
        with self.app.app_context():
            city = db.session.scalars(select(City).where(City.slug == self.slug)).one()
            shown = db.session.execute(
                select(Idea.id, Idea.upvote_count).where(Idea.city_id == city.id).limit(SHOWN)
            )
            told = {
                "city": self.slug,
                "seq": city.seq,
                "stamp": city.queue_seq,
                "shown": ",".join(f"{key}:{count}" for key, count in shown),
            }
            db.session.rollback()
        people = list(zip(self.people.ids, self.people.cookies, strict=True))
        return write_plan(
            self.prepared.data / "pages.json",
            port=self.board.port,
            watchers=watchers,
            moderators=people,
            **told,
        )

    def act(self, acts: Sequence[tuple[Subject, int]], **pace: Any) -> dict[str, Any]:
        """Send "hide" for each subject by the moderator with that number, as the queue's script does."""
        headers = {
            "Origin": f"http://127.0.0.1:{self.board.port}",
            "Accept": "application/json",
            "Accept-Encoding": AS_BROWSERS,
            "X-CSRFToken": self.prepared.csrf_token,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        requests = [
            {
                "method": "POST",
                "path": f"{one.path}?seen=0",
                "headers": {"Cookie": self.people.cookies[who]},
                "body": "act=hide&reason=3&sentence=",
            }
            for one, who in acts
        ]
        return ask(self.prepared.data, self.board, headers=headers, requests=requests, **pace)

    # --- what came of it ----------------------------------------------------------------------------------------

    def times(
        self, subjects: Sequence[Subject], answer: dict[str, Any], heard: dict[str, Any]
    ) -> dict[str, Any]:
        """From the moment an act was due until each page showed it, and until the last one did."""
        due = {subjects[row[0]]: row[1] for row in answer["rows"] if row[4] == DONE}
        boards = _first(heard["boards"], lambda which: tuple(heard["changes"][which][:2]))
        queues = _first([one["seen"] for one in heard["queues"] if one["who"] != self.people.ids[0]], int)
        screens = [[page.get((one.idea, one.comment)) for page in boards] for one in due]
        others = [[page.get(one.item) for page in queues] for one in due]
        figures = {}
        never = 0
        for name, seen in (("screen", screens), ("queue", others)):
            each = [
                1000 * (at - moment)
                for moment, all_of in zip(due.values(), seen, strict=True)
                for at in all_of
                if at
            ]
            last = [
                1000 * (max(filter(None, all_of)) - moment)
                for moment, all_of in zip(due.values(), seen, strict=True)
                if all(all_of)
            ]
            never += sum(all_of.count(None) for all_of in seen)
            figures[name] = _spread(each)
            figures[f"last_{name}"] = _spread(last)
        return {"figures": figures, "never_seen": never}

    def unseen(self, subjects: Sequence[Subject], heard: dict[str, Any]) -> int:
        """How often a page never showed one of these as decided."""
        boards = _first(heard["boards"], lambda which: tuple(heard["changes"][which][:2]))
        queues = _first([one["seen"] for one in heard["queues"]], int)
        return sum(
            sum((one.idea, one.comment) not in page for page in boards)
            + sum(one.item not in page for page in queues)
            for one in subjects
        )

    def not_once(self, subjects: Sequence[Subject]) -> int:
        """How many of these items have not exactly one act in the log, or do not say so."""
        with self.app.app_context():
            acts = Counter(
                (idea, comment) for idea, comment in db.session.execute(select(Act.idea_id, Act.comment_id))
            )
            decisions = dict(db.session.execute(select(QueueItem.id, QueueItem.decisions)).all())
            db.session.rollback()
        return sum(acts[(one.idea, one.comment)] != 1 or decisions[one.item] != 1 for one in subjects)

    def truth(self) -> dict[str, int]:
        """The board's number and how much waits, as the database has them."""
        with self.app.app_context():
            seq = db.session.scalar(select(City.seq).where(City.slug == self.slug)) or 0
            waiting = db.session.scalar(
                select(func.count())
                .select_from(QueueItem)
                .join(City, City.id == QueueItem.city_id)
                .where(City.slug == self.slug, QueueItem.needs != "")
            )
            db.session.rollback()
            db.engine.dispose()
        return {"seq": seq, "waiting": waiting or 0}


def _equal(heard: dict[str, Any], when: str) -> int:
    return int(heard[f"boards_equal_{when}"]) + int(heard[f"queues_equal_{when}"])


def _first(seen: Sequence[Sequence[Any]], name: Any) -> list[dict[Any, float]]:
    """When each page saw what for the first time, by what it was."""
    pages = []
    for page in seen:
        when: dict[Any, float] = {}
        for at, which in page:
            when.setdefault(name(which), at)
        pages.append(when)
    return pages


def _spread(times: Sequence[float]) -> dict[str, Any]:
    ranked = sorted(times) or [float("nan")]
    return {
        "p50_ms": round(ranked[len(ranked) // 2]) if times else None,
        "p99_ms": round(ranked[min(len(ranked) - 1, int(len(ranked) * 0.99))]) if times else None,
        "seen": len(times),
    }
