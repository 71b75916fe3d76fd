"""What moves when two ideas become one, and back again: upvotes are copied, comments change their idea."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, literal, select, update

from app.core.extensions import db
from app.ideas.models import Comment, Idea, Upvote
from app.moderation.models import Act, QueueItem, Report

STANDS = (Act.kind == "merge", Act.undoes_id.is_(None), Act.undone_at.is_(None))
"""Of a merge that has not been taken apart."""


def last_merge(duplicate: Idea) -> Act:
    """The act that merged the idea as it is merged now."""
    return db.session.scalars(
        select(Act).where(Act.idea_id == duplicate.id, *STANDS).order_by(Act.id.desc()).limit(1)
    ).one()


def copy_upvotes(duplicate_id: int, into: Idea, only: Sequence[int] | None = None) -> None:
    """Those of the duplicate whose people have none on `into` yet; of these people `only` where that is given."""
    already = select(Upvote.user_id).where(Upvote.idea_id == into.id)
    copied = select(
        literal(into.id),
        Upvote.user_id,
        Upvote.is_counted,
        Upvote.created_at,
        Upvote.workshop_id,
        literal(duplicate_id),
    ).where(Upvote.idea_id == duplicate_id, Upvote.user_id.not_in(already), Upvote.user_id != into.author_id)
    if only is not None:
        copied = copied.where(Upvote.user_id.in_(only))
    columns = ["idea_id", "user_id", "is_counted", "created_at", "workshop_id", "came_with_id"]
    db.session.execute(insert(Upvote).from_select(columns, copied))


def take_upvotes_out(merge: Act, into: Idea) -> None:
    """Those that came with `merge`. Who had upvoted an idea merged since, too, is counted through that one from now on.

    Not through one merged before: they would have come with that, so they have taken it back.
    """
    came = Upvote.came_with_id == merge.idea_id
    left = db.session.scalars(
        delete(Upvote).where(Upvote.idea_id == into.id, came).returning(Upvote.user_id)
    ).all()
    merged_since = (
        select(Idea.id)
        .join(Act, Act.idea_id == Idea.id)
        .where(Idea.merged_into_id == into.id, *STANDS, Act.id > merge.id)
        .order_by(Act.id)
    )
    for other_id in db.session.scalars(merged_since).all() if left else ():
        copy_upvotes(other_id, into, left)


def move_comments(duplicate: Idea, into: Idea) -> list[int]:
    """All of the duplicate's, marked with where they were written. Returns their ids."""
    moved = list(
        db.session.scalars(select(Comment.id).where(Comment.idea_id == duplicate.id).order_by(Comment.id))
    )
    _move(moved, into.id)
    db.session.execute(
        update(Comment)
        .where(Comment.id.in_(moved), Comment.came_with_id.is_(None))
        .values(came_with_id=duplicate.id)
    )
    return moved


def move_comments_back(merge: Act, duplicate: Idea, into: Idea) -> list[int]:
    """The comments of the merge, and the replies that were written to them since."""
    came = [int(comment_id) for comment_id in merge.before["comments"]]
    replies = select(Comment.id).where(Comment.idea_id == into.id, Comment.parent_id.in_(came))
    back = sorted({*came, *db.session.scalars(replies)})
    _move(back, duplicate.id)
    db.session.execute(
        update(Comment)
        .where(Comment.id.in_(back), Comment.came_with_id == duplicate.id)
        .values(came_with_id=None)
    )
    return back


def _move(comment_ids: list[int], to: int) -> None:
    """Comments change their idea, and so do the queue's and the reports' rows that lead to them."""
    for key in (Comment.id, QueueItem.comment_id, Report.comment_id):
        db.session.execute(update(key.class_).where(key.in_(comment_ids)).values(idea_id=to))
    db.session.expire_all()
