"""The twin's moderators: what they decide, merge, mark and undo, and when they are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.properties.moderating_twin import (
    HOUR,
    PINS,
    UNDO,
    Board,
    Comment,
    Idea,
    Item,
    Key,
    Objection,
    Refused,
    Report,
)

FROM = {
    "hide": ("published", "held"),
    "decline": ("held",),
    "hold": ("published",),
    "restore": ("hidden",),
    "approve": ("held",),
    "keep": ("published", "hidden", "merged"),
}
TO = {"hide": "hidden", "decline": "hidden", "hold": "held", "restore": "published", "approve": "published"}
MARKS = {
    "pin": "pinned_at",
    "unpin": "pinned_at",
    "lock": "is_locked",
    "unlock": "is_locked",
    "retag": "themes",
    "answer": "status",
}
ENOUGH = 2
"""Reports that hold an item: two are sooner there than five."""


@dataclass
class Act:
    """A line of the log. `before` and `after` are what the kind needs to be undone."""

    id: int
    kind: str
    key: Key | None
    at: datetime
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    by: int | None = None
    undoes: bool = False
    is_undone: bool = False


class Moderated(Board):
    """The board with its log."""

    def __init__(self) -> None:
        super().__init__()
        self.log: dict[int, Act] = {}

    # deciding --------------------------------------------------------------------------------------------

    def decide(self, kind: str, item: Item, by: int, at: datetime, act: int) -> None:
        if kind == "keep" and item.state == "held":
            raise Refused("Invalid")
        if item.state not in FROM[kind] or (kind == "keep" and not item.needs):
            raise Refused("AlreadyDone")
        if item.not_for == by:  # there is always another moderator here
            raise Refused("NotAllowed")
        before = {"state": item.state, "needs": item.needs, "not_for": item.not_for}
        if isinstance(item, Idea):
            before["pinned_at"] = item.pinned
        self._put(item, TO.get(kind, item.state))
        self.log[act] = Act(act, kind, item.key, at, before, {"state": item.state}, by)
        if kind == "hold":
            item.need("held")
            item.last_act = act
            return
        item.settle(act)
        item.judge("upheld" if kind in ("hide", "decline") else "dismissed", act)
        item.judge("upheld" if kind in ("restore", "approve") else "dismissed", act, objections=True)

    def report(self, item: Item, by: int, at: datetime, act: int) -> bool:
        """Returns whether the item is held by it; then `act` is the board's own."""
        idea = self.ideas[self.where(item)] if isinstance(item, Comment) else item
        if item.state != "published" or idea.state != "published":
            raise Refused("NotThere")
        if item.author == by:
            raise Refused("NotAllowed")
        if by in item.reports:
            raise Refused("AlreadyDone")
        item.reports[by] = Report(self._weight(by), at)
        item.need("reported")
        recent = (one for one in item.reports.values() if one.outcome is None and one.at > at - HOUR)
        if sum(one.weight for one in recent) < ENOUGH - 1e-9:
            return False
        self._put(item, "held")
        item.need("held")
        item.last_act = act
        self.log[act] = Act(act, "hold", item.key, at)
        return True

    def object_to(self, act: Act, by: int, moderator: int | None) -> None:
        item = self.item(act.key) if act.key else None
        if item is None or item.state == "withdrawn" or item.author != by:
            raise Refused("NotThere")
        if act.is_undone or act.undoes or act.kind not in ("hide", "decline", "hold", "merge"):
            raise Refused("NotThere")
        if item.state == "published" or act.id in item.objections:
            raise Refused("AlreadyDone")
        item.objections[act.id] = Objection(by)
        item.not_for = moderator
        item.need("objection")

    def _weight(self, who: int) -> float:
        if not self.people[who].confirmed:
            return 0.0
        outcomes = [one.reports[who].outcome for one in self.items() if who in one.reports]
        right, wrong = outcomes.count("upheld"), outcomes.count("dismissed")
        return (1 + right) / (1 + right + wrong)

    def _put(self, item: Item, state: str) -> None:
        item.state = state
        if isinstance(item, Idea) and state != "published":
            item.marks["pinned_at"] = None

    # merging ---------------------------------------------------------------------------------------------

    def merge(self, one: Idea, into: Idea, by: int, at: datetime, act: int) -> None:
        if one is into:
            raise Refused("Invalid")
        if one.state != "published":
            raise Refused("AlreadyDone")
        if into.state != "published":
            raise Refused("Invalid")
        before = {"needs": one.needs, "not_for": one.not_for, "pinned_at": one.pinned}
        self._put(one, "merged")
        one.into, one.merged_by = into.key[1], act
        into.back[one.key[1]] = set()
        self.log[act] = Act(act, "merge", one.key, at, before, by=by)
        one.settle(act)
        one.judge("moot", act)

    def unmerge(self, one: Idea, at: datetime, act: int) -> None:
        if one.state != "merged" or one.into is None:
            raise Refused("AlreadyDone")
        into = self.ideas[one.into]
        if into.state == "merged":
            raise Refused("Invalid")
        merge = self.log[one.merged_by]
        del into.back[one.key[1]]
        one.into, one.state = None, "published"
        self._pin_again(one, merge.before["pinned_at"])
        merge.is_undone = True
        self.log[act] = Act(act, "unmerge", one.key, at)
        one.settle(act)
        one.judge("upheld", act, objections=True)

    def give_back(self, idea: int, at: datetime, take_act: Any) -> None:
        """An idea that its author withdraws takes nobody else's along."""
        for one in sorted(self.merged_into(idea), key=lambda one: -one.merged_by):
            self.unmerge(one, at, take_act())

    def remove(self, person: int, at: datetime, take_act: Any) -> None:
        """All that `person` wrote goes for good, with what others wrote below it; so do their upvotes."""
        leaving = {one.key[1] for one in self.ideas.values() if one.author == person}
        for one in self.to_take_apart(leaving):
            self.unmerge(one, at, take_act())
        gone = {
            one.key[1] for one in self.comments.values() if self.where(one) in leaving or one.author == person
        }
        guests = {who for idea in leaving for who in self.upvoters(idea)}
        guests |= {one.author for one in self.comments.values() if self.where(one) in leaving}
        for idea in leaving:
            del self.ideas[idea]
        for comment in gone:
            del self.comments[comment]
        for comment in self.comments.values():
            if comment.parent in gone:
                comment.parent, comment.home = None, comment.written_on
        for idea in self.ideas.values():
            idea.own.discard(person)
            for taken in idea.back.values():
                taken.discard(person)
        for who in guests:
            wrote = any(one.author == who for one in self.items())
            if not wrote and not any(who in self.upvoters(idea) for idea in self.ideas):
                self.people[who].takes_part = self.people[who].aside = False
        del self.people[person]

    def to_take_apart(self, leaving: set[int]) -> list[Idea]:
        """What is merged and cannot stay so when these go: the latest merge first."""
        merged = {key: one.into for key, one in self.ideas.items() if one.into is not None}
        found = {key for key, into in merged.items() if key in leaving or into in leaving}
        while above := {merged[key] for key in found} & set(merged) - found:
            found |= above
        return sorted((self.ideas[key] for key in found), key=lambda one: -one.merged_by)

    # marking, counting -----------------------------------------------------------------------------------

    def mark(self, kind: str, idea: Idea, value: Any, by: int, at: datetime, act: int, **also: Any) -> None:
        name = MARKS[kind]
        if idea.state in ("withdrawn", "merged") or (kind in ("pin", "answer") and idea.state != "published"):
            raise Refused("NotThere")
        new = {name: value, **also}
        before = {mark: idea.marks[mark] for mark in new}
        if kind in ("retag", "answer") and before == new:
            raise Refused("Invalid")
        if kind not in ("retag", "answer") and bool(before[name]) == bool(value):
            raise Refused("AlreadyDone")
        if kind == "pin" and self.pins() >= PINS:
            raise Refused("Invalid")
        idea.marks |= new
        self.log[act] = Act(act, kind, idea.key, at, before, new, by)
        idea.last_act = act

    def set_aside(self, who: set[int], by: int, at: datetime, act: int) -> None:
        changed = {one for one in who if self.people[one].takes_part and not self.people[one].aside}
        if not changed:
            raise Refused("Invalid")
        for one in changed:
            self.people[one].aside = True
        self.log[act] = Act(act, "set_aside", None, at, after={"people": changed}, by=by)

    def count_again(self, act: Act, at: datetime, new: int) -> None:
        if act.is_undone or act.undoes:
            raise Refused("AlreadyDone")
        for one in act.after["people"]:
            if one in self.people:
                self.people[one].aside = False
        act.is_undone = True
        self.log[new] = Act(new, "count_again", None, at)

    def pins(self) -> int:
        return sum(one.pinned is not None for one in self.ideas.values())

    def _pin_again(self, idea: Idea, pinned: datetime | None) -> None:
        if pinned and self.pins() < PINS:
            idea.marks["pinned_at"] = pinned

    # undoing ---------------------------------------------------------------------------------------------

    def undo(self, act: Act, by: int, at: datetime, new: int) -> None:
        if act.kind in ("unmerge", "count_again"):
            raise Refused("AlreadyDone")
        item = self.item(act.key) if act.key else None
        if act.key and (item is None or item.state == "withdrawn"):
            raise Refused("NotThere")
        if act.is_undone or act.undoes or act.by is None or at >= act.at + UNDO:
            raise Refused("AlreadyDone")
        if act.kind == "set_aside":
            self.count_again(act, at, new)
        elif act.kind == "merge":
            assert isinstance(item, Idea)
            self.unmerge(item, at, new)
            self._put_back(item, act)
        elif act.kind in FROM:
            assert item is not None
            self._undo_decision(act, item, new)
        else:
            assert isinstance(item, Idea)
            self._undo_mark(act, item)
            item.last_act = new
        act.is_undone = True
        self.log[new] = Act(new, act.kind, act.key, at, by=by, undoes=True)

    def _undo_decision(self, act: Act, item: Item, new: int) -> None:
        if item.state != act.after["state"] or item.last_act != act.id:
            raise Refused("AlreadyDone")
        self._put(item, act.before["state"])
        if isinstance(item, Idea) and item.state == "published" and item.pinned is None:
            self._pin_again(item, act.before["pinned_at"])
        if act.kind in ("hide", "decline", "hold"):
            item.judge("upheld", new, objections=True)
        self._put_back(item, act)
        item.last_act = new

    def _undo_mark(self, act: Act, idea: Idea) -> None:
        if {name: idea.marks[name] for name in act.after} != act.after:
            raise Refused("AlreadyDone")
        if act.before.get("pinned_at"):
            if idea.state != "published":
                raise Refused("AlreadyDone")
            if self.pins() >= PINS:
                raise Refused("Invalid")
        idea.marks |= act.before

    def _put_back(self, item: Item, act: Act) -> None:
        item.needs, item.not_for = act.before["needs"], act.before["not_for"]
        item.reopen(act.id)
        if item.open_reports:
            item.need("reported")
