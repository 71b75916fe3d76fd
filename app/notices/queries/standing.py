"""Which notices their reader may see now. What others wrote counts only as long as everybody may read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from app.accounts.models import User
from app.accounts.policy import may_take_part
from app.cities.models import City
from app.core.clock import now
from app.core.extensions import db
from app.ideas.models import Comment, Idea
from app.notices.models import DECIDED, SAID, Notice

AT_ONCE = 500
"""People asked about in one statement."""

_comment_is_public = or_(Notice.comment_id.is_(None), Comment.state == "published")
_comment_is_there = or_(Notice.comment_id.is_(None), Comment.state != "withdrawn")
_STANDS = or_(
    Notice.kind.in_(("verify", "unverify", "report")),
    and_(Notice.kind.in_(SAID), Idea.state == "published", _comment_is_public),
    and_(Notice.kind == "taken_up", Idea.state == "published", Idea.status == "taken_up"),
    and_(Notice.kind.in_(DECIDED), Idea.state != "withdrawn", _comment_is_there),
)


def standing(*wanted: Any, readers: Iterable[User]) -> Select[Any]:
    """`wanted` of the notices that `readers` may see now, joined to their city, idea and comment.

    A comment's idea is the one it is found on: a merge may have moved it.
    """
    members = [reader.id for reader in readers if may_take_part(reader, now())]
    return (
        select(*wanted)
        .select_from(Notice)
        .join(City, City.id == Notice.city_id)
        .outerjoin(Comment, Comment.id == Notice.comment_id)
        .outerjoin(Idea, Idea.id == func.coalesce(Comment.idea_id, Notice.idea_id))
        .where(_STANDS, or_(City.is_public.is_(True), Notice.user_id.in_(members)))
    )


def unread_of(user: User) -> int:
    """How many notices wait for this person. One query."""
    query = standing(func.count(), readers=[user]).where(Notice.user_id == user.id, Notice.read_at.is_(None))
    return db.session.scalar(query) or 0


def unread_of_each(users: Sequence[User]) -> dict[int, int]:
    """How many notices wait, by the person's id; people for whom none waits are there with 0."""
    counts = {user.id: 0 for user in users}
    for start in range(0, len(users), AT_ONCE):
        some = users[start : start + AT_ONCE]
        query = (
            standing(Notice.user_id, func.count(), readers=some)
            .where(Notice.user_id.in_([user.id for user in some]), Notice.read_at.is_(None))
            .group_by(Notice.user_id)
        )
        counts.update((user_id, count) for user_id, count in db.session.execute(query))
    return counts
