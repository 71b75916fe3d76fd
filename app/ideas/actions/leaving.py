"""Simulated people leave the boards without a trace: they, what they wrote, and what others wrote below it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, or_, select, union, update
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.cities.actions.numbering import record_change
from app.cities.models import Attendance, Participation
from app.core.announce import announce
from app.core.extensions import db
from app.ideas.actions.changing import lock_ideas, note_change
from app.ideas.actions.counting import work_out_heat
from app.ideas.actions.indexing import forget_ideas
from app.ideas.events import (
    COMMENT_EDITED,
    COMMENT_WITHDRAWN,
    IDEA_WITHDRAWN,
    BoardChanged,
    CountsChanged,
    IdeasLeaving,
    PeopleLeaving,
    PeopleLeft,
    UpvotesChanged,
    Withdrawn,
)
from app.ideas.models import Comment, Idea, Upvote

People = Select[int]
"""The ids of those who leave, as a query."""


def leave_without_trace(people: People, at: datetime) -> int:
    """Take these people off the boards, inside a transaction. Returns how many ideas went.

    What others wrote below one of their ideas goes with it, as do the upvotes there. Where they are found on
    somebody else's idea, only their part goes: replies to it move up, the counters are made right. Every open page
    hears of each idea that went, the queues that nothing of it waits any more, and rooms that people are gone.
    """
    rooms = tuple(
        db.session.scalars(select(Attendance.workshop_id).where(Attendance.user_id.in_(people)).distinct())
    )
    announce(PeopleLeaving(rooms))
    gone = _locked(people)
    announce(IdeasLeaving(tuple(gone)))
    _leave_others_ideas(people, at)
    public = db.session.execute(
        select(Idea.id, Idea.city_id, Idea.last_change)
        .where(Idea.id.in_(gone), Idea.state == "published")
        .order_by(Idea.id)
    ).all()
    guests = _guests(gone)
    boards = {city_id for city_id, _user_id in guests}
    boards.update(db.session.scalars(select(Participation.city_id).where(Participation.user_id.in_(people))))
    _withdraw(gone)
    forget_ideas(gone)
    db.session.execute(delete(Idea).where(Idea.author_id.in_(people)))
    db.session.execute(delete(User).where(User.id.in_(people)))
    _forget_participations(guests)
    for idea_id, city_id, last_change in public:
        number = record_change(city_id, IDEA_WITHDRAWN, idea_id, None, at)
        announce(BoardChanged(city_id, number, last_change, IDEA_WITHDRAWN, idea_id, None))
    for city_id in sorted(boards):  # there are fewer people, even where nothing of theirs was public
        announce(CountsChanged(city_id, None))
    db.session.expire_all()
    announce(PeopleLeft(rooms))
    return len(gone)


def _locked(people: People) -> list[int]:
    """The ideas that go. Whoever writes on them or on any other that changes waits until this is done."""
    db.session.execute(select(User.id).where(User.id.in_(people)).order_by(User.id).with_for_update())
    boards = select(Idea.city_id).where(Idea.author_id.in_(people))
    db.session.execute(
        select(Participation.user_id)
        .where(Participation.city_id.in_(boards))
        .order_by(Participation.city_id, Participation.user_id)
        .with_for_update()
    )
    merged = aliased(Idea)
    ideas = lock_ideas(
        select(Idea.id).where(
            or_(
                Idea.author_id.in_(people),
                Idea.id.in_(select(Comment.idea_id).where(Comment.author_id.in_(people))),
                Idea.id.in_(select(Upvote.idea_id).where(Upvote.user_id.in_(people))),
                Idea.state == "merged",
                Idea.id.in_(select(merged.merged_into_id).where(merged.merged_into_id.is_not(None))),
            )
        )
    )
    authors = set(db.session.scalars(people))
    return [idea.id for idea in ideas if idea.author_id in authors]


def _leave_others_ideas(people: People, at: datetime) -> None:
    """Their comments and upvotes on ideas that stay."""
    comments = db.session.scalars(
        select(Comment)
        .join(Idea, Idea.id == Comment.idea_id)
        .where(Comment.author_id.in_(people), Idea.author_id.not_in(people))
        .order_by(Comment.id)
    ).all()
    for comment in comments:
        replies = select(Comment).where(Comment.parent_id == comment.id, Comment.author_id.not_in(people))
        for reply in db.session.scalars(replies).all():
            reply.parent_id = None
            reply.version += 1
            if reply.state == "published":
                note_change(reply.idea, COMMENT_EDITED, at=at, comment_id=reply.id)
    touched: dict[int, Idea] = {}
    were_public = [comment.state == "published" for comment in comments]
    for comment in comments:
        _say_withdrawn(comment, comment.idea)
    for comment, published in zip(comments, were_public, strict=True):
        idea = comment.idea
        db.session.execute(delete(Comment).where(Comment.id == comment.id))
        idea.comment_count -= published
        if published:
            note_change(idea, COMMENT_WITHDRAWN, at=at, comment_id=comment.id)
        touched[idea.id] = idea
    upvotes = db.session.execute(
        select(Upvote, Idea)
        .join(Idea, Idea.id == Upvote.idea_id)
        .where(Upvote.user_id.in_(people), Idea.author_id.not_in(people))
    ).all()
    for upvote, idea in upvotes:
        idea.upvote_count -= upvote.is_counted
        announce(UpvotesChanged(idea.city_id, idea.id, upvote.user_id, False, is_counted=upvote.is_counted))
        db.session.delete(upvote)
        touched[idea.id] = idea
    for idea in touched.values():
        work_out_heat(idea)


def _withdraw(idea_ids: Sequence[int]) -> None:
    """Whoever waits to look at these ideas or the comments below them, or to read of them, does so no more."""
    ideas = db.session.scalars(select(Idea).where(Idea.id.in_(idea_ids)).order_by(Idea.id)).all()
    below: Any = select(Comment).where(Comment.idea_id.in_(idea_ids)).order_by(Comment.id)
    comments = db.session.scalars(below).all()
    db.session.execute(update(Idea).where(Idea.id.in_(idea_ids)).values(state="withdrawn"))
    for comment in comments:
        _say_withdrawn(comment, comment.idea)
    for idea in ideas:
        announce(Withdrawn(idea.city_id, idea.id, None))


def _say_withdrawn(comment: Comment, idea: Idea) -> None:
    comment.state = "withdrawn"
    db.session.flush()
    announce(Withdrawn(idea.city_id, idea.id, comment.id))


def _guests(idea_ids: Sequence[int]) -> list[tuple[int, int]]:
    """Cities and people: who commented on or upvoted one of these ideas there."""
    wrote = select(Idea.city_id, Comment.author_id).join(Comment, Comment.idea_id == Idea.id)
    upvoted = select(Idea.city_id, Upvote.user_id).join(Upvote, Upvote.idea_id == Idea.id)
    pairs = union(wrote.where(Idea.id.in_(idea_ids)), upvoted.where(Idea.id.in_(idea_ids)))
    return [(city_id, user_id) for city_id, user_id in db.session.execute(pairs)]


def _forget_participations(guests: list[tuple[int, int]]) -> None:
    """People who have nothing left on a board are no longer counted among its people."""
    for city_id, user_id in guests:
        here = Idea.city_id == city_id
        acts = (
            select(Idea.id).where(here, Idea.author_id == user_id),
            select(Idea.id)
            .join(Comment, Comment.idea_id == Idea.id)
            .where(here, Comment.author_id == user_id),
            select(Idea.id).join(Upvote, Upvote.idea_id == Idea.id).where(here, Upvote.user_id == user_id),
        )
        if not any(db.session.scalar(act.limit(1)) for act in acts):
            db.session.execute(
                delete(Participation).where(
                    Participation.city_id == city_id, Participation.user_id == user_id
                )
            )
