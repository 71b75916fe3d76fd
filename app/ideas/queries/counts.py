"""The counts of a whole board, for who has to find out which of them have changed."""

from __future__ import annotations

from sqlalchemy import select

from app.core.extensions import db
from app.ideas.models import Idea


def all_counts(city_id: int) -> dict[int, int]:
    """The present counts of all public ideas of a board. One query, answered from an index alone."""
    rows = db.session.execute(
        select(Idea.id, Idea.upvote_count).where(Idea.city_id == city_id, Idea.state == "published")
    )
    return dict(rows.all())
