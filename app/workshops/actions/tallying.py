"""Upvotes counted by hand: added to an idea's others, and known apart from them.

A tally belongs to the idea it was counted for. `paper_upvotes` of that idea, and of every idea it has become part of,
is the sum of what is counted. While a workshop hides its counts, its tallies wait for the reveal.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.cities.models import Workshop
from app.cities.phases import shows_counts
from app.core.announce import announce
from app.core.database import lock
from app.core.errors import Invalid, NotThere
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.counting import count_anew
from app.ideas.events import CountsChanged
from app.ideas.models import Idea, Upvote
from app.workshops.models import PaperTally
from app.workshops.policy import may_tally
from app.workshops.queries.paper import refuse_others


def tally(
    workshop: Workshop, idea: Idea, upvotes: int, *, by: User, at: datetime, after: int | None = None
) -> PaperTally:
    """So many more upvotes for a public idea of the board.

    `after` is the newest tally that the form's page showed: the same form sent again adds nothing. Raises NotThere,
    Invalid outside of the vote.
    """
    with unit_of_work():
        _begin(workshop, by)
        known = _sent_before(workshop, idea, upvotes, by, after)
        if known is not None:
            return known
        lock(idea)
        if not idea.is_published or idea.city_id != workshop.city_id:
            raise NotThere()
        row = PaperTally(
            workshop_id=workshop.id,
            idea_id=idea.id,
            upvotes=upvotes,
            is_counted=shows_counts(workshop),
            by_id=by.id,
            at=at,
        )
        db.session.add(row)
        if row.is_counted:
            _count({idea.id: upvotes})
        db.session.flush()
    return row


def take_back_tally(workshop: Workshop, tally_id: int, *, by: User) -> None:
    """As if it had never been counted. Raises NotThere, Invalid outside of the vote."""
    with unit_of_work():
        _begin(workshop, by)
        row = db.session.scalar(
            select(PaperTally).where(PaperTally.id == tally_id, PaperTally.workshop_id == workshop.id)
        )
        if row is None:
            raise NotThere()
        if row.is_counted:
            _count({row.idea_id: -row.upvotes})
        db.session.delete(row)
        db.session.flush()


def count_tallies_in(workshop: Workshop) -> None:
    """The reveal: what was counted by hand counts from now on. Before `count_upvotes_in`, in the same transaction."""
    waiting = db.session.scalars(
        select(PaperTally).where(PaperTally.workshop_id == workshop.id, PaperTally.is_counted.is_(False))
    ).all()
    found: dict[int, int] = defaultdict(int)
    for row in waiting:
        found[row.idea_id] += row.upvotes
        row.is_counted = True
    if found:
        upvoted = select(Upvote.idea_id).where(Upvote.workshop_id == workshop.id).distinct()
        _count(found, also_locking=set(db.session.scalars(upvoted)))


def forget_tallies_in(workshop: Workshop) -> None:
    """As if nothing had been counted by hand in the workshop, which is locked; inside a transaction."""
    rows = db.session.scalars(select(PaperTally).where(PaperTally.workshop_id == workshop.id)).all()
    found: dict[int, int] = defaultdict(int)
    for row in rows:
        found[row.idea_id] -= row.upvotes if row.is_counted else 0
        db.session.delete(row)
    db.session.flush()
    if found:
        _count(found)


def _begin(workshop: Workshop, by: User) -> None:
    lock(workshop)
    refuse_others(by, workshop)
    if not may_tally(workshop):
        raise Invalid(_("Hands and dots are counted in the vote."))


def _sent_before(
    workshop: Workshop, idea: Idea, upvotes: int, by: User, after: int | None
) -> PaperTally | None:
    if after is None:
        return None
    return db.session.scalar(
        select(PaperTally).where(
            PaperTally.workshop_id == workshop.id,
            PaperTally.idea_id == idea.id,
            PaperTally.upvotes == upvotes,
            PaperTally.by_id == by.id,
            PaperTally.id > after,
        )
    )


def _count(more: dict[int, int], also_locking: set[int] = frozenset()) -> None:  # type: ignore[assignment]
    """Add to these ideas, and to those they are part of, so many upvotes on paper; negative ones are taken away.

    All are locked in the order of their ids, those `also_locking` too, which the caller's transaction needs next.
    """
    ideas: dict[int, Idea] = {}
    while True:
        wanted = {*_with_those_they_became(set(more)), *also_locking}
        if wanted <= set(ideas):
            break
        locked = db.session.scalars(
            select(Idea)
            .where(Idea.id.in_(wanted))
            .order_by(Idea.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        ideas = {idea.id: idea for idea in locked}
    for idea_id, upvotes in more.items():
        for place in _way_of(ideas, idea_id):
            place.paper_upvotes += upvotes
    for idea_id in sorted(_with_those_they_became(set(more))):
        count_anew(ideas[idea_id])
        announce(CountsChanged(ideas[idea_id].city_id, idea_id))


def _with_those_they_became(idea_ids: set[int]) -> set[int]:
    found, step = set(idea_ids), set(idea_ids)
    while step:
        into = select(Idea.merged_into_id).where(Idea.id.in_(step), Idea.state == "merged")
        step = {idea_id for idea_id in db.session.scalars(into) if idea_id is not None} - found
        found |= step
    return found


def _way_of(ideas: dict[int, Idea], idea_id: int) -> list[Idea]:
    """The idea, what it was merged into, and so on."""
    way = [ideas[idea_id]]
    while way[-1].state == "merged" and way[-1].merged_into_id is not None:
        way.append(ideas[way[-1].merged_into_id])
    return way
