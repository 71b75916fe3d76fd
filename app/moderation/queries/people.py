"""A participant as the moderators of a board see them: what they said there, never their e-mail address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import User
from app.accounts.policy import is_banned
from app.accounts.queries import AuthorView, author_view
from app.cities.models import City, Participation
from app.core.extensions import db
from app.core.text import excerpt
from app.ideas.models import Comment, Idea
from app.ideas.queries.cards import idea_url
from app.moderation.models import Act
from app.moderation.queries.reasons import reason_names
from app.moderation.queries.words import act_words, role_label

SHOWN = 50
_READABLE = ("published", "held", "hidden")


@dataclass(frozen=True)
class SaidView:
    """An idea or a comment of this person, also where it is held or hidden."""

    subject: str
    title: str
    excerpt: str
    language: str
    url: str
    state: str
    at: datetime


@dataclass(frozen=True)
class PersonAct:
    """What moderators decided about this person here."""

    words: str
    role: str
    reason: str
    sentence: str
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True)
class PersonPage:
    """Everything on a person's page."""

    id: int
    who: AuthorView
    joined_at: datetime
    since: datetime | None
    is_set_aside: bool
    banned_until: datetime | None
    ideas: tuple[SaidView, ...]
    comments: tuple[SaidView, ...]
    acts: tuple[PersonAct, ...]


def person_page(user: User, city: City, at: datetime) -> PersonPage:
    """This person's latest fifty ideas and comments on the board, and what was decided about them."""
    part = db.session.get(Participation, (city.id, user.id))
    return PersonPage(
        id=user.id,
        who=author_view(user),
        joined_at=user.created_at,
        since=part.since if part else None,
        is_set_aside=bool(part and part.set_aside_at),
        banned_until=user.banned_until if is_banned(user, at) else None,
        ideas=_ideas(user, city),
        comments=_comments(user, city),
        acts=_acts(user, city),
    )


def _ideas(user: User, city: City) -> tuple[SaidView, ...]:
    rows = db.session.scalars(
        select(Idea)
        .where(Idea.author_id == user.id, Idea.city_id == city.id, Idea.state.in_(_READABLE))
        .order_by(Idea.created_at.desc(), Idea.id.desc())
        .limit(SHOWN)
    )
    return tuple(
        SaidView(
            subject="idea",
            title=idea.title,
            excerpt=idea.excerpt,
            language=idea.language,
            url=idea_url(city.slug, idea.id, idea.title),
            state=idea.state,
            at=idea.created_at,
        )
        for idea in rows
    )


def _comments(user: User, city: City) -> tuple[SaidView, ...]:
    rows = db.session.execute(
        select(Comment, Idea.id, Idea.title)
        .join(Idea, Idea.id == Comment.idea_id)
        .where(Comment.author_id == user.id, Idea.city_id == city.id)
        .where(Comment.state.in_(_READABLE), Idea.state.in_(_READABLE))
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .limit(SHOWN)
    )
    return tuple(
        SaidView(
            subject="comment",
            title=title,
            excerpt=excerpt(comment.text),
            language=comment.language,
            url=f"{idea_url(city.slug, idea_id, title)}#comment-{comment.id}",
            state=comment.state,
            at=comment.created_at,
        )
        for comment, idea_id, title in rows
    )


def _acts(user: User, city: City) -> tuple[PersonAct, ...]:
    names = reason_names()
    about = ("ban", "lift_ban", "verify", "unverify")
    rows = db.session.scalars(
        select(Act)
        .where(Act.user_id == user.id, Act.city_id == city.id, Act.kind.in_(about))
        .order_by(Act.id.desc())
        .limit(SHOWN)
    )
    return tuple(
        PersonAct(
            words=act_words(act.kind, undoes=act.undoes_id is not None),
            role=role_label(act.role),
            reason=names.get(act.reason_id or 0, ""),
            sentence=act.sentence,
            at=act.at,
            undone_at=act.undone_at,
        )
        for act in rows
    )
