"""Who may do what with ideas, comments and upvotes. Pure: rows and a time in, yes or no out."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.accounts.models import User
from app.accounts.policy import may_take_part
from app.core.config import settings
from app.ideas.models import Comment, Idea


def editable_until(created_at: datetime) -> datetime:
    """The moment after which an author's text stays as it is."""
    return created_at + timedelta(minutes=settings().edit_minutes)


def can_read(user: User | None, idea: Idea, at: datetime) -> bool:
    """Published ideas are everyone's; held and hidden ones their author's too."""
    return idea.is_published or (
        user is not None and user.id == idea.author_id and idea.state in ("held", "hidden")
    )


def can_edit(user: User | None, idea: Idea, at: datetime) -> bool:
    """Authors, for a while, until there is an answer."""
    return (
        user is not None
        and user.id == idea.author_id
        and idea.state in ("published", "held")
        and idea.status == "new"
        and at < editable_until(idea.created_at)
    )


def can_comment(user: User | None, idea: Idea, at: datetime) -> bool:
    """Everybody who may take part, on a published idea."""
    return user is not None and idea.is_published and may_take_part(user, at)


def can_upvote(user: User | None, idea: Idea, at: datetime) -> bool:
    """Everybody who may take part, except on their own idea."""
    return can_comment(user, idea, at) and user is not None and user.id != idea.author_id


def can_edit_comment(user: User | None, comment: Comment, at: datetime) -> bool:
    """Authors, for a while."""
    return (
        user is not None
        and user.id == comment.author_id
        and comment.state in ("published", "held")
        and comment.idea.is_published
        and at < editable_until(comment.created_at)
    )
