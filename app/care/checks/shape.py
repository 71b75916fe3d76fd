"""Whether the database is what this version of the board expects: migrations, tables, indexes, the search index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import UniqueConstraint, inspect, select, text
from sqlalchemy.schema import CreateIndex, Table

from app.care.findings import Finding, fault, fine
from app.care.versions import known_migrations, migration_of_database, newest_migration
from app.core.config import Settings
from app.core.extensions import db
from app.ideas.models import Idea


def look_at_migrations(_config: Settings, _at: datetime) -> Iterator[Finding]:
    """Whether the database is at the newest one."""
    here, newest = migration_of_database(), newest_migration()
    if here == newest:
        yield fine("migrations", f"the database is at the newest ({newest}).")
    elif here in known_migrations():
        yield fault("migrations", f"the database is at {here}, not at {newest}: flask --app wsgi db upgrade")
    else:
        yield fault(
            "migrations", f"the database is at {here}, which this version of the board does not know."
        )


def look_at_tables(_config: Settings, _at: datetime) -> Iterator[Finding]:
    """Tables, columns, indexes and unique constraints that lack."""
    inspector = inspect(db.session.connection())
    there = set(inspector.get_table_names())
    lacking = [*_lacking_tables(there)]
    for table in db.metadata.sorted_tables:
        if table.name in there:
            lacking += _lacking_in(table, inspector)
    yield from (fault("tables", says) for says in lacking)
    if not lacking:
        yield fine("tables", f"{len(db.metadata.tables)} tables with all their columns and indexes.")


def _lacking_tables(there: set[str]) -> Iterator[str]:
    for name in ("idea_words", *db.metadata.tables):
        if name not in there:
            yield f"there is no table {name}."


def _lacking_in(table: Table, inspector: object) -> Iterator[str]:
    columns = {column["name"] for column in inspector.get_columns(table.name)}  # type: ignore[attr-defined]
    indexes = {index["name"] for index in inspector.get_indexes(table.name)}  # type: ignore[attr-defined]
    uniques = {
        tuple(sorted(one["column_names"]))
        for one in inspector.get_unique_constraints(table.name)  # type: ignore[attr-defined]
    }
    for column in table.columns:
        if column.name not in columns:
            yield f"{table.name} has no column {column.name}."
    for index in table.indexes:
        if index.name not in indexes:
            made = " ".join(str(CreateIndex(index).compile(db.engine)).split())
            yield f"the index {index.name} lacks; make it with: {made};"
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            names = tuple(sorted(column.name for column in constraint.columns))
            if names not in uniques:
                yield f"{table.name} lets several rows have the same {' and '.join(names)}."


def look_at_search(_config: Settings, _at: datetime) -> Iterator[Finding]:
    """Whether every idea can be found by its words."""
    missing = ideas_without_words()
    if missing:
        yield fault("search", f"{len(missing)} ideas cannot be found by their words.", can_be_repaired=True)
    else:
        yield fine("search", "every idea can be found by its words.")


def ideas_without_words() -> list[int]:
    """The ideas that the search index lacks; those withdrawn are not in it."""
    key = "id" if db.engine.dialect.name == "postgresql" else "rowid"
    known = set(db.session.execute(text(f"SELECT {key} FROM idea_words")).scalars())  # noqa: S608
    ideas = db.session.scalars(select(Idea.id).where(Idea.state != "withdrawn").order_by(Idea.id))
    return [idea_id for idea_id in ideas if idea_id not in known]
