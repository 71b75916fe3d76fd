"""Loads and authorises in one call: what is not there and what is not yours look alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select

from app.accounts.models import User
from app.cities.access import moderates
from app.cities.models import City
from app.cities.policy import can_read_board
from app.core.clock import now
from app.core.database import is_id
from app.core.errors import NotThere
from app.core.extensions import db
from app.ideas.models import Comment, Idea
from app.ideas.policy import can_read

MERGED_AT_MOST = 50
_WITH_BOARD = (
    select(Idea, City.is_public)
    .join(City, City.id == Idea.city_id)
    .where(Idea.id == bindparam("idea_id"))
    .execution_options(populate_existing=True)
)
_UPVOTABLE = (
    select(Idea.city_id, City.is_public)
    .join(City, City.id == Idea.city_id)
    .where(Idea.id == bindparam("idea_id"), Idea.state == "published")
)

IdeaRight = Callable[[User | None, Idea, datetime], bool]
CommentRight = Callable[[User | None, Comment, datetime], bool]


def idea_for(user: User | None, idea_id: int, *, to: IdeaRight = can_read, on: City | None = None) -> Idea:
    """The idea, where `user` may do `to` with it now (and it is on the board `on`). Raises NotThere.

    Those who moderate the board may read what is held or hidden.
    """
    found = db.session.execute(_WITH_BOARD, {"idea_id": idea_id}).first() if is_id(idea_id) else None
    if found is None or (on is not None and found[0].city_id != on.id):
        raise NotThere()
    idea, is_public = found
    if not can_read_board(user, is_public, now()):
        raise NotThere()
    if to(user, idea, now()) or (to is can_read and _is_kept(idea) and moderates(user, idea.city_id)):
        return idea
    raise NotThere()


def _is_kept(idea: Idea) -> bool:
    return idea.state in ("held", "hidden")


def where_it_went(idea_id: int, on: City) -> int | None:
    """The id of the public idea that a merged one of this board is found in now, or None."""
    for _step in range(MERGED_AT_MOST):
        row = db.session.execute(
            select(Idea.state, Idea.merged_into_id).where(Idea.id == idea_id, Idea.city_id == on.id)
        ).first()
        if row is None:
            return None
        if row.state != "merged":
            return idea_id if row.state == "published" else None
        idea_id = row.merged_into_id
    return None


def readable_idea(user: User | None, idea_id: int) -> Idea:
    """The idea where `user` may read it, so that a refusal to do more can be explained. Raises NotThere."""
    return idea_for(user, idea_id, to=can_read)


class IdeaAt(NamedTuple):
    """An idea that can be upvoted, by its id and its city's."""

    id: int
    city_id: int


def upvotable(user: User, idea_id: int) -> IdeaAt:
    """The idea where it is public and `user` may read its board, without the whole of its row. Raises NotThere."""
    found = db.session.execute(_UPVOTABLE, {"idea_id": idea_id}).first() if is_id(idea_id) else None
    if found is None or not can_read_board(user, found.is_public, now()):
        raise NotThere()
    return IdeaAt(idea_id, found.city_id)


def comment_for(user: User | None, comment_id: int, *, to: CommentRight) -> Comment:
    """The comment, where `user` may do `to` with it now. Raises NotThere."""
    comment = db.session.get(Comment, comment_id) if is_id(comment_id) else None
    if comment is None or not to(user, comment, now()):
        raise NotThere()
    city = db.session.get_one(City, comment.idea.city_id)
    if not can_read_board(user, city.is_public, now()):
        raise NotThere()
    return comment
