"""An idea's counts and heat, made from its rows: at a confirmation, at the reveal, after a merge."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from app.accounts.models import User
from app.cities.models import Participation, Workshop
from app.core.announce import announce
from app.core.extensions import db
from app.ideas.actions.changing import lock_ideas
from app.ideas.events import CountsChanged, UpvotesChanged
from app.ideas.heat import heat_of, warmed
from app.ideas.models import Comment, Idea, Upvote
from app.ideas.rooms import waits_for_reveal


def count_upvotes_of(user_id: int) -> None:
    """Count what a person upvoted before confirming their e-mail; inside the confirmation's transaction."""
    boards = db.session.scalars(
        select(Participation.city_id)
        .where(Participation.user_id == user_id, Participation.set_aside_at.is_(None))
        .order_by(Participation.city_id)
        .with_for_update(read=True)
    ).all()
    given = select(Idea.id).join(Upvote, Upvote.idea_id == Idea.id).where(Idea.city_id.in_(boards))
    waiting = lock_ideas(
        given.where(Upvote.user_id == user_id, Upvote.is_counted.is_(False), ~waits_for_reveal())
    )
    # Only now does it show which of them were taken back while their ideas were waited for.
    counted = set(
        db.session.scalars(
            update(Upvote)
            .where(
                Upvote.user_id == user_id,
                Upvote.is_counted.is_(False),
                Upvote.idea_id.in_([idea.id for idea in waiting]),
                ~waits_for_reveal(),
            )
            .values(is_counted=True)
            .returning(Upvote.idea_id)
        )
    )
    for idea in waiting:
        if idea.id not in counted:
            continue
        idea.upvote_count += 1
        work_out_heat(idea)
        announce(UpvotesChanged(idea.city_id, idea.id, user_id, True))


def count_upvotes_in(workshop: Workshop) -> None:
    """The reveal: what was upvoted in the workshop counts from now on; inside the transaction that moves its phase."""
    ideas = lock_ideas(select(Upvote.idea_id).where(Upvote.workshop_id == workshop.id))
    set_aside = select(Participation.user_id).where(
        Participation.city_id == workshop.city_id, Participation.set_aside_at.is_not(None)
    )
    db.session.execute(
        update(Upvote)
        .where(
            Upvote.workshop_id == workshop.id,
            Upvote.is_counted.is_(False),
            Upvote.user_id.in_(select(User.id).where(User.confirmed_at.is_not(None))),
            Upvote.user_id.not_in(set_aside),
        )
        .values(is_counted=True)
    )
    for idea in ideas:
        count_anew(idea)
        announce(CountsChanged(idea.city_id, idea.id))


def count_anew(idea: Idea) -> None:
    """The idea's upvotes (those counted on paper among them), comments and heat from its rows; the idea is locked."""
    db.session.flush()
    upvotes = select(func.count()).where(Upvote.idea_id == idea.id, Upvote.is_counted.is_(True))
    comments = select(func.count()).where(Comment.idea_id == idea.id, Comment.state == "published")
    idea.upvote_count = (db.session.scalar(upvotes) or 0) + idea.paper_upvotes
    idea.comment_count = db.session.scalar(comments) or 0
    work_out_heat(idea)


def warm_up(idea: Idea, at: datetime) -> None:
    """Add one upvote or comment at `at` to the idea's heat."""
    idea.heat = warmed(idea.heat, at)


def work_out_heat(idea: Idea) -> None:
    """The idea's heat from its rows: floating sums are not taken back, they are made again."""
    db.session.flush()
    upvoted = select(Upvote.created_at).where(Upvote.idea_id == idea.id, Upvote.is_counted.is_(True))
    commented = select(Comment.created_at).where(Comment.idea_id == idea.id, Comment.state == "published")
    idea.heat = heat_of([*db.session.scalars(upvoted), *db.session.scalars(commented)])
