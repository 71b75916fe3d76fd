"""Upvoting and taking it back: one row a person and idea, the counter in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from flask_babel import gettext as _
from sqlalchemy import Table, bindparam, delete, exists, select, update

from app.accounts.models import User
from app.accounts.policy import counts_upvotes, may_take_part
from app.cities.actions.numbering import take_part
from app.cities.models import City, Participation, Workshop
from app.cities.phases import may_upvote, shows_counts
from app.cities.queries import curates
from app.core.announce import announce
from app.core.database import insert_if_new, lock
from app.core.errors import NotAllowed, NotThere
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.access import IdeaAt
from app.ideas.actions.changing import city_of
from app.ideas.actions.counting import work_out_heat
from app.ideas.events import UpvotesChanged
from app.ideas.heat import warmed
from app.ideas.models import Idea, Upvote
from app.ideas.refusals import refuse_unconfirmed
from app.ideas.rooms import hold_room, refuse_out_of_phase, spend_budget

_ideas = cast(Table, Idea.__table__)
_people = cast(Table, Participation.__table__)
_cities = cast(Table, City.__table__)
_upvotes = cast(Table, Upvote.__table__)
# Locked, before the idea is: who is being set aside at this moment has been, before it is read here.
_SET_ASIDE_AT = (
    select(_people.c.set_aside_at)
    .where(_people.c.city_id == _ideas.c.city_id, _people.c.user_id == bindparam("user_id"))
    .with_for_update(read=True)
    .scalar_subquery()
)
_TAKES_PART = exists().where(_people.c.city_id == _ideas.c.city_id, _people.c.user_id == bindparam("user_id"))
_IS_PAUSED = exists().where(_cities.c.id == _ideas.c.city_id, _cities.c.posting_is_open.is_(False))
_STANDING = (
    select(
        User,
        _ideas.c.state,
        _ideas.c.city_id,
        _ideas.c.author_id,
        _ideas.c.heat,
        _SET_ASIDE_AT.label("set_aside_at"),
        _TAKES_PART.label("takes_part"),
        _IS_PAUSED.label("is_paused"),
    )
    .join(_ideas, _ideas.c.id == bindparam("idea_id"))
    .where(User.id == bindparam("user_id"))
    .with_for_update(of=_ideas)
    .execution_options(populate_existing=True)
)
"""An idea, locked, and beside it somebody as they are at that moment."""
_ONE_MORE = (
    update(_ideas)
    .where(_ideas.c.id == bindparam("idea_id"))
    .values(upvote_count=_ideas.c.upvote_count + 1, heat=bindparam("warmer"))
    .returning(_ideas.c.upvote_count)
)
_IS_THEIR_OWN = (
    update(_upvotes)
    .where(
        _upvotes.c.idea_id == bindparam("idea"),
        _upvotes.c.user_id == bindparam("user"),
        _upvotes.c.came_with_id.is_not(None),
    )
    .values(came_with_id=None)
)
"""What came with a merged idea is given here, too: it stays when that leaves."""


def upvote(idea: Idea | IdeaAt, *, by: User, at: datetime) -> int | None:
    """One upvote by this person; again changes nothing. Returns the public count where it moved with it.

    Counted at once where their e-mail is confirmed and they are not set aside on this board.

    Raises NotThere where the idea is not public, NotAllowed on one's own idea, without the right, or while the board
    is paused for all but those who curate it.
    """
    idea_id, user_id, counts = idea.id, by.id, counts_upvotes(by)
    city_id = idea.city_id if isinstance(idea, IdeaAt) else city_of(idea)
    with unit_of_work():
        if not counts:  # their confirmation comes before this or after it, never in between
            db.session.refresh(by, with_for_update={"read": True})
        workshop = hold_room(user_id, city_id, at)
        if _is_said_again(workshop, idea_id, user_id, given=True):
            return None
        refuse_out_of_phase(workshop, may_upvote)
        if workshop is not None:
            spend_budget(workshop, user_id, idea_id)
        # Plain statements, hardly a row of the ORM: this is what a whole room does at once.
        locked = db.session.execute(_STANDING, {"idea_id": idea_id, "user_id": user_id}).one_or_none()
        if locked is None or locked.state != "published":
            raise NotThere()
        if user_id == locked.author_id:
            raise NotAllowed(_("You cannot upvote your own idea."))
        if not may_take_part(by, at):
            refuse_unconfirmed()
        if locked.is_paused and not curates(by, locked.city_id):
            raise NotAllowed(_("This board is paused. Please try again later."))
        counted = counts_upvotes(by) and locked.set_aside_at is None
        if workshop is not None and not shows_counts(workshop):
            counted = False  # until the reveal
        is_new = insert_if_new(
            Upvote,
            idea_id=idea_id,
            user_id=user_id,
            is_counted=counted,
            created_at=at,
            workshop_id=workshop.id if workshop else None,
        )
        if not is_new:
            db.session.execute(_IS_THEIR_OWN, {"idea": idea_id, "user": user_id})
            return None
        count = None
        if counted:
            one_more = {"idea_id": idea_id, "warmer": warmed(locked.heat, at)}
            count = cast(int, db.session.execute(_ONE_MORE, one_more).scalar_one())
            if isinstance(idea, Idea):
                db.session.expire(idea)
        if not locked.takes_part:
            take_part(city_id, user_id, at)
        announce(
            UpvotesChanged(
                locked.city_id,
                idea_id,
                user_id,
                True,
                by.created_at,
                is_counted=counted,
                at=at,
                is_first=not locked.takes_part,
            )
        )
    return count


def take_back_upvote(idea: Idea, *, by: User, at: datetime) -> None:
    """Without an upvote of this person; again changes nothing.

    Raises NotThere where the idea is not public, NotAllowed in a workshop outside of its vote.
    """
    with unit_of_work():
        workshop = hold_room(by.id, city_of(idea), at)
        if _is_said_again(workshop, idea.id, by.id, given=False):
            return
        refuse_out_of_phase(workshop, may_upvote)
        _lock_published(idea)
        counted = db.session.execute(
            delete(Upvote)
            .where(Upvote.idea_id == idea.id, Upvote.user_id == by.id)
            .returning(Upvote.is_counted)
        ).scalar_one_or_none()
        if counted is None:
            return
        if counted:
            idea.upvote_count -= 1
            work_out_heat(idea)
        announce(UpvotesChanged(idea.city_id, idea.id, by.id, False, is_counted=counted, at=at))


def _is_said_again(workshop: Workshop | None, idea_id: int, user_id: int, *, given: bool) -> bool:
    """Whether somebody asks after the vote for what is so already: the answer was lost on the way to their phone."""
    if workshop is None or may_upvote(workshop.phase):
        return False
    theirs = select(Upvote.user_id).where(Upvote.idea_id == idea_id, Upvote.user_id == user_id)
    return (db.session.scalar(theirs) is not None) is given


def _lock_published(idea: Idea) -> None:
    lock(idea)
    if not idea.is_published:
        raise NotThere()
