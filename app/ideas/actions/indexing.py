"""Keeps the search index in step: folded words per idea, in FTS5 or a tsvector."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from app.core.extensions import db
from app.core.text import fold, plain

TITLE_WEIGHT = 2
"""A title's words count as often: they are written twice."""


def index_ideas(ideas: Iterable[tuple[int, str, str]]) -> None:
    """Index (id, title, text) triples anew, in the current transaction."""
    rows: list[dict[str, Any]] = [
        {"id": idea_id, "words": " ".join([fold(title)] * TITLE_WEIGHT + [fold(plain(body))])}
        for idea_id, title, body in ideas
    ]
    if not rows:
        return
    if db.engine.dialect.name == "postgresql":
        for row in rows:
            row["words"] = sorted(set(row["words"].split()))
        statement = (
            "INSERT INTO idea_words (id, words) VALUES (:id, array_to_tsvector(CAST(:words AS text[]))) "
            "ON CONFLICT (id) DO UPDATE SET words = excluded.words"
        )
    else:
        forget_ideas(row["id"] for row in rows)
        statement = "INSERT INTO idea_words (rowid, words) VALUES (:id, :words)"
    db.session.execute(text(statement), rows)


def forget_ideas(idea_ids: Iterable[int]) -> None:
    """Take ideas out of the index."""
    rows = [{"id": idea_id} for idea_id in idea_ids]
    if not rows:
        return
    key = "id" if db.engine.dialect.name == "postgresql" else "rowid"
    db.session.execute(
        text(f"DELETE FROM idea_words WHERE {key} = :id"),  # noqa: S608  one of two words of ours
        rows,
    )
