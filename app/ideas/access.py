"""Loads and authorises in one call: what is not there and what is not yours look alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.accounts.models import User
from app.cities.models import City
from app.core.clock import now
from app.core.database import is_id
from app.core.errors import NotThere
from app.core.extensions import db
from app.ideas.models import Comment, Idea
from app.ideas.policy import can_read

IdeaRight = Callable[[User | None, Idea, datetime], bool]
CommentRight = Callable[[User | None, Comment, datetime], bool]


def idea_for(user: User | None, idea_id: int, *, to: IdeaRight = can_read, on: City | None = None) -> Idea:
    """The idea, where `user` may do `to` with it now (and it is on the board `on`). Raises NotThere."""
    idea = db.session.get(Idea, idea_id) if is_id(idea_id) else None
    if idea is None or (on is not None and idea.city_id != on.id) or not to(user, idea, now()):
        raise NotThere()
    return idea


def readable_idea(user: User | None, idea_id: int) -> Idea:
    """The idea where `user` may read it, so that a refusal to do more can be explained. Raises NotThere."""
    return idea_for(user, idea_id, to=can_read)


def comment_for(user: User | None, comment_id: int, *, to: CommentRight) -> Comment:
    """The comment, where `user` may do `to` with it now. Raises NotThere."""
    comment = db.session.get(Comment, comment_id) if is_id(comment_id) else None
    if comment is None or not to(user, comment, now()):
        raise NotThere()
    return comment
