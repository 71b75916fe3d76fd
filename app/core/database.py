"""How the two databases are opened, and the column types all models share."""

from __future__ import annotations

import functools
import json
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    column,
    event,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import InvalidatePoolError, InvalidRequestError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.core.errors import NotThere
from app.core.extensions import db

WRITING = "writing"
RESTED = 1.0
"""Seconds after which a connection to PostgreSQL may have gone unnoticed."""
_ALWAYS = {"hide_parameters": True}
"""Errors are logged: with the statement, never with the names, addresses and texts that were to be written."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment; stored and returned in UTC, on SQLite too, which keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Numbers(TypeDecorator[list[int]]):
    """Some ids as one parameter of a statement: an array, or JSON where there are none. See `among`."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Integer) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else json.dumps(value)


class _Among(ColumnElement[bool]):
    """What `among` makes."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals = [
        ("column", InternalTraversal.dp_clauseelement),
        ("numbers", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[int], numbers: ColumnElement[list[int]]) -> None:
        self.column, self.numbers = column, numbers


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.column == func.any(element.numbers), **kw)


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    numbers: Select[Any] = select(column("value")).select_from(func.json_each(element.numbers))
    return compiler.process(element.column.in_(numbers), **kw)


def among(ids: Any, name: str) -> ColumnElement[bool]:
    """Whether the column `ids` is one of the ids in the parameter `name`, a list.

    The statement has the same text for one id and for three hundred, so it is made once, and prepared once; `in_`
    writes a new one for each length. For what every open page asks again and again.
    """
    return _Among(ids, bindparam(name, type_=Numbers()))


def engine_options(database_url: str) -> dict[str, Any]:
    """Pool and driver options for `SQLALCHEMY_ENGINE_OPTIONS`."""
    if database_url.startswith("sqlite"):
        return {**_ALWAYS, "pool_size": 10, "max_overflow": 30, "connect_args": {"timeout": 15}}
    # As many are kept as a busy process uses at once: making one takes the server longer than an upvote does.
    return {**_ALWAYS, "pool_size": 20, "max_overflow": 10, "pool_use_lifo": True}


def prepare_postgresql(engine: Engine) -> None:
    """Ask a connection that has rested whether it is still there, before it is used; a busy one would have noticed."""

    @event.listens_for(engine, "checkin")
    def _checkin(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _checkout(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get("rests_since")
        if since is None or time.monotonic() - since < RESTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as gone:
            raise InvalidatePoolError() from gone  # all of that age; another one is tried at once


def prepare_sqlite(engine: Engine) -> None:
    """WAL, full durability, foreign keys; a writer says so at BEGIN instead of failing at its first write."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=15000",
            "cache_size=-16000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writing = connection.get_execution_options().get(WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def is_id(number: int) -> bool:
    """Whether a row can have this id. About larger numbers the databases cannot even be asked."""
    return 0 < number < 2**31


def id_in(text: object) -> int:
    """The id that a text from an address or a form names; 0, which no row has, where it names none."""
    digits = str(text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


def lock(row: Any) -> None:
    """Read a row afresh and keep others from changing it until the commit. Raises NotThere where it is gone.

    Others may refer to it meanwhile: a notice to somebody whose badge is being changed does not wait for that.
    """
    try:
        db.session.refresh(row, with_for_update={"key_share": True})
    except InvalidRequestError as gone:
        raise NotThere() from gone


def insert_if_new(table: Any, **values: Any) -> bool:
    """Insert one row of a model unless a unique constraint already holds its like. Returns whether it is new."""
    session = db.session()
    statement = _insert_if_new(table.__table__, session.get_bind().dialect.name)
    return session.execute(statement, values).first() is not None


@functools.cache
def _insert_if_new(table: Table, dialect: str) -> Any:
    insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
    # Not by the row count: PostgreSQL's driver says -1 here.
    return insert(table).on_conflict_do_nothing().returning(literal_column("1"))
