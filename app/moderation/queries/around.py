"""What stands around the items of a queue: who wrote them, who reported them and why, what was decided last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.queries import AuthorView, author_view
from app.core.extensions import db
from app.ideas.models import Comment, Idea
from app.moderation.models import Act, Objection, Report
from app.moderation.queries.views import ObjectionView, ReportCount
from app.moderation.queries.words import act_words

SENTENCES_SHOWN = 5


def comments_of(ids: Sequence[int]) -> dict[int | None, tuple[Comment, AuthorView]]:
    """These comments with their authors, by id."""
    if not ids:
        return {}
    query = select(Comment, User).join(User, User.id == Comment.author_id).where(Comment.id.in_(ids))
    return {comment.id: (comment, author_view(user)) for comment, user in db.session.execute(query)}


def ideas_of(ids: set[int | None]) -> dict[int | None, tuple[Idea, AuthorView]]:
    """These ideas with their authors, by id."""
    wanted = [idea_id for idea_id in ids if idea_id is not None]
    if not wanted:
        return {}
    query = select(Idea, User).join(User, User.id == Idea.author_id).where(Idea.id.in_(wanted))
    return {idea.id: (idea, author_view(user)) for idea, user in db.session.execute(query)}


def people_of(ids: Sequence[int | None]) -> dict[int | None, User]:
    """These people, by id."""
    if not ids:
        return {}
    return {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(ids)))}


def open_reports(keys: Sequence[str], reasons: dict[int, str]) -> dict[str, tuple[ReportCount, ...]]:
    """Reports nobody has decided about, by item: the most frequent reason first, with its latest sentences."""
    place = func.row_number().over(
        partition_by=(Report.item_key, Report.reason_id),
        order_by=((Report.sentence == ""), Report.id.desc()),
    )
    of_reason = func.count().over(partition_by=(Report.item_key, Report.reason_id))
    ranked = (
        select(
            Report.item_key, Report.reason_id, Report.sentence, place.label("place"), of_reason.label("times")
        )
        .where(Report.item_key.in_(keys), Report.outcome.is_(None))
        .subquery()
    )
    query = (
        select(ranked)
        .where(ranked.c.place <= SENTENCES_SHOWN)
        .order_by(ranked.c.times.desc(), ranked.c.place)
    )
    found: dict[str, dict[int, tuple[int, list[str]]]] = defaultdict(dict)
    for row in db.session.execute(query):
        sentences = found[row.item_key].setdefault(row.reason_id, (row.times, []))[1]
        if row.sentence:
            sentences.append(row.sentence)
    return {
        key: tuple(
            ReportCount(reasons.get(reason_id, ""), count, tuple(sentences))
            for reason_id, (count, sentences) in by_reason.items()
        )
        for key, by_reason in found.items()
    }


def open_objections(keys: Sequence[str]) -> dict[str, ObjectionView]:
    """Objections nobody has decided about, by item."""
    query = (
        select(Objection, Act.kind)
        .join(Act, Act.id == Objection.act_id)
        .where(Objection.item_key.in_(keys), Objection.outcome.is_(None))
        .order_by(Objection.id)
    )
    return {
        objection.item_key: ObjectionView(objection.text, objection.created_at, act_words(kind))
        for objection, kind in db.session.execute(query)
    }


def acts_by_id(ids: Sequence[int]) -> dict[int | None, tuple[Act, str | None]]:
    """These acts with the names of those who acted, by id."""
    if not ids:
        return {}
    query = select(Act, User.name).outerjoin(User, User.id == Act.by_id).where(Act.id.in_(ids))
    return {act.id: (act, name) for act, name in db.session.execute(query)}
