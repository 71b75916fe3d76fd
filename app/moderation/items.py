"""What is moderated: an idea, or a comment on one."""

from __future__ import annotations

from app.ideas.models import Comment, Idea

Item = Idea | Comment


def idea_of(item: Item) -> Idea:
    """The idea itself, or the one commented on."""
    return item.idea if isinstance(item, Comment) else item


def comment_id_of(item: Item) -> int | None:
    """The comment's id; None for an idea."""
    return item.id if isinstance(item, Comment) else None


def key_of(item: Item) -> str:
    """The name of the item in the queue: `idea:42` or `comment:7`."""
    return f"comment:{item.id}" if isinstance(item, Comment) else f"idea:{item.id}"
