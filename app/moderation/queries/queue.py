"""A city's queue: filtered, in order, one page after a key, and what of it has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, union_all

from app.accounts.models import User
from app.cities.models import City
from app.cities.queries import city_view
from app.core.extensions import db
from app.ideas.models import Comment, Idea
from app.moderation.models import NEEDS, QueueItem
from app.moderation.queries.filters import SETTLED, Key, QueueFilter, read_key
from app.moderation.queries.judges import another_judges
from app.moderation.queries.reasons import reasons
from app.moderation.queries.rows import rows_of
from app.moderation.queries.views import QueueNews, QueuePage

PAGE_SIZE = 50
AT_ONCE = 100
"""Rows that one question about what changed is answered with."""


def queue_page(city: City, chosen: QueueFilter, moderator: User, after: str = "") -> QueuePage:
    """Fifty rows from the key `after` on, for this moderator. A constant number of queries, whatever waits."""
    stamp = db.session.scalar(select(City.queue_seq).where(City.id == city.id)) or 0
    ids = db.session.scalars(_page_of(city, chosen, moderator, read_key(after))).all()
    found = {item.id: item for item in db.session.scalars(select(QueueItem).where(QueueItem.id.in_(ids)))}
    items = [found[item_id] for item_id in ids[:PAGE_SIZE] if item_id in found]
    rows = rows_of(items, city, moderator)
    return QueuePage(
        city=city_view(city),
        filter=chosen,
        rows=rows,
        waiting=waiting_counts(city.id, moderator),
        reasons=reasons(),
        next_url=chosen.next_url(rows[-1].order) if len(ids) > PAGE_SIZE else None,
        stamp=stamp,
    )


def changed_since(city: City, chosen: QueueFilter, moderator: User, since: int) -> QueueNews:
    """What has changed after the queue's number `since`, the oldest change first, at most AT_ONCE of it."""
    stamp = db.session.scalar(select(City.queue_seq).where(City.id == city.id)) or 0
    items = db.session.scalars(
        select(QueueItem)
        .where(QueueItem.city_id == city.id, QueueItem.stamp > since)
        .order_by(QueueItem.stamp, QueueItem.id)
        .limit(AT_ONCE)
    ).all()
    more = len(items) == AT_ONCE and items[-1].stamp < stamp
    return _news(city, chosen, moderator, items, items[-1].stamp if more else stamp, more)


def these(city: City, chosen: QueueFilter, moderator: User, ids: Sequence[int]) -> QueueNews:
    """These items of the city's queue as they are now; of those that are not there, that they belong nowhere."""
    stamp = db.session.scalar(select(City.queue_seq).where(City.id == city.id)) or 0
    items = db.session.scalars(
        select(QueueItem).where(QueueItem.city_id == city.id, QueueItem.id.in_(ids)).order_by(QueueItem.id)
    ).all()
    news = _news(city, chosen, moderator, items, stamp, more=False)
    return replace(news, changed=tuple(ids))


def _news(
    city: City, chosen: QueueFilter, moderator: User, items: Sequence[QueueItem], stamp: int, more: bool
) -> QueueNews:
    mine = select(QueueItem.id).where(
        QueueItem.id.in_([item.id for item in items]), _is_for(moderator, city.id)
    )
    needs = [SETTLED] if chosen.needs == SETTLED else [chosen.needs] if chosen.needs else list(NEEDS)
    waits = QueueItem.needs == "" if chosen.needs == SETTLED else QueueItem.needs.in_(needs)
    belonging = frozenset(db.session.scalars(_narrowed(mine, chosen).where(waits))) if items else frozenset()
    seen = frozenset(db.session.scalars(mine)) if items else frozenset()
    return QueueNews(
        stamp=stamp,
        waiting=waiting_counts(city.id, moderator),
        changed=tuple(item.id for item in items),
        rows=rows_of([item for item in items if item.id in seen], city, moderator),
        belonging=belonging,
        more=more,
    )


