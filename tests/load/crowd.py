"""A board full of people, on whichever database: ideas, comments, upvotes, and participants who are signed in.

Written in bulk, since nobody measures how it came there; the counters, the change numbers and the search index are as
the product itself would have left them. `Truth` says afterwards what the database holds.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import Connection, create_engine, func, insert, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from app.accounts.actions.links import hash_token
from app.accounts.models import Session, User
from app.cities.models import Change, City
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.factory import create_app
from app.ideas.actions.indexing import index_ideas
from app.ideas.models import Comment, Idea, IdeaTheme, Upvote

WORDS = (
    *("shade", "tram", "ferry", "kerb", "bench", "bicycle", "crossing", "lane"),
    *("bus", "parking", "quiet", "school", "harbour", "square", "night", "charging"),
)


@dataclass(frozen=True)
class Crowd:
    """A board to measure on. `cookies` are the Cookie headers of `voters`, in the same order."""

    city: str
    city_id: int
    seq: int
    ideas: list[int]
    voters: list[int]
    cookies: list[str]
    csrf_token: str

    def headers(self, voter: int = 0) -> dict[str, str]:
        """What a script of the page sends with a write; `Origin` is the connection's."""
        return {**self.shared_headers, "Cookie": self.cookies[voter]}

    @property
    def shared_headers(self) -> dict[str, str]:
        """The same without who it is."""
        return {
            "Accept": "application/json",
            "X-CSRFToken": self.csrf_token,
            "Content-Type": "application/x-www-form-urlencoded",
        }


