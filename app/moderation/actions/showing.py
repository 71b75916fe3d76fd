"""Makes an idea or a comment public, or takes it out of sight, with all that follows from it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from app.cities.actions.numbering import lock_board
from app.core.database import lock
from app.core.extensions import db
from app.ideas.actions.changing import lock_comment, note_change, note_unseen_change
from app.ideas.actions.counting import count_anew
from app.ideas.events import COMMENT_POSTED, COMMENT_WITHDRAWN, IDEA_POSTED, IDEA_WITHDRAWN
from app.ideas.models import PINS_MAX, Comment, Idea
from app.moderation.items import Item
from app.moderation.models import Act


def lock_item(item: Item) -> None:
    """Nobody else changes the idea, or the comment and its idea, until the commit. Raises NotThere."""
    if isinstance(item, Comment):
        lock_comment(item)
    else:
        lock(item)


def put_into_state(item: Item, state: str, at: datetime) -> None:
    """Give a locked item this state; its board hears of it where anybody could see it before or can now."""
    if isinstance(item, Comment):
        _put_comment(item, state, at)
    else:
        _put_idea(item, state, at)


def pin_again(idea: Idea, act: Act) -> None:
    """An idea that was pinned before the act is so again, unless all places are taken meanwhile."""
    pinned_at = act.before.get("pinned_at")
    if not pinned_at:
        return
    lock_board(idea.city_id)
    pinned = select(func.count()).where(Idea.city_id == idea.city_id, Idea.pinned_at.is_not(None))
    if (db.session.scalar(pinned) or 0) < PINS_MAX:
        idea.pinned_at = datetime.fromisoformat(pinned_at)


def _put_idea(idea: Idea, state: str, at: datetime) -> None:
    was_public, idea.state = idea.is_published, state
    if not idea.is_published:
        idea.pinned_at = None
    if idea.is_published:
        note_change(idea, IDEA_POSTED, at=at)
    elif was_public:
        note_change(idea, IDEA_WITHDRAWN, at=at)
    else:
        note_unseen_change(idea)


def _put_comment(comment: Comment, state: str, at: datetime) -> None:
    idea, was_public = comment.idea, comment.state == "published"
    comment.state = state
    comment.version += 1
    is_public = state == "published"
    if is_public == was_public:
        return
    count_anew(idea)
    if not idea.is_published:
        note_unseen_change(idea)
        return
    note_change(idea, COMMENT_POSTED if is_public else COMMENT_WITHDRAWN, at=at, comment_id=comment.id)
