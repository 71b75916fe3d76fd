"""Which migrations this version of the board knows, and which one the database is at."""

from __future__ import annotations

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from app.core.extensions import db


def _scripts() -> ScriptDirectory:
    migrate = current_app.extensions["migrate"]
    return ScriptDirectory.from_config(migrate.migrate.get_config(migrate.directory))


def known_migrations() -> frozenset[str]:
    """The numbers of all migrations there are."""
    return frozenset(script.revision for script in _scripts().walk_revisions())


def newest_migration() -> str | None:
    """The number a database of this version is at."""
    return _scripts().get_current_head()


def migration_of_database() -> str | None:
    """The number the database is at; None where it has none."""
    return MigrationContext.configure(db.session.connection()).get_current_revision()
