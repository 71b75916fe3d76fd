"""What every structural change of an idea does: a new version, a number, an event.

Rows are locked in one order, so that no two writers wait for each other: people, workshops (shared by their people,
alone by who drives them), who attends one, whether people are set aside, ideas by id, then cities. A rehearsal's row
comes before all of these: its people and who removes them take turns. What refers to a row by its key (a notice to a
person) does not wait for who changes the rest of it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm.exc import ObjectDeletedError

from app.accounts.models import User
from app.cities.actions.numbering import record_change
from app.core.announce import announce
from app.core.database import lock
from app.core.errors import NotThere
from app.core.extensions import db
from app.ideas.events import BoardChanged
from app.ideas.models import Comment, Idea


def note_change(idea: Idea, kind: str, *, at: datetime, comment_id: int | None = None) -> None:
    """Number a change of `idea` (flushed, so that it has an id) and announce it.

    Only of what everybody sees, or saw until now: a change has the idea's number, and a board's changes are public.
    """
    number = record_change(idea.city_id, kind, idea.id, comment_id, at)
    previous, idea.last_change = idea.last_change, number
    idea.version += 1
    announce(BoardChanged(idea.city_id, number, previous, kind, idea.id, comment_id))


def note_unseen_change(idea: Idea) -> None:
    """A change of what nobody but its author and moderators sees: a new version, and no number."""
    idea.version += 1


def lock_sender(by: User) -> None:
    """Let what `by` sends at the same moment wait: a form's double, to whichever board or idea, or their leaving."""
    db.session.refresh(by, with_for_update={"key_share": True})


def city_of(item: Idea | Comment) -> int:
    """The city of an idea or comment, before it is locked. Raises NotThere where it is gone."""
    try:
        return item.city_id if isinstance(item, Idea) else item.idea.city_id
    except ObjectDeletedError as gone:
        raise NotThere() from gone


def lock_ideas(which: Select[int]) -> list[Idea]:
    """The ideas whose ids `which` finds, read afresh and locked in their order.

    A merge that one waits for may bring what is looked for to yet another idea: then all are let go, and found anew.
    """
    wanted = select(Idea).where(Idea.id.in_(which)).order_by(Idea.id).with_for_update(key_share=True)
    while True:
        savepoint = db.session.begin_nested()
        ideas = list(db.session.scalars(wanted.execution_options(populate_existing=True)))
        if set(db.session.scalars(which)) <= {idea.id for idea in ideas}:
            savepoint.commit()
            return ideas
        savepoint.rollback()


def lock_comment(comment: Comment) -> None:
    """Lock a comment, and before it the idea it is on, wherever a merge takes it meanwhile. Raises NotThere."""
    while True:
        savepoint = db.session.begin_nested()
        idea = comment.idea
        lock(idea)
        lock(comment)
        if comment.idea_id == idea.id:
            savepoint.commit()
            return
        savepoint.rollback()
