"""An idea that leaves the board gives back what was merged into it, and leaves what it was merged into itself."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.core.clock import now
from app.core.extensions import db
from app.ideas.events import IdeasLeaving, Withdrawn
from app.ideas.models import Idea
from app.moderation.actions.merging import take_apart
from app.moderation.actions.moving import STANDS
from app.moderation.models import Act


def take_apart_what_leaves(event: IdeasLeaving) -> None:
    """Ideas that are removed for good give back what was merged into them, and leave what they were merged into."""
    leaving = Idea.id.in_(event.idea_ids) | Idea.merged_into_id.in_(event.idea_ids)
    found = set(db.session.scalars(select(Idea.id).where(Idea.state == "merged", leaving)))
    # An idea is taken out only of one that is not merged itself, so what that is part of comes first.
    above = found
    while above:
        over = aliased(Idea)
        part_of = select(over.id).join(Idea, Idea.merged_into_id == over.id)
        above = set(db.session.scalars(part_of.where(Idea.id.in_(above), over.state == "merged")))
        found |= above
    _take_apart_all(found)


def give_back_from_withdrawn(event: Withdrawn) -> None:
    """Who withdraws an idea takes nobody else's along: what was merged into it stands alone again."""
    if event.comment_id is None:
        merged = select(Idea.id).where(Idea.merged_into_id == event.idea_id)
        _take_apart_all(db.session.scalars(merged).all(), role="board")


def _take_apart_all(idea_ids: Iterable[int], role: str = "") -> None:
    """Each out of what it is merged into, the latest merge first."""
    query = (
        select(Idea)
        .join(Act, Act.idea_id == Idea.id)
        .where(*STANDS, Idea.state == "merged", Idea.id.in_(list(idea_ids)))
        .order_by(Act.id.desc())
    )
    for duplicate in db.session.scalars(query).all():
        take_apart(duplicate, by=None, at=now(), role=role)
