"""What becomes of a person's texts and upvotes when the account is deleted."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import or_, select

from app.core.clock import now
from app.core.extensions import db
from app.ideas.actions.changing import lock_ideas, note_change
from app.ideas.events import AUTHOR_CHANGED
from app.ideas.models import Comment, Idea


def _merged_into(user_id: int) -> set[int]:
    """The ids of the ideas that name this person because theirs were merged into them, however many times."""
    here = [Idea.author_id == user_id]
    found: set[int] = set()
    while True:
        targets = select(Idea.merged_into_id).where(*here, Idea.state == "merged")
        step = {idea_id for idea_id in db.session.scalars(targets) if idea_id is not None} - found
        if not step:
            break
        found |= step
        here = [Idea.id.in_(step)]
    return found


def show_author_anew(user_id: int, at: datetime | None = None) -> None:
    """Give everything public by this person a new number, so that open pages show the author as they are now.

    Inside the transaction that changed the author. Texts stay; upvotes stay counted.
    """
    at = at or now()
    said = (Comment.author_id == user_id, Comment.state == "published")
    names_them = _merged_into(user_id)
    ideas = lock_ideas(
        select(Idea.id).where(
            or_(
                Idea.author_id == user_id,
                Idea.id.in_(select(Comment.idea_id).where(*said)),
                Idea.id.in_(names_them),
            ),
            Idea.state == "published",
        )
    )
    comments: dict[int, list[Comment]] = defaultdict(list)
    for comment in db.session.scalars(select(Comment).where(*said).order_by(Comment.id)):
        comments[comment.idea_id].append(comment)
    for idea in sorted(ideas, key=lambda idea: (idea.city_id, idea.id)):
        if idea.author_id == user_id or idea.id in names_them:
            note_change(idea, AUTHOR_CHANGED, at=at)
        for comment in comments[idea.id]:
            comment.version += 1
            note_change(idea, AUTHOR_CHANGED, at=at, comment_id=comment.id)
