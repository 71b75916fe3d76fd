"""Commenting, replying, editing and withdrawing a comment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.policy import may_take_part
from app.cities.actions.numbering import take_part
from app.cities.models import City
from app.cities.phases import may_comment, may_correct
from app.core.announce import announce
from app.core.database import is_id, lock
from app.core.errors import Invalid, NotThere
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.changing import city_of, lock_comment, lock_sender, note_change
from app.ideas.actions.counting import warm_up, work_out_heat
from app.ideas.actions.remembering import could_be_read
from app.ideas.events import COMMENT_EDITED, COMMENT_POSTED, COMMENT_WITHDRAWN, Contributed, Withdrawn
from app.ideas.models import Comment, CommentRevision, Idea
from app.ideas.policy import can_edit_comment
from app.ideas.publishing import first_state, refuse_if_locked, refuse_if_paused
from app.ideas.refusals import refuse_unconfirmed, too_late
from app.ideas.rooms import hold_room, in_workshop, refuse_out_of_phase


def post_comment(
    idea: Idea,
    text: str,
    *,
    stance: str | None,
    language: str,
    by: User,
    at: datetime,
    parent_id: int | None = None,
    submission_key: str | None = None,
) -> Comment:
    """Comment on `idea`, or reply to its comment `parent_id`; a reply to a reply joins the same thread.

    The same `submission_key` again returns the comment it made. Raises NotThere where idea or parent are not
    (or no longer) public, NotAllowed where the person may not take part, or no more comments are taken.
    """
    with unit_of_work():
        lock_sender(by)
        room = hold_room(by.id, city_of(idea), at)
        lock(idea)
        known = submission_key and db.session.scalar(
            select(Comment).where(Comment.author_id == by.id, Comment.submission_key == submission_key)
        )
        if known:
            return known
        if not idea.is_published:
            raise NotThere()
        if not may_take_part(by, at):
            refuse_unconfirmed()
        city = db.session.get_one(City, idea.city_id)
        refuse_if_paused(city, by)
        refuse_if_locked(idea, by)
        refuse_out_of_phase(room, may_comment)
        comment = Comment(
            idea_id=idea.id,
            parent_id=_thread(idea, parent_id),
            author_id=by.id,
            text=text,
            stance=stance if parent_id is None else None,
            language=language,
            state=first_state(city, by),
            created_at=at,
            workshop_id=room.id if room else None,
            submission_key=submission_key or None,
        )
        db.session.add(comment)
        db.session.flush()
        take_part(idea.city_id, by.id, at)
        is_public = comment.state == "published"
        if is_public:
            idea.comment_count += 1
            warm_up(idea, at)
            note_change(idea, COMMENT_POSTED, at=at, comment_id=comment.id)
        announce(Contributed(idea.city_id, idea.id, comment.id, by.id, True, is_public))
    return comment


def edit_comment(comment: Comment, text: str, *, stance: str | None, by: User, at: datetime) -> None:
    """Replace what a comment says and keep what everybody could read.

    Raises Invalid when it is too late, NotAllowed in a workshop from its vote on.
    """
    with unit_of_work():
        in_workshop(by, city_of(comment), at, to=may_correct)
        _still_editable(comment, by, at)
        stance = stance if comment.parent_id is None else None
        if (comment.text, comment.stance) == (text, stance):
            return
        if could_be_read(comment.idea, comment):
            _keep_version(comment, at)
        comment.text, comment.stance, comment.edited_at = text, stance, at
        comment.version += 1
        idea, was_public = comment.idea, comment.state == "published"
        if was_public:
            comment.state = first_state(db.session.get_one(City, idea.city_id), by)
        is_public = comment.state == "published"
        if was_public and not is_public:
            idea.comment_count -= 1
            work_out_heat(idea)
        if was_public:
            note_change(
                idea, COMMENT_EDITED if is_public else COMMENT_WITHDRAWN, at=at, comment_id=comment.id
            )
        announce(Contributed(idea.city_id, idea.id, comment.id, by.id, False, is_public))


def withdraw_comment(comment: Comment, *, by: User, at: datetime) -> None:
    """Take back one's own comment; replies to it stay. Raises as `edit_comment`."""
    with unit_of_work():
        in_workshop(by, city_of(comment), at, to=may_correct)
        _still_editable(comment, by, at)
        was_public, comment.state = comment.state == "published", "withdrawn"
        comment.version += 1
        if was_public:
            comment.idea.comment_count -= 1
            db.session.flush()
            work_out_heat(comment.idea)
            note_change(comment.idea, COMMENT_WITHDRAWN, at=at, comment_id=comment.id)
        announce(Withdrawn(comment.idea.city_id, comment.idea_id, comment.id))


def _keep_version(comment: Comment, at: datetime) -> None:
    number = db.session.scalar(
        select(func.count()).select_from(CommentRevision).where(CommentRevision.comment_id == comment.id)
    )
    db.session.add(
        CommentRevision(
            comment_id=comment.id, number=(number or 0) + 1, at=at, text=comment.text, stance=comment.stance
        )
    )


def _thread(idea: Idea, parent_id: int | None) -> int | None:
    if parent_id is None:
        return None
    parent = db.session.get(Comment, parent_id) if is_id(parent_id) else None
    if parent is None or parent.idea_id != idea.id or parent.state != "published":
        raise NotThere()
    return parent.parent_id or parent.id


def _still_editable(comment: Comment, by: User, at: datetime) -> None:
    lock_comment(comment)
    if can_edit_comment(by, comment, at):
        return
    if comment.author_id != by.id or comment.state not in ("published", "held"):
        raise NotThere()
    raise Invalid(too_late())