def fill(
    settings: Mapping[str, Any],
    *,
    city: str = "rotterdam",
    ideas: int = 50,
    comments: int = 0,
    upvotes: int = 0,
    voters: int = 100,
) -> Crowd:
    """Fill the board of `city` in a migrated database. `upvotes` are those given before anything is measured.

    None of `voters` has written or upvoted anything, so each may upvote every idea once.
    """
    app = create_app({**settings, "redis_url": "", "process": "all"})
    with app.app_context():
        with unit_of_work():
            place = db.session.scalars(select(City).where(City.slug == city)).one()
            authors = _people("Author", max(20, upvotes // 200))
            made = _ideas(place, ideas, authors)
            _comments(made, comments, authors)
            _upvotes(made, upvotes, authors)
            people = _people("Voter", voters)
            tokens = _sessions(people)
        crowd = Crowd(place.slug, place.id, place.seq, made, people, *_cookies(app, tokens))
        db.session.remove()
        db.engine.dispose()
    return crowd


def _now() -> datetime:
    return datetime.now(UTC)


def _people(name: str, how_many: int) -> list[int]:
    first = (db.session.scalar(select(func.max(User.id))) or 0) + 1
    at = _now()
    rows = [
        {
            "name": f"{name} {number}",
            "email": f"{name.lower()}-{first + number}-{secrets.token_hex(4)}@example.org",
            "group": ("resident", "student")[number % 2],
            "confirmed_at": at,
            "origin": "registered",
            "created_at": at,
            "consented_at": at,
        }
        for number in range(how_many)
    ]
    return list(db.session.scalars(insert(User).returning(User.id, sort_by_parameter_order=True), rows))


def _ideas(city: City, how_many: int, authors: list[int]) -> list[int]:
    at, seq = _now(), city.seq
    rows = [
        {
            "city_id": city.id,
            "author_id": authors[number % len(authors)],
            "kind": ("challenge", "opportunity")[number % 2],
            "title": f"More {WORDS[number % 16]} beside every {WORDS[(number // 16) % 16]}, number {number}",
            "text": f"People wait here for the {WORDS[number % 16]}, in the rain and in the sun. " * 4,
            "excerpt": f"People wait here for the {WORDS[number % 16]}, in the rain and in the sun.",
            "language": "en",
            "state": "published",
            "status": "new",
            "created_at": at,
            "version": 1,
            "last_change": seq + number + 1,
        }
        for number in range(how_many)
    ]
    ids = list(db.session.scalars(insert(Idea).returning(Idea.id, sort_by_parameter_order=True), rows))
    db.session.execute(
        insert(IdeaTheme),
        [{"idea_id": key, "theme_id": 1 + place % 12, "position": 0} for place, key in enumerate(ids)],
    )
    changes = [
        {"city_id": city.id, "number": seq + place + 1, "kind": "idea_posted", "idea_id": key, "at": at}
        for place, key in enumerate(ids)
    ]
    db.session.execute(insert(Change), changes)
    city.seq = seq + how_many
    index_ideas((key, row["title"], row["text"]) for key, row in zip(ids, rows, strict=True))
    return ids


def _comments(ideas: list[int], how_many: int, authors: list[int]) -> None:
    if not how_many:
        return
    rows = [
        {
            "idea_id": ideas[number % len(ideas)],
            "author_id": authors[(number * 7) % len(authors)],
            "text": "I would use this every morning on the way to work.",
            "language": "en",
            "state": "published",
            "created_at": _now(),
        }
        for number in range(how_many)
    ]
    db.session.execute(insert(Comment), rows)
    counted = select(func.count()).where(Comment.idea_id == Idea.id).scalar_subquery()
    db.session.execute(update(Idea).where(Idea.id.in_(ideas)).values(comment_count=counted))


def _upvotes(ideas: list[int], how_many: int, voters: list[int]) -> None:
    if not how_many:
        return
    pairs = [
        (ideas[(number + number // len(ideas)) % len(ideas)], voters[number // len(ideas) % len(voters)])
        for number in range(how_many)
    ]
    rows = [{"idea_id": idea, "user_id": user, "created_at": _now()} for idea, user in dict.fromkeys(pairs)]
    db.session.execute(insert(Upvote), rows)
    counted = select(func.count()).where(Upvote.idea_id == Idea.id).scalar_subquery()
    db.session.execute(update(Idea).where(Idea.id.in_(ideas)).values(upvote_count=counted))


def _sessions(people: list[int]) -> list[str]:
    tokens = [secrets.token_urlsafe(32) for _ in people]
    at = _now()
    rows = [
        {"token_hash": hash_token(token), "user_id": key, "created_at": at, "seen_at": at}
        for key, token in zip(people, tokens, strict=True)
    ]
    db.session.execute(insert(Session), rows)
    return tokens


def _cookies(app: Any, tokens: list[str]) -> tuple[list[str], str]:
    """Cookie headers, and a CSRF token that is valid in all these sessions: they hold the same secret."""
    serializer = app.session_interface.get_signing_serializer(app)
    with app.test_request_context():
        token = generate_csrf()
        raw = session["csrf_token"]
    name = app.config["SESSION_COOKIE_NAME"]
    kept = ({"_user_id": one, "_fresh": True, "_permanent": True, "csrf_token": raw} for one in tokens)
    return [f"{name}={serializer.dumps(values)}" for values in kept], token


# --- afterwards -------------------------------------------------------------------------------------------------


@contextmanager
def looking(database_url: str) -> Iterator[Connection]:
    """The database itself, without the product; not kept open afterwards."""
    url = make_url(database_url)
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def truth(database_url: str, city: str) -> dict[str, Any]:
    """What every page of a board has to show: its number, and the count of each published idea."""
    with looking(database_url) as database:
        city_id, seq = database.execute(select(City.id, City.seq).where(City.slug == city)).one()
        rows = database.execute(
            select(Idea.id, Idea.upvote_count).where(Idea.city_id == city_id, Idea.state == "published")
        )
        return {"seq": seq, "counts": {str(idea): count for idea, count in rows}}


def upvotes_in(database_url: str, city: str) -> dict[int, int]:
    """The rows behind the counts of a board."""
    with looking(database_url) as database:
        query = select(Upvote.idea_id, func.count()).join(Idea).join(City).where(City.slug == city)
        rows = database.execute(query.where(Upvote.is_counted).group_by(Upvote.idea_id))
        return {row[0]: row[1] for row in rows}