def waiting_counts(city_id: int, moderator: User) -> dict[str, int]:
    """How much waits for this moderator by need, every need named; under "" all of it."""
    # `> ''` and not `!= ''`: a range, so the index leads past everything that is settled.
    found = dict(
        db.session.execute(
            select(QueueItem.needs, func.count())
            .where(QueueItem.city_id == city_id, QueueItem.needs > "")
            .group_by(QueueItem.needs)
        ).all()
    )
    if found.get("objection"):
        found["objection"] = (
            db.session.scalar(
                select(func.count()).where(
                    QueueItem.city_id == city_id, QueueItem.needs == "objection", _is_for(moderator, city_id)
                )
            )
            or 0
        )
    return {"": sum(found.values()), **{needs: found.get(needs, 0) for needs in NEEDS}}


def _page_of(city: City, chosen: QueueFilter, moderator: User, key: Key | None) -> Select[Any]:
    """The ids of a page and of one row more, in order."""
    if chosen.needs == SETTLED:
        return _settled(city, chosen, key)
    parts = [
        _waiting(city, chosen, moderator, needs, key if key and key.urgency == urgency else None)
        for urgency, needs in enumerate(NEEDS)
        if chosen.needs in ("", needs) and not (key and urgency < key.urgency)
    ]
    if not parts:
        return select(QueueItem.id).where(QueueItem.id < 0)
    # One short walk of the index a need: ordering "all that waits" at once would read and sort all of it.
    together = union_all(*(select(part.subquery()) for part in parts)).subquery()
    columns = together.c
    return select(columns.id).order_by(columns.urgency, columns.since, columns.id).limit(PAGE_SIZE + 1)


def _waiting(city: City, chosen: QueueFilter, moderator: User, needs: str, key: Key | None) -> Select[Any]:
    query: Any = select(QueueItem.id, QueueItem.urgency, QueueItem.since).where(
        QueueItem.city_id == city.id, QueueItem.needs == needs, QueueItem.urgency == NEEDS.index(needs)
    )
    if needs == "objection":
        query = query.where(_is_for(moderator, city.id))
    if key is not None:
        query = query.where(
            QueueItem.since >= key.since, or_(QueueItem.since > key.since, QueueItem.id > key.id)
        )
    query = _narrowed(query, chosen)
    return query.order_by(QueueItem.urgency, QueueItem.since, QueueItem.id).limit(PAGE_SIZE + 1)


def _settled(city: City, chosen: QueueFilter, key: Key | None) -> Select[Any]:
    query = select(QueueItem.id).where(
        QueueItem.city_id == city.id, QueueItem.settled_at.is_not(None), QueueItem.needs == ""
    )
    if key is not None:
        query = query.where(
            QueueItem.settled_at <= key.since, or_(QueueItem.settled_at < key.since, QueueItem.id < key.id)
        )
    query = _narrowed(query, chosen)
    return query.order_by(QueueItem.settled_at.desc(), QueueItem.id.desc()).limit(PAGE_SIZE + 1)


def _is_for(moderator: User, city_id: int) -> Any:
    """Objections against somebody's own act are for another moderator, while the city has another."""
    return or_(
        QueueItem.needs != "objection",
        QueueItem.not_for_id.is_(None),
        QueueItem.not_for_id != moderator.id,
        ~another_judges(city_id, moderator.id),
    )


def _narrowed(query: Select[Any], chosen: QueueFilter) -> Select[Any]:
    if chosen.subject:
        query = query.where(QueueItem.subject == chosen.subject)
    if not chosen.q:
        return query
    query = (
        query.outerjoin(Comment, Comment.id == QueueItem.comment_id)
        .outerjoin(Idea, Idea.id == QueueItem.idea_id)
        .outerjoin(User, User.id == func.coalesce(Comment.author_id, Idea.author_id, QueueItem.user_id))
    )
    # Not the board's search: that finds what is published, and moderators look for what is not.
    for word in chosen.q.split():
        said = and_(QueueItem.comment_id.is_(None), Idea.text.icontains(word, autoescape=True))
        query = query.where(
            or_(
                Idea.title.icontains(word, autoescape=True),
                said,
                Comment.text.icontains(word, autoescape=True),
                User.name.icontains(word, autoescape=True),
            )
        )
    return query
