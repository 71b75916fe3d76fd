"""An alert: what looked odd, and the accounts it was seen of. Never their e-mail addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.queries import AuthorView, author_view
from app.cities.models import City, Participation
from app.core.extensions import db
from app.core.text import excerpt
from app.ideas.models import Comment, Idea, Upvote
from app.ideas.queries.cards import idea_url
from app.moderation.models import Act, QueueItem
from app.moderation.queries.bursts import people_of
from app.moderation.queries.words import role_label


@dataclass(frozen=True)
class AccountView:
    """One account of an alert. `upvotes` are those it gave on this board, counted or not."""

    id: int
    who: AuthorView
    joined_at: datetime
    upvotes: int
    is_set_aside: bool


@dataclass(frozen=True)
class AsideView:
    """An act that set some of these accounts aside and still stands."""

    act_id: int
    count: int
    role: str
    sentence: str
    at: datetime


@dataclass(frozen=True)
class SeenView:
    """An idea or a comment that an alert is about, whatever its state."""

    words: str
    language: str
    url: str
    state: str


@dataclass(frozen=True)
class AlertPage:
    """Everything on an alert's page; `words` say what was noticed."""

    id: int
    decisions: int
    waits: bool
    since: datetime
    words: str
    posts: tuple[SeenView, ...]
    accounts: tuple[AccountView, ...]
    aside: tuple[AsideView, ...]


def alert_page(item: QueueItem, city: City) -> AlertPage:
    """The alert as it stands, in five queries at most."""
    seen = item.seen or {}
    people = people_of(seen, city.id)
    if seen.get("what") == "burst":
        seen = {**seen, "count": int(seen["count"]) + len(people) - len(seen["user_ids"])}
    accounts = _accounts(people, city)
    return AlertPage(
        id=item.id,
        decisions=item.decisions,
        waits=bool(item.needs),
        since=item.since,
        words=what_was_seen(seen),
        posts=(*_ideas(seen.get("idea_ids", ()), city), *_comments(seen.get("comment_ids", ()), city)),
        accounts=accounts,
        aside=_aside({account.id for account in accounts if account.is_set_aside}, city),
    )


def what_was_seen(seen: dict[str, Any]) -> str:
    """What an alert noticed, in a sentence or two."""
    count, minutes = int(seen.get("count", 0)), int(seen.get("minutes", 0))
    if seen.get("what") == "burst":
        return _(
            "%(count)d upvotes of one idea within %(minutes)d minutes, all from accounts younger than an hour. "
            "A room full of newcomers looks the same: look before you decide.",
            count=count,
            minutes=minutes,
        )
    people = len(seen.get("user_ids", ()))
    return ngettext(
        "%(count)d posts that say nearly the same within %(minutes)d minutes, all from %(num)d account.",
        "%(count)d posts that say nearly the same within %(minutes)d minutes, from %(num)d accounts.",
        people,
        count=count,
        minutes=minutes,
    )


def _ideas(ids: Sequence[int], city: City) -> list[SeenView]:
    rows = db.session.execute(
        select(Idea.id, Idea.title, Idea.language, Idea.state)
        .where(Idea.id.in_(ids), Idea.city_id == city.id, Idea.state != "withdrawn")
        .order_by(Idea.id)
    )
    return [
        SeenView(title, language, idea_url(city.slug, idea_id, title), state)
        for idea_id, title, language, state in rows
    ]


def _comments(ids: Sequence[int], city: City) -> list[SeenView]:
    rows = db.session.execute(
        select(Comment.id, Comment.text, Comment.language, Comment.state, Idea.id, Idea.title)
        .join(Idea, Idea.id == Comment.idea_id)
        .where(Comment.id.in_(ids), Idea.city_id == city.id, Comment.state != "withdrawn")
        .order_by(Comment.id)
    )
    return [
        SeenView(
            excerpt(text, 120), language, f"{idea_url(city.slug, idea_id, title)}#comment-{comment_id}", state
        )
        for comment_id, text, language, state, idea_id, title in rows
    ]


def _accounts(user_ids: Sequence[int], city: City) -> tuple[AccountView, ...]:
    upvotes = (
        select(func.count())
        .select_from(Upvote)
        .join(Idea, Idea.id == Upvote.idea_id)
        .where(Upvote.user_id == User.id, Idea.city_id == city.id, Upvote.came_with_id.is_(None))
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(User, upvotes, Participation.set_aside_at)
        .join(Participation, (Participation.user_id == User.id) & (Participation.city_id == city.id))
        .where(User.id.in_(user_ids), User.erased_at.is_(None))
        .order_by(User.created_at.desc(), User.id)
    )
    return tuple(
        AccountView(user.id, author_view(user), user.created_at, count, set_aside_at is not None)
        for user, count, set_aside_at in rows
    )


def _aside(user_ids: set[int], city: City) -> tuple[AsideView, ...]:
    """The standing acts that set one of these people aside, the latest first."""
    if not user_ids:
        return ()
    acts = db.session.scalars(
        select(Act)
        .where(
            Act.city_id == city.id,
            Act.kind == "set_aside",
            Act.undone_at.is_(None),
            Act.undoes_id.is_(None),
        )
        .order_by(Act.id.desc())
    )
    return tuple(
        AsideView(act.id, len(act.after["user_ids"]), role_label(act.role), act.sentence, act.at)
        for act in acts
        if user_ids & set(act.after["user_ids"])
    )
