"""Putting a notice into people's inboxes, inside the transaction of what it tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import User
from app.accounts.policy import is_banned
from app.core.announce import announce
from app.core.extensions import db
from app.notices.events import LettersDue, NoticesChanged
from app.notices.models import Notice, NoticeChoice
from app.notices.queries.standing import AT_ONCE, unread_of_each


@dataclass(frozen=True)
class News:
    """What there is to tell; see `Notice`."""

    kind: str
    city_id: int
    idea_id: int | None = None
    comment_id: int | None = None
    act_id: int | None = None
    details: dict[str, Any] = field(default_factory=dict)


def tell(user_ids: Iterable[int | None], news: News, *, at: datetime, but: int | None = None) -> None:
    """Tell these people, except `but`, who did it. Costs no query where nobody is left.

    Who cannot sign in (imported, sample, erased) is not told. Letters to those who want one each leave after the
    commit.
    """
    wanted = sorted({user_id for user_id in user_ids if user_id is not None and user_id != but})
    told: list[User] = []
    for_letters: list[Notice] = []
    for user, way in _people(wanted):
        gets_letter = way == "each" and bool(user.email) and not is_banned(user, at)
        notice = Notice(
            user_id=user.id,
            kind=news.kind,
            city_id=news.city_id,
            idea_id=news.idea_id,
            comment_id=news.comment_id,
            act_id=news.act_id,
            details=news.details,
            created_at=at,
            mailed_at=at if gets_letter else None,
        )
        db.session.add(notice)
        told.append(user)
        if gets_letter:
            for_letters.append(notice)
    if not told:
        return
    db.session.flush()
    if for_letters:
        announce(LettersDue(tuple(notice.id for notice in for_letters)))
    say_counts(told)


def say_counts(users: list[User]) -> None:
    """Let these people's open pages know how many notices wait for them."""
    for user_id, unread in unread_of_each(users).items():
        announce(NoticesChanged(user_id, unread))


def _people(user_ids: list[int]) -> Iterator[tuple[User, str | None]]:
    for start in range(0, len(user_ids), AT_ONCE):
        query = (
            select(User, NoticeChoice.mail)
            .outerjoin(NoticeChoice, NoticeChoice.user_id == User.id)
            .where(
                User.id.in_(user_ids[start : start + AT_ONCE]),
                User.origin == "registered",
                User.erased_at.is_(None),
            )
            .order_by(User.id)
        )
        yield from ((user, way) for user, way in db.session.execute(query))
