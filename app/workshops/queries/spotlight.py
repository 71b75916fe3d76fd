"""One idea in the light: its text in short, and the best of what was said for and against it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.accounts.groups import group_label
from app.accounts.models import User
from app.cities.models import City
from app.core.extensions import db
from app.core.text import excerpt
from app.ideas.models import Comment, Idea
from app.ideas.queries.cards import cards_standing
from app.ideas.queries.views import IdeaCard

SHOWN = 2
LETTERS = 170


@dataclass(frozen=True)
class Voice:
    """A comment on a screen: its beginning, and for whom it was said."""

    id: int
    text: str
    language: str
    group_label: str
    replies: int


@dataclass(frozen=True)
class Spotlight:
    """The idea and its voices; `neutral` ones stand in where nobody took a stance."""

    idea: IdeaCard
    text: str
    support: tuple[Voice, ...]
    concern: tuple[Voice, ...]
    neutral: tuple[Voice, ...]


def spotlight_of(city: City, idea_id: int | None) -> Spotlight | None:
    """The public idea of this city, or None. Best are the comments most replied to, then the newest."""
    row = db.session.execute(
        select(Idea.id, Idea.version, Idea.upvote_count, Idea.text).where(
            Idea.id == (idea_id or 0), Idea.city_id == city.id, Idea.state == "published"
        )
    ).first()
    if row is None:
        return None
    voices = {stance: _best(row.id, stance) for stance in ("support", "concern", None)}
    return Spotlight(
        idea=cards_standing([(row.id, row.version, row.upvote_count)])[0],
        text=excerpt(row.text, 220),
        support=voices["support"],
        concern=voices["concern"],
        neutral=() if voices["support"] or voices["concern"] else voices[None],
    )


def _best(idea_id: int, stance: str | None) -> tuple[Voice, ...]:
    reply = aliased(Comment)
    replies = (
        select(func.count())
        .where(reply.parent_id == Comment.id, reply.state == "published")
        .correlate(Comment)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Comment, User.group, replies)
        .join(User, User.id == Comment.author_id)
        .where(
            Comment.idea_id == idea_id,
            Comment.parent_id.is_(None),
            Comment.state == "published",
            Comment.stance == stance if stance else Comment.stance.is_(None),
        )
        .order_by(replies.desc(), Comment.created_at.desc(), Comment.id.desc())
        .limit(SHOWN)
    )
    return tuple(
        Voice(comment.id, excerpt(comment.text, LETTERS), comment.language, str(group_label(group)), answered)
        for comment, group, answered in rows
    )
