"""What notices speak of, read from the rows with their reader's rights: a few queries, whatever their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import User
from app.cities.models import City
from app.core.extensions import db
from app.core.text import excerpt
from app.ideas.models import Comment, Idea
from app.moderation.models import Act, Objection
from app.moderation.policy import OBJECTIONABLE
from app.moderation.queries.reasons import reason_names
from app.notices.models import SAID, Notice
from app.notices.queries.standing import standing

QUOTED = 240


@dataclass(frozen=True)
class Title:
    """An idea's title, and the language it is in."""

    text: str
    language: str


@dataclass(frozen=True)
class Facts:
    """A notice with all that can be said of it. `title` and `other` are empty where the reader may not know them."""

    id: int
    kind: str
    user_id: int
    created_at: datetime
    read_at: datetime | None
    details: dict[str, Any]
    city: City
    idea_id: int | None
    comment_id: int | None
    title: Title | None
    other: Title | None
    other_id: int | None
    is_of_own_idea: bool
    author: str
    quote: str
    quote_language: str
    reason: str
    sentence: str
    can_object: int | None
    """The act that may be objected to."""


def facts_of(
    user: User, *conditions: Any, most: int | None = None, oldest_first: bool = False
) -> list[Facts]:
    """The notices `user` may see for which `conditions` hold, newest first; at most `most` of them."""
    order = Notice.id if oldest_first else Notice.id.desc()
    query = (
        standing(Notice, City, Idea, Comment, User.name, readers=[user])
        .outerjoin(User, User.id == Comment.author_id)
        .where(Notice.user_id == user.id, *conditions)
        .order_by(order)
        .limit(most)
    )
    rows = db.session.execute(query).all()
    acts = _acts({row[0].act_id for row in rows} - {None})
    others = _others({row[0].details.get("other") for row in rows} - {None})
    names = reason_names() if any(act.reason_id for act, _objected in acts.values()) else {}
    return [_facts(user, row, acts, others, names) for row in rows]


def _facts(
    user: User,
    row: Any,
    acts: dict[int, tuple[Act, bool]],
    others: dict[int, Idea],
    names: dict[int, str],
) -> Facts:
    notice: Notice
    city: City
    idea: Idea | None
    comment: Comment | None
    notice, city, idea, comment, author = row
    act, is_objected = acts.get(notice.act_id or 0, (None, False))
    quote, language = _quote(notice, idea, comment)
    decided = act if act is not None and notice.kind in OBJECTIONABLE else None
    other = others.get(notice.details.get("other", 0))
    return Facts(
        id=notice.id,
        kind=notice.kind,
        user_id=notice.user_id,
        created_at=notice.created_at,
        read_at=notice.read_at,
        details=notice.details,
        city=city,
        idea_id=idea.id if idea and _may_know(idea, user) else None,
        comment_id=comment.id if comment and _may_see(comment, user) else None,
        title=_title(idea, user),
        other=_title(other, user) or _title_of_duplicate(other, idea),
        other_id=other.id if other and other.is_published else None,
        is_of_own_idea=notice.comment_id is None,
        author=author or "",
        quote=quote,
        quote_language=language,
        reason=names.get(decided.reason_id or 0, "") if decided else "",
        sentence=decided.sentence if decided else "",
        can_object=decided.id if decided and not is_objected and decided.undone_at is None else None,
    )


def _may_know(idea: Idea, user: User) -> bool:
    return idea.is_published or (idea.author_id == user.id and idea.state != "withdrawn")


def _may_see(comment: Comment, user: User) -> bool:
    return comment.state == "published" or comment.author_id == user.id


def _title(idea: Idea | None, user: User) -> Title | None:
    return Title(idea.title, idea.language) if idea is not None and _may_know(idea, user) else None


def _title_of_duplicate(other: Idea | None, idea: Idea | None) -> Title | None:
    """The idea that others were merged into names them, for everybody."""
    if other is None or idea is None or not idea.is_published or other.merged_into_id != idea.id:
        return None
    return Title(other.title, other.language)


def _quote(notice: Notice, idea: Idea | None, comment: Comment | None) -> tuple[str, str]:
    """A public comment, one's own decided-about comment, or the answer that a notice brings."""
    if notice.kind in ("answer", "taken_up") and idea and idea.status == notice.details.get("status"):
        return excerpt(idea.answer or "", QUOTED), ""
    if comment is not None and notice.kind != "report":
        return excerpt(comment.text, QUOTED), comment.language
    return "", ""


def _acts(act_ids: set[int]) -> dict[int, tuple[Act, bool]]:
    """Acts by id, each with whether its author has objected."""
    if not act_ids:
        return {}
    query = (
        select(Act, Objection.id).outerjoin(Objection, Objection.act_id == Act.id).where(Act.id.in_(act_ids))
    )
    return {act.id: (act, objection is not None) for act, objection in db.session.execute(query)}


def _others(idea_ids: set[int]) -> dict[int, Idea]:
    if not idea_ids:
        return {}
    return {idea.id: idea for idea in db.session.scalars(select(Idea).where(Idea.id.in_(idea_ids)))}


def gathered(facts: Sequence[Facts]) -> list[list[Facts]]:
    """What others said about one idea between two looks, together, where the newest of it stands."""
    groups: dict[Any, list[Facts]] = {}
    for one in facts:
        key = (one.kind, one.idea_id, one.read_at) if one.kind in SAID else one.id
        groups.setdefault(key, []).append(one)
    return list(groups.values())
