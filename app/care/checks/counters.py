"""Counters against the rows they count: upvotes, comments, upvotes on paper, heat."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, union_all

from app.care.findings import Finding, fault, fine
from app.core.config import Settings
from app.core.extensions import db
from app.ideas.heat import COLD, warmed
from app.ideas.models import Comment, Idea, Upvote
from app.workshops.models import PaperTally

NAMED_AT_MOST = 5
AS_GOOD_AS = 1e-6
"""Heat is a floating sum: added up in another order it differs behind the ninth digit."""


@dataclass(frozen=True)
class Counts:
    """What an idea counts, or should."""

    upvotes: int
    comments: int
    on_paper: int
    heat: float

    def differs_from(self, other: Counts) -> bool:
        """Whether any of them is another one."""
        exact = (self.upvotes, self.comments, self.on_paper) == (
            other.upvotes,
            other.comments,
            other.on_paper,
        )
        return not (exact and math.isclose(self.heat, other.heat, rel_tol=0, abs_tol=AS_GOOD_AS))


def look(_config: Settings, _at: datetime) -> Iterator[Finding]:
    """Every idea's counters against its rows."""
    wrong, total = miscounted(), db.session.scalar(select(func.count()).select_from(Idea))
    for idea_id, (said, right) in list(wrong.items())[:NAMED_AT_MOST]:
        yield fault("counters", f"idea {idea_id} {_difference(said, right)}.", can_be_repaired=True)
    if len(wrong) > NAMED_AT_MOST:
        yield fault(
            "counters", f"{len(wrong) - NAMED_AT_MOST} more ideas count wrongly.", can_be_repaired=True
        )
    if not wrong:
        yield fine("counters", f"{total:,} ideas count what there is.")


def _difference(said: Counts, right: Counts) -> str:
    names = (("upvotes", "upvotes"), ("comments", "comments"), ("on_paper", "upvotes on paper"))
    told = [
        f"says {getattr(said, name)} {words}, not {getattr(right, name)}"
        for name, words in names
        if getattr(said, name) != getattr(right, name)
    ]
    return ", ".join(told) or f"trends by {said.heat:.6f}, not {right.heat:.6f}"


def miscounted() -> dict[int, tuple[Counts, Counts]]:
    """The ideas whose counters are wrong, by id: what they say, and what they should."""
    said: dict[int, Counts] = {}
    part_of: dict[int, int] = {}
    columns = (Idea.id, Idea.upvote_count, Idea.comment_count, Idea.paper_upvotes, Idea.heat)
    for idea_id, upvoted, commented, paper_upvotes, heat, state, into in db.session.execute(
        select(*columns, Idea.state, Idea.merged_into_id).order_by(Idea.id)
    ):
        said[idea_id] = Counts(upvoted, commented, paper_upvotes, heat)
        if state == "merged" and into is not None:
            part_of[idea_id] = into
    upvotes = _by_idea(
        select(Upvote.idea_id, func.count()).where(Upvote.is_counted.is_(True)), Upvote.idea_id
    )
    comments = _by_idea(
        select(Comment.idea_id, func.count()).where(Comment.state == "published"), Comment.idea_id
    )
    paper, heats = on_paper(part_of), _heats()
    right = {
        idea_id: Counts(
            upvotes.get(idea_id, 0) + paper.get(idea_id, 0),
            comments.get(idea_id, 0),
            paper.get(idea_id, 0),
            heats.get(idea_id, COLD),
        )
        for idea_id in said
    }
    return {key: (said[key], right[key]) for key in said if said[key].differs_from(right[key])}


def on_paper(part_of: dict[int, int]) -> dict[int, int]:
    """What was counted by hand, by idea: for the idea itself and for those that are part of it."""
    counted = select(PaperTally.idea_id, func.sum(PaperTally.upvotes)).where(PaperTally.is_counted.is_(True))
    found: dict[int, int] = defaultdict(int)
    for idea_id, upvotes in _by_idea(counted, PaperTally.idea_id).items():
        place: int | None = idea_id
        passed: set[int] = set()
        while place is not None and place not in passed:
            passed.add(place)
            found[place] += upvotes
            place = part_of.get(place)
    return found


def _by_idea(counted: object, key: object) -> dict[int, int]:
    rows = db.session.execute(counted.group_by(key))  # type: ignore[attr-defined]
    return {idea_id: int(count) for idea_id, count in rows}


def _heats() -> dict[int, float]:
    """Every idea's heat from its rows, a row at a time: a board may have millions."""
    upvoted = select(Upvote.idea_id, Upvote.created_at).where(Upvote.is_counted.is_(True))
    commented = select(Comment.idea_id, Comment.created_at).where(Comment.state == "published")
    heats: dict[int, float] = {}
    for idea_id, at in db.session.execute(union_all(upvoted, commented).execution_options(yield_per=5000)):
        heats[idea_id] = warmed(heats.get(idea_id, COLD), at)
    return heats
