"""How Alembic reaches the database: through the application's own engine and metadata."""

from __future__ import annotations

from alembic import context
from flask import current_app

db = current_app.extensions["migrate"].db
# The search index is made and kept by hand: FTS5 tables on SQLite, a tsvector on PostgreSQL.
BY_HAND = "idea_words"


def _include(_object, name, kind, _reflected, _compare_to):
    return not (kind in ("table", "index") and name and BY_HAND in name)


def _rendered(kind, thing, _autogen):
    """Our own column types are written as plain SQLAlchemy ones: a migration never imports the models."""
    if kind == "type" and type(thing).__module__.startswith("app."):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Run the migrations in one transaction."""
    with db.engine.connect().execution_options(writing=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_object=_include,
            render_item=_rendered,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
