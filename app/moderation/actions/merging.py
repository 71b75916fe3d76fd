"""Two ideas that say the same become one, and can be taken apart again exactly.

The duplicate keeps its upvotes; those of people who have not upvoted the original are copied there, marked with
`came_with_id`, so that everybody counts once. Comments move, marked with the idea they were written on.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.cities.queries import curates
from app.core.announce import announce
from app.core.database import lock
from app.core.errors import AlreadyDone, Invalid, NotThere
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.changing import note_change
from app.ideas.actions.counting import count_anew
from app.ideas.events import COMMENT_POSTED, COMMENT_WITHDRAWN, IDEA_MODERATED, CountsChanged
from app.ideas.models import Comment, Idea
from app.moderation.actions.judging import judge_objections, judge_reports
from app.moderation.actions.logging import log_act
from app.moderation.actions.moving import (
    copy_upvotes,
    last_merge,
    move_comments,
    move_comments_back,
    take_upvotes_out,
)
from app.moderation.actions.queueing import as_it_was, row_of, settle
from app.moderation.actions.showing import pin_again, put_into_state
from app.moderation.faster import refuse_if_decided, was_faster
from app.moderation.models import Act


def merge_ideas(
    duplicate: Idea, *, into: Idea, by: User | None, at: datetime, seen: int | None = None
) -> Act:
    """Make `duplicate` part of the idea `into`, both public and of one board.

    Raises AlreadyDone where somebody was faster, Invalid where the two cannot become one, NotThere.
    """
    with unit_of_work():
        for idea in sorted((duplicate, into), key=lambda one: one.id):
            lock(idea)
        if by is not None and not curates(by, duplicate.city_id):
            raise NotThere()
        queued = row_of(duplicate)
        refuse_if_decided(queued, seen)
        if duplicate.id == into.id or duplicate.city_id != into.city_id:
            raise Invalid(_("Choose another idea of the same board."), "into")
        if not duplicate.is_published:
            raise was_faster(duplicate, queued)
        if not into.is_published:
            raise Invalid(_("The idea to merge into is not on the board any more."), "into")
        moved = move_comments(duplicate, into)
        pinned_at = duplicate.pinned_at.isoformat() if duplicate.pinned_at else None
        before = {"comments": moved, "pinned_at": pinned_at, "queue": as_it_was(queued)}
        copy_upvotes(duplicate.id, into)
        into.paper_upvotes += duplicate.paper_upvotes
        duplicate.merged_into_id = into.id
        put_into_state(duplicate, "merged", at)
        count_anew(duplicate)
        _show_anew(into, moved, COMMENT_POSTED, at)
        act = log_act(
            "merge",
            into.city_id,
            by=by,
            at=at,
            on=duplicate,
            before=before,
            after={"into": into.id},
            item=queued,
        )
        settle(queued, act, at)
        judge_reports(duplicate, "moot", at)
    return act


def unmerge(duplicate: Idea, *, by: User | None, at: datetime, seen: int | None = None) -> Act:
    """Take a merged idea out again: its comments and upvotes are what they were. Possible for ever.

    Raises Invalid while the idea it went into is merged itself, AlreadyDone where it is not merged, NotThere.
    """
    with unit_of_work():
        return take_apart(duplicate, by=by, at=at, seen=seen)


def take_apart(
    duplicate: Idea,
    *,
    by: User | None,
    at: datetime,
    seen: int | None = None,
    undoes: Act | None = None,
    role: str = "",
) -> Act:
    """What `unmerge` does, inside a transaction; where `undoes` is given the log says that it undoes that act."""
    into = lock_merged(duplicate)
    if by is not None and not curates(by, duplicate.city_id):
        raise NotThere()
    queued = row_of(duplicate)
    refuse_if_decided(queued, seen)
    if duplicate.state != "merged" or into is None or duplicate.merged_into_id != into.id:
        raise AlreadyDone(_("It has been taken apart already."))
    if into.state == "merged":
        raise Invalid(_("The idea it is part of has been merged itself. Take that one apart first."))
    merge = last_merge(duplicate)
    moved = move_comments_back(merge, duplicate, into)
    into.paper_upvotes -= duplicate.paper_upvotes
    duplicate.merged_into_id = None
    take_upvotes_out(merge, into)
    count_anew(duplicate)
    pin_again(duplicate, merge)
    put_into_state(duplicate, "published", at)
    _show_anew(into, moved, COMMENT_WITHDRAWN, at)
    act = log_act(
        "merge" if undoes else "unmerge", into.city_id, by=by, at=at, on=duplicate, item=queued, undoes=undoes,
        before={"into": into.id}, after={"into": None}, role=role,
    )  # fmt: skip
    merge.undone_at = at
    settle(queued, act, at)
    judge_objections(duplicate, "upheld", at)
    return act


def lock_merged(duplicate: Idea) -> Idea | None:
    """Lock a merged idea and what it is part of, in the order of their ids. Returns the latter."""
    target_id = db.session.scalar(select(Idea.merged_into_id).where(Idea.id == duplicate.id))
    into = db.session.get(Idea, target_id) if target_id is not None else None
    for idea in sorted((one for one in (duplicate, into) if one is not None), key=lambda one: one.id):
        lock(idea)
    return into


def _show_anew(into: Idea, moved: list[int], kind: str, at: datetime) -> None:
    """The board hears of the idea's new card, and the idea's page of each public comment that came or went."""
    count_anew(into)
    announce(CountsChanged(into.city_id, into.id))
    if not into.is_published:
        return
    note_change(into, IDEA_MODERATED, at=at)
    public = db.session.scalars(
        select(Comment.id).where(Comment.id.in_(moved), Comment.state == "published").order_by(Comment.id)
    ).all()
    for comment_id in public:
        note_change(into, kind, at=at, comment_id=comment_id)
