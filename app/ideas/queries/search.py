"""Finding ideas by words, in either database, Chinese included."""

from __future__ import annotations

from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import Select, bindparam, literal_column, select, text
from sqlalchemy.sql import ColumnElement

from app.core.extensions import db
from app.core.text import fold, query_words
from app.ideas.models import Idea

SIMILAR_CANDIDATES = 40
SIMILAR_SHOWN = 5
SIMILAR_LEAST = 45
"""Of 100; below, two titles share little but small words."""


def _is_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


def _match(words: list[str], joined_by: str) -> str:
    """The search in the database's own language. Words are folded: letters and digits, nothing to escape."""
    if _is_postgresql():
        sign = " & " if joined_by == "AND" else " | "
        return sign.join(f"'{word}':*" for word in words)
    return f" {joined_by} ".join(f'"{word}"*' for word in words)


def matching(q: str) -> ColumnElement[bool] | None:
    """The condition that an idea holds every word of `q` (by its beginning). None where `q` has no words."""
    words = query_words(q)
    if not words:
        return None
    return Idea.id.in_(_ids_matching(_match(words, "AND"), "search"))


def _ids_matching(expression: str, name: str) -> Select[Any]:
    if _is_postgresql():
        found = text(f"words @@ CAST(:{name} AS tsquery)").bindparams(bindparam(name, expression))
        return select(literal_column("idea_words.id")).select_from(text("idea_words")).where(found)
    found = text(f"idea_words MATCH :{name}").bindparams(bindparam(name, expression))
    return select(literal_column("idea_words.rowid")).select_from(text("idea_words")).where(found)


def similar_ids(
    city_id: int, title: str, *, leaving_out: int | None = None, most: int = SIMILAR_SHOWN
) -> list[int]:
    """The ids of a board's published ideas whose titles are most like `title`, best first, at most `most`."""
    words = [word for word in query_words(title) if len(word) > 2 or not word.isascii()]
    if not words:
        return []
    if _is_postgresql():
        ranked = text(
            "SELECT ideas.id, ideas.title FROM idea_words JOIN ideas ON ideas.id = idea_words.id "
            "WHERE idea_words.words @@ CAST(:words AS tsquery) "
            "AND ideas.city_id = :city AND ideas.state = 'published' "
            "ORDER BY ts_rank(idea_words.words, CAST(:words AS tsquery)) DESC LIMIT :most"
        )
    else:
        ranked = text(
            "SELECT ideas.id, ideas.title FROM idea_words JOIN ideas ON ideas.id = idea_words.rowid "
            "WHERE idea_words MATCH :words AND ideas.city_id = :city AND ideas.state = 'published' "
            "ORDER BY idea_words.rank LIMIT :most"
        )
    rows = db.session.execute(
        ranked, {"words": _match(words, "OR"), "city": city_id, "most": SIMILAR_CANDIDATES}
    ).all()
    wanted = fold(title)
    scored = sorted(
        (
            # Where one title holds all the words of the other, the whole titles decide.
            (-fuzz.token_set_ratio(wanted, fold(found)), -fuzz.token_sort_ratio(wanted, fold(found)), idea_id)
            for idea_id, found in rows
            if idea_id != leaving_out
        )
    )
    return [idea_id for score, _whole, idea_id in scored if -score >= SIMILAR_LEAST][:most]
