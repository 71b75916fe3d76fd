"""The public moderation log: every act of a board, newest first, by role, without anybody's name.

Of what an act was about, only what everybody may read now is said: never the title, the number or the address of
something held, hidden, merged away or withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from app.cities.models import City
from app.core.extensions import db
from app.ideas.models import Comment, Idea
from app.ideas.queries.cards import idea_url
from app.moderation.models import KINDS_OF_ACT, Act
from app.moderation.queries.log_words import what_happened
from app.moderation.queries.reasons import reason_names
from app.moderation.queries.words import role_label

PAGE_SIZE = 50
_ROWS_AT_ONCE = 500
_OF_NOBODY = ("ban", "lift_ban")
"""Of these acts nothing is said that could tell whom they met."""


@dataclass(frozen=True)
class LogLine:
    """One act. `title` and `url` are empty where there is nothing that everybody may read; `into` is a merge's."""

    id: int
    kind: str
    subject: str
    at: datetime
    time_zone: str
    role: str
    words: str
    reason: str
    sentence: str
    title: str
    url: str
    language: str
    into_title: str
    into_url: str
    into_language: str
    undoes: bool
    undone_at: datetime | None
    waited_seconds: int | None


@dataclass(frozen=True)
class LogPage:
    """Fifty lines, and the number of the last one where more follow."""

    lines: tuple[LogLine, ...]
    before: int | None


def log_page(city: City, *, kind: str = "", before: int | None = None) -> LogPage:
    """The board's acts older than the act `before`, of one kind if it is said. Two queries."""
    query = _acts_of(city, kind).limit(PAGE_SIZE + 1)
    if before is not None:
        query = query.where(Act.id < before)
    rows = db.session.execute(query).all()
    names = reason_names()
    lines = tuple(_line(row, city, names) for row in rows[:PAGE_SIZE])
    return LogPage(lines, lines[-1].id if len(rows) > PAGE_SIZE else None)


def every_line(city: City, *, kind: str = "") -> Iterator[LogLine]:
    """The whole log, newest first, read as it is asked for."""
    names = reason_names()
    rows = db.session.execute(_acts_of(city, kind).execution_options(yield_per=_ROWS_AT_ONCE))
    return (_line(row, city, names) for row in rows)


def kind_or_all(kind: str) -> str:
    """The kind of act an address asks for; empty where it is none."""
    return kind if kind in KINDS_OF_ACT else ""


def _acts_of(city: City, kind: str) -> Select[Any]:
    into = aliased(Idea)
    query = (
        select(
            Act.id, Act.kind, Act.at, Act.role, Act.idea_id, Act.comment_id, Act.reason_id, Act.sentence,
            Act.before, Act.after, Act.undoes_id, Act.undone_at, Act.waited_seconds,
            Idea.id.label("public_id"), Idea.title, Idea.language, Comment.id.label("public_comment_id"),
            into.id.label("into_id"), into.title.label("into_title"), into.language.label("into_language"),
        )
        .outerjoin(Comment, (Comment.id == Act.comment_id) & (Comment.state == "published"))
        .outerjoin(Idea, (Idea.id == func.coalesce(Comment.idea_id, Act.idea_id)) & _is_public(Idea, city))
        .outerjoin(into, (into.id == Act.after["into"].as_integer()) & _is_public(into, city))
        .where(Act.city_id == city.id)
        .order_by(Act.id.desc())
    )  # fmt: skip
    return query.where(Act.kind == kind) if kind else query


def _is_public(idea: Any, city: City) -> Any:
    return (idea.state == "published") & (idea.city_id == city.id)


def _line(row: Any, city: City, reasons: dict[int, str]) -> LogLine:
    is_public = row.public_id is not None and row.kind not in _OF_NOBODY
    url = idea_url(city.slug, row.public_id, row.title) if is_public else ""
    if url and row.public_comment_id is not None:
        url = f"{url}#comment-{row.public_comment_id}"
    undoes = row.undoes_id is not None
    return LogLine(
        id=row.id,
        kind=row.kind,
        subject=subject_of(row.kind, row.idea_id, row.comment_id),
        at=row.at,
        time_zone=city.time_zone,
        role=role_label(row.role),
        words=what_happened(row, city.time_zone),
        reason=reasons.get(row.reason_id, ""),
        sentence=row.sentence,
        title=row.title if is_public else "",
        url=url,
        language=row.language if is_public else "",
        into_title=row.into_title or "",
        into_url=idea_url(city.slug, row.into_id, row.into_title) if row.into_id else "",
        into_language=row.into_language or "",
        undoes=undoes,
        undone_at=row.undone_at,
        waited_seconds=row.waited_seconds,
    )


def subject_of(kind: str, idea_id: int | None, comment_id: int | None) -> str:
    """What an act was about: `idea`, `comment`, `person` or `board`."""
    if kind in ("ban", "lift_ban", "verify", "unverify", "set_aside", "count_again"):
        return "person"
    return "comment" if comment_id else "idea" if idea_id else "board"
