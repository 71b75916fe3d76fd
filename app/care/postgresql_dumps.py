"""A backup of a PostgreSQL board: `pg_dump` of one moment, proved by bringing it back beside the original."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from app.care.kept import NotDone, Rows, on_disk

SCHEMA = "public"
_WHOLE = ("--no-owner", "--no-privileges", f"--schema={SCHEMA}")
_COPY = re.compile(rb'COPY public\."?([a-z_]+)"? ')


class Server:
    """A PostgreSQL database, and the programmes of the same machine that copy it."""

    def __init__(self, database_url: str, pg_dump: str) -> None:
        url = make_url(database_url).set(drivername="postgresql")
        self._password = url.password
        self._address = url._replace(password=None)  # `set` would keep it
        self._pg_dump = _found(pg_dump or "pg_dump")
        self._pg_restore = _found(str(Path(self._pg_dump).with_name("pg_restore")))

    @contextlib.contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection that commits each statement."""
        address = self._address.render_as_string(hide_password=False)
        with psycopg.connect(address, password=self._password, autocommit=True) as made:
            yield made

    def dump(self, target: Path) -> Rows:
        """Write one moment into `target`. Returns its rows, counted at that same moment."""
        with self.connection() as connection:
            connection.execute("SET idle_in_transaction_session_timeout = 0")
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            [snapshot] = _one(connection.execute("SELECT pg_export_snapshot()"))
            rows = rows_of(connection)
            words = ("--format=custom", f"--schema={SCHEMA}", "--no-owner", "--no-privileges")
            self._run(self._pg_dump, *words, f"--snapshot={snapshot}", f"--file={target}", self._to())
        target.chmod(0o600)
        on_disk(target)
        return rows

    def proved(self, file: Path) -> tuple[Rows, str]:
        """Bring a dump back into a database of its own and count. Returns its rows, and its migration's number.

        Where the role may make no databases, the dump is read through to its end and its rows are counted there.
        """
        name = f"cip_proof_{uuid.uuid4().hex[:12]}"
        with self.connection() as connection:
            try:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
                )
            except psycopg.errors.InsufficientPrivilege:
                return self.read_through(file)
            try:
                self._bring_back(file, name)
                address = self._address.set(database=name).render_as_string(hide_password=False)
                with psycopg.connect(address, password=self._password, autocommit=True) as proof:
                    return rows_of(proof), _revision(proof)
            finally:
                connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )

    def read_through(self, file: Path) -> tuple[Rows, str]:
        """Unpack a whole dump, without a database. Returns its rows and its migration's number. Raises NotDone."""
        rows: Rows = {}
        table, revision = "", ""
        command = [self._pg_restore, "--data-only", "--file=-", str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reading:
            for line in reading.stdout or ():
                if table:
                    if line == b"\\.\n":
                        table = ""
                        continue
                    rows[table] += 1
                    revision = line.decode().strip() if table == "alembic_version" else revision
                elif found := _COPY.match(line):
                    table = found[1].decode()
                    rows[table] = 0
            said = reading.stderr.read().decode(errors="replace") if reading.stderr else ""
        if reading.returncode or table or not rows:
            raise NotDone(f"{file} is no backup of a board on PostgreSQL ({_last(said) or 'nothing in it'}).")
        return rows, revision

    def put_in_place(self, file: Path, aside: str) -> bool:
        """Make the database what the dump is; what was there stays in the schema `aside`. Returns whether anything was.

        One transaction: wherever this is cut off, all is as it was. Nobody else may be connected. Raises NotDone.
        """
        with self.connection() as connection:
            self._refuse_company(connection)
        begin = f"BEGIN;\nALTER SCHEMA {SCHEMA} RENAME TO {aside};\nCREATE SCHEMA {SCHEMA};\n"
        quiet = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={self._to()}")
        unpack = [self._pg_restore, *_WHOLE, "--file=-", str(file)]
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as unpacking_said:
            unpacking = subprocess.Popen(unpack, stdout=subprocess.PIPE, stderr=unpacking_said)
            taking = subprocess.Popen(
                [_found(str(Path(self._pg_dump).with_name("psql"))), *quiet],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, env=self._environment(),
            )  # fmt: skip
            with contextlib.suppress(BrokenPipeError), unpacking, taking:  # one that fails ends the other
                _hand_over(unpacking, taking, begin)
            if unpacking.returncode or taking.returncode:
                raise NotDone(
                    f"The dump could not be brought back: {_last(_all(said) or _all(unpacking_said))}"
                )
        with self.connection() as connection:
            was_there = bool(rows_of(connection, aside))
            if not was_there:
                connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(aside)))
        return was_there

    def _refuse_company(self, connection: psycopg.Connection[Any]) -> None:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        [count] = _one(connection.execute(f"{others} AND backend_type = 'client backend'"))
        if count:
            raise NotDone(
                f"The database is in use ({count} connections). Stop the board (and other commands) first."
            )

    def _bring_back(self, file: Path, database: str) -> None:
        words = (*_WHOLE, "--exit-on-error", "--single-transaction")
        self._run(self._pg_restore, *words, f"--dbname={self._to(database)}", str(file))

    def _to(self, database: str | None = None) -> str:
        address = self._address.set(database=database) if database else self._address
        return address.render_as_string(hide_password=False)

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, env=self._environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotDone(f"{Path(command[0]).name} failed: {_last(done.stderr)}")

    def _environment(self) -> dict[str, str]:
        """With the password: what a process is called with, everybody on the machine can read."""
        return {**os.environ, **({"PGPASSWORD": str(self._password)} if self._password else {})}


def _hand_over(unpacking: subprocess.Popen[bytes], taking: subprocess.Popen[bytes], begin: str) -> None:
    """Let one programme take what the other unpacks, and say COMMIT only once all of it has come."""
    if unpacking.stdout is None or taking.stdin is None:
        return
    taking.stdin.write(begin.encode())
    shutil.copyfileobj(unpacking.stdout, taking.stdin, 1 << 16)
    if unpacking.wait() == 0:
        taking.stdin.write(b"COMMIT;\n")
    taking.stdin.close()


def _all(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def rows_of(connection: psycopg.Connection[Any], schema: str = SCHEMA) -> Rows:
    """Rows by table of a schema."""
    listed = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,)).fetchall()
    count = sql.SQL("SELECT count(*) FROM {}")
    return {
        name: _one(connection.execute(count.format(sql.Identifier(schema, name))))[0]
        for (name,) in sorted(listed)
    }


def _revision(connection: psycopg.Connection[Any]) -> str:
    return str(_one(connection.execute("SELECT version_num FROM alembic_version"))[0])


def _one(cursor: psycopg.Cursor[Any]) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        raise NotDone("The database has no migration's number: it is no board's.")
    return row


def _found(programme: str) -> str:
    path = shutil.which(programme)
    if path is None:
        raise NotDone(
            f"{programme} is not there. Install PostgreSQL's client programmes, or name pg_dump in PG_DUMP."
        )
    return path


def _last(said: str) -> str:
    lines = [line for line in said.strip().splitlines() if line.strip()]
    return lines[-1] if lines else ""
