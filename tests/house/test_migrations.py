"""Migrations make exactly the models' database, up and down, on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from app.core.extensions import db
from app.factory import create_app
from tests.servers import ROOT, postgres

MIGRATIONS = str(ROOT / "migrations")
LANGUAGES = {"en", "de", "fr", "nl", "zh"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A real PostgreSQL."""
    with postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path) -> Iterator[str]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    url = make_url(request.getfixturevalue("server")).set(drivername="postgresql")
    name = f"migrations_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield url.set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def house(empty, tmp_path):
    """The application on that database."""
    app = create_app({"data": tmp_path, "database_url": empty, "secret_key": "x" * 32})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def tables() -> set[str]:
    """The tables there are, those that FTS5 keeps for itself left out."""
    return {name for name in inspect(db.engine).get_table_names() if not name.startswith("idea_words_")}


def differences() -> list[object]:
    """What the models say and the database does not, or the other way round."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": False,
                "include_object": lambda _o, name, kind, *_: (
                    not (kind in ("table", "index") and name and "idea_words" in name)
                ),
            },
        )
        return list(compare_metadata(context, db.metadata))


def test_migrations_make_what_the_models_say(house):
    flask_migrate.upgrade(directory=MIGRATIONS)
    assert differences() == []
    assert "idea_words" in tables()


def test_down_to_nothing_and_up_again(house):
    flask_migrate.upgrade(directory=MIGRATIONS)
    there = tables()
    flask_migrate.downgrade(directory=MIGRATIONS, revision="base")
    assert tables() <= {"alembic_version"}
    flask_migrate.upgrade(directory=MIGRATIONS)
    assert tables() == there and differences() == []


def test_the_series_is_there_from_the_first_migration_on(house):
    flask_migrate.upgrade(directory=MIGRATIONS)

    def read(sql: str) -> list[tuple]:
        return [tuple(row) for row in db.session.execute(text(sql))]

    assert [slug for (slug,) in read("SELECT slug FROM cities ORDER BY position")] == [
        "los-angeles",
        "melbourne",
        "shenzhen",
        "rotterdam",
        "berlin",
    ]
    named = read("SELECT theme_id, language FROM theme_names")
    assert len(named) == 12 * 5 and {language for _, language in named} == LANGUAGES
    assert read("SELECT count(*) FROM users") == [(0,)], "nobody is there by default"


def test_one_upvote_a_person_and_idea_is_the_databases_own_law(house):
    flask_migrate.upgrade(directory=MIGRATIONS)
    inspector = inspect(db.engine)
    assert set(inspector.get_pk_constraint("upvotes")["constrained_columns"]) == {"idea_id", "user_id"}
    laws = {check["name"] for check in inspector.get_check_constraints("ideas")}
    assert {"ck_ideas_upvotes_not_negative", "ck_ideas_comments_not_negative", "ck_ideas_state_known"} <= laws
    keys = [set(one["column_names"]) for one in inspector.get_unique_constraints("ideas")]
    assert {"author_id", "submission_key"} in keys


def test_a_migration_stands_on_its_own():
    """Models change; what a migration did must not."""
    for path in sorted(Path(MIGRATIONS, "versions").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(from|import)\s+app\b", source, re.MULTILINE), path.name
        assert "def downgrade" in source and not re.search(r"def downgrade\(\):\s+pass", source), path.name


def test_there_is_one_line_of_migrations():
    sources = [path.read_text(encoding="utf-8") for path in sorted(Path(MIGRATIONS, "versions").glob("*.py"))]
    follows = [re.search(r"^down_revision = (.+)$", source, re.MULTILINE)[1] for source in sources]
    assert len(set(follows)) == len(follows) and follows.count("None") == 1
