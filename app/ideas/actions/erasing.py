"""What becomes of a person's texts and upvotes when the account is deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.core.clock import now
from app.core.extensions import db
from app.ideas.actions.changing import note_change
from app.ideas.events import AUTHOR_CHANGED
from app.ideas.models import Comment, Idea


def show_author_anew(user_id: int, at: datetime | None = None) -> None:
    """Give everything public by this person a new number, so that open pages show the author as they are now.

    Inside the transaction that changed the author. Texts stay; upvotes stay counted.
    """
    at = at or now()
    ideas = db.session.scalars(
        select(Idea).where(Idea.author_id == user_id, Idea.state == "published").order_by(Idea.id)
    )
    for idea in ideas.all():
        note_change(idea, AUTHOR_CHANGED, at=at)
    comments = db.session.scalars(
        select(Comment)
        .join(Idea, Idea.id == Comment.idea_id)
        .where(Comment.author_id == user_id, Comment.state == "published", Idea.state == "published")
        .order_by(Comment.id)
    )
    for comment in comments.all():
        comment.version += 1
        note_change(comment.idea, AUTHOR_CHANGED, at=at, comment_id=comment.id)
