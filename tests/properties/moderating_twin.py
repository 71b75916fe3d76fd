"""A board under moderation in plain Python: sets of people, dictionaries of comments, the rules in a few lines each.

An upvote or a comment never moves here. Where it counts is worked out from where it was given and what is merged into
what, so that nothing can get lost on the way: that is what makes the comparison with the database's rows worth having.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

URGENCY = ("objection", "held", "reported", "alert", "verify", "new")
PINS, EDIT, UNDO, HOUR = 3, timedelta(minutes=15), timedelta(minutes=10), timedelta(hours=1)
Key = tuple[str, int]


class Refused(Exception):
    """The twin would not do it; says which refusal is due."""


@dataclass
class Person:
    """Somebody who takes part, or moderates."""

    confirmed: bool = True
    curates: bool = False
    takes_part: bool = False
    aside: bool = False


@dataclass
class Report:
    """`decided`: by which act."""

    weight: float
    at: datetime
    outcome: str | None = None
    decided: int | None = None


@dataclass
class Objection:
    """The author's, to one act."""

    person: int
    outcome: str | None = None
    decided: int | None = None


@dataclass
class Item:
    """What ideas and comments have in common: a state, and a row of the queue."""

    key: Key
    author: int
    created: datetime
    state: str = "published"
    needs: str = ""
    not_for: int | None = None
    last_act: int | None = None
    reports: dict[int, Report] = field(default_factory=dict)
    objections: dict[int, Objection] = field(default_factory=dict)

    @property
    def open_reports(self) -> int:
        return sum(one.outcome is None for one in self.reports.values())

    def need(self, need: str) -> None:
        if not self.needs or URGENCY.index(need) < URGENCY.index(self.needs):
            self.needs = need

    def settle(self, act: int) -> None:
        self.needs, self.not_for, self.last_act = "", None, act

    def judge(self, outcome: str, act: int, *, objections: bool = False) -> None:
        for one in (self.objections if objections else self.reports).values():
            if one.outcome is None:
                one.outcome, one.decided = outcome, act

    def reopen(self, act: int) -> None:
        for one in (*self.objections.values(), *self.reports.values()):
            if one.decided == act:
                one.outcome = one.decided = None


@dataclass
class Idea(Item):
    """`own`: who upvoted it here; `back[n]`: who took back here what they had given to `n`, which is merged into it."""

    own: set[int] = field(default_factory=set)
    back: dict[int, set[int]] = field(default_factory=dict)
    into: int | None = None
    merged_by: int = 0
    marks: dict[str, Any] = field(default_factory=dict)

    @property
    def pinned(self) -> datetime | None:
        return self.marks["pinned_at"]


@dataclass
class Comment(Item):
    """`home`: the idea its thread belongs to; `written_on`: the one it was posted on, which that was part of then."""

    home: int = 0
    written_on: int = 0
    parent: int | None = None


@dataclass
class Board:
    """What there is, and what it adds up to."""

    people: dict[int, Person] = field(default_factory=dict)
    ideas: dict[int, Idea] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)

    def item(self, key: Key) -> Item | None:
        return (self.ideas if key[0] == "idea" else self.comments).get(key[1])  # type: ignore[return-value]

    def items(self) -> Iterator[Item]:
        yield from self.ideas.values()
        yield from self.comments.values()

    def merged_into(self, idea: int) -> list[Idea]:
        return [one for one in self.ideas.values() if one.into == idea]

    def where(self, comment: Comment) -> int:
        """The idea on whose page the comment is."""
        here = comment.home
        while (above := self.ideas[here].into) is not None:
            here = above
        return here

    def upvoters(self, idea: int) -> set[int]:
        """Who has upvoted an idea: there, or what is merged into it. Everybody once, its author never."""
        one = self.ideas[idea]
        came = (self.upvoters(other.key[1]) - one.back[other.key[1]] for other in self.merged_into(idea))
        return one.own.union(*came) - {one.author}

    def counted(self, idea: int) -> set[int]:
        """Those who count: with a confirmed address, and not set aside."""
        return {
            who for who in self.upvoters(idea) if self.people[who].confirmed and not self.people[who].aside
        }

    def comments_on(self, idea: int) -> list[Comment]:
        return [one for one in self.comments.values() if self.where(one) == idea]

    # what participants do --------------------------------------------------------------------------------

    def post(self, idea: int, by: int, at: datetime) -> None:
        marks = {"pinned_at": None, "is_locked": False, "status": "new", "themes": [1]}
        marks |= {"answer": None, "answered_at": None}
        self.ideas[idea] = Idea(("idea", idea), by, at, marks=marks)
        self._wait(self.ideas[idea], by)

    def refuse_comment(self, idea: int, by: int, parent: int | None = None) -> None:
        one = self.ideas[idea]
        if one.state != "published":
            raise Refused("NotThere")
        if one.marks["is_locked"] and not self.people[by].curates:
            raise Refused("NotAllowed")
        if parent is not None and self.comments[parent].state != "published":
            raise Refused("NotThere")

    def comment(self, comment: int, idea: int, by: int, at: datetime, parent: int | None = None) -> None:
        self.refuse_comment(idea, by, parent)
        above = self.comments[parent] if parent is not None else None
        top = (above.parent or above.key[1]) if above else None
        home = above.home if above else idea
        key = ("comment", comment)
        self.comments[comment] = Comment(key, by, at, home=home, written_on=idea, parent=top)
        self._wait(self.comments[comment], by)

    def edit(self, item: Item, at: datetime) -> None:
        self._refuse_edit(item, at)
        self._wait(item, item.author)

    def withdraw(self, item: Item, at: datetime) -> None:
        self._refuse_edit(item, at)
        item.state, item.needs = "withdrawn", ""
        item.judge("moot", 0)
        if isinstance(item, Idea):
            item.marks["pinned_at"] = None

    def upvote(self, idea: int, by: int) -> None:
        one = self.ideas[idea]
        if one.state != "published":
            raise Refused("NotThere")
        if one.author == by:
            raise Refused("NotAllowed")
        one.own.add(by)
        self.people[by].takes_part = True

    def take_back(self, idea: int, by: int) -> None:
        one = self.ideas[idea]
        if one.state != "published":
            raise Refused("NotThere")
        one.own.discard(by)
        for taken in one.back.values():
            taken.add(by)

    def _wait(self, item: Item, by: int) -> None:
        """A moderator has to look at what somebody wrote; moderators' own texts nobody need look at."""
        self.people[by].takes_part = True
        if not self.people[by].curates:
            item.need("held" if item.state == "held" else "new")

    def _refuse_edit(self, item: Item, at: datetime) -> None:
        still = item.state in ("published", "held") and at < item.created + EDIT
        if isinstance(item, Comment):
            if item.state not in ("published", "held"):
                raise Refused("NotThere")
            still = still and self.ideas[self.where(item)].state == "published"
        elif isinstance(item, Idea):
            if item.state == "withdrawn":
                raise Refused("NotThere")
            still = still and item.marks["status"] == "new"
        if not still:
            raise Refused("Invalid")
