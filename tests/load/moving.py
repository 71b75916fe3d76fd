"""Moves what was prepared for the measurements from its SQLite file to a PostgreSQL server.

All tables but the search index, which the queue does not use.
"""

from __future__ import annotations

import flask_migrate
from sqlalchemy import Connection, create_engine, func, insert, select, text
from sqlalchemy.schema import Table

from app.core.extensions import db
from app.factory import create_app
from tests.load.preparing import ROOT, Prepared

AT_ONCE = 2000


def move_to(address: str, prepared: Prepared) -> None:
    """Fill the empty database at `address`; from now on `prepared.settings` name it."""
    source = create_engine(prepared.settings["database_url"])
    prepared.settings = {**prepared.settings, "database_url": address}
    app = create_app(prepared.settings)
    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        tables = list(db.metadata.tables.values())
        with source.connect() as from_there, db.engine.begin() as to_here:
            to_here.execute(text("SET session_replication_role = replica"))  # rows come in any order
            names = ", ".join(f'"{table.name}"' for table in tables)
            to_here.execute(text(f"TRUNCATE {names} CASCADE"))
            for table in tables:
                _move(table, from_there, to_here)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        db.engine.dispose()
    source.dispose()


def _move(table: Table, from_there: Connection, to_here: Connection) -> None:
    rows = [dict(row) for row in from_there.execute(select(table)).mappings()]
    for start in range(0, len(rows), AT_ONCE):
        to_here.execute(insert(table), rows[start : start + AT_ONCE])
    key = list(table.primary_key.columns)
    if len(key) == 1 and rows and isinstance(rows[0][key[0].name], int):
        last = select(func.max(key[0])).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, key[0].name)
        to_here.execute(select(func.setval(sequence, last)))
