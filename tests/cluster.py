"""The scaled-out board for tests: PostgreSQL, Valkey, some `web` and `live` processes, each on a port of its own.

Nothing stands in front: pages and writes go to `cluster.web[0].url`, sockets to `cluster.live[0].url` (their `Origin`
is that address, unless `public_url` says otherwise). Cookies belong to the host, so they are good for every port.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from sqlalchemy.engine import make_url

from tests.engines import Postgres, Valkey, end
from tests.servers import ROOT, Board


class Web(Board):
    """Pages, and no sockets."""

    patience = 20.0


class Live(Board):
    """Sockets, and no pages."""

    programme = ("app.live_main",)
    patience = 20.0


class Stock(Live):
    """Sockets, where messages go the slower way of the libraries."""

    programme = ("tests.stock_live",)


class Cluster:
    """`with Cluster(web=2, live=2, changes_kept=50) as cluster:`; settings are those of every process.

    `durable`: PostgreSQL is on the disk and its commits wait for it, for what is measured.
    `TEST_DATABASE_URL` and `TEST_REDIS_URL` name servers that run already; then `postgres` or `valkey` is None, and
    they cannot be stopped by a test. The database is fresh, migrated, and gone afterwards.
    """

    def __init__(
        self,
        web: int = 1,
        live: int = 1,
        folder: Path | None = None,
        *,
        durable: bool = False,
        **settings: Any,
    ) -> None:
        self._kept = tempfile.TemporaryDirectory(prefix="cluster-", ignore_cleanup_errors=True)
        self.folder = folder or Path(self._kept.name)
        self.postgres = None if os.environ.get("TEST_DATABASE_URL") else Postgres(durable=durable)
        self.valkey = None if os.environ.get("TEST_REDIS_URL") else Valkey()
        self.redis_url: str = self.valkey.url if self.valkey else os.environ["TEST_REDIS_URL"]
        self._server: str = self.postgres.url if self.postgres else os.environ["TEST_DATABASE_URL"]
        self._name = f"cluster_{uuid.uuid4().hex[:12]}"
        self.database_url = self._address(self._name)
        self._given = settings
        self._numbers = itertools.count()
        self.web = [self._made(Web, "web") for _ in range(web)]
        self.live = [self._made(Live, "live") for _ in range(live)]

    def settings(self, process: str) -> dict[str, Any]:
        """Of a process of this kind (`all`, `web`, `live`)."""
        return {
            "secret_key": "only-for-tests-" + "x" * 32,
            "database_url": self.database_url,
            "redis_url": self.redis_url,
            "process": process,
            "rate_limits": False,
            "assets": "local",
            **self._given,
        }

    def add(self, process: str) -> Board:
        """One more `web`, `live` or `stock` process, started and counted among the others."""
        kind = {"web": Web, "live": Live, "stock": Stock}[process]
        others = self.web if process == "web" else self.live
        made = self._made(kind, "web" if process == "web" else "live")
        others.append(made)
        return made.start()

    def _made(self, kind: type[Board], process: str) -> Board:
        data = self.folder / f"{process}-{next(self._numbers)}"
        data.mkdir(parents=True)
        return kind(data, **self.settings(process))

    def _address(self, name: str) -> str:
        url = make_url(self._server).set(drivername="postgresql", database=name)
        return url.render_as_string(hide_password=False)

    def _command(self, sql: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(sql)  # names are our own

    def start(self) -> Self:
        """Start everything, migrated. What has started ends again where something does not."""
        try:
            for engine in (self.postgres, self.valkey):
                if engine:
                    engine.start()
            self._command(f"CREATE DATABASE {self._name}")
            self.flask("db", "upgrade")
            for board in (*self.web, *self.live):
                board.open()
            for board in (*self.web, *self.live):
                board.wait()
        except BaseException:
            self.close()
            raise
        return self

    def flask(self, *command: str) -> str:
        """Run `flask <command>` as an operator of this board would; returns what it prints."""
        data = self.folder / "commands"
        data.mkdir(exist_ok=True)
        board = Board(data, **self.settings("all"))
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *command],
            cwd=ROOT,
            env=board.environment(),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"flask {' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def stop(self) -> None:
        """End the processes of the board as an operator does; the servers go on."""
        running = self._running()
        for board in running:
            board.ask_to_stop()
        for board in running:
            if board.process is not None:
                end(board.process, board.patience)

    def _running(self) -> list[Board]:
        boards = (*self.live, *self.web)
        return [board for board in boards if board.process is not None and board.process.poll() is None]

    def close(self) -> None:
        """End everything, whatever state it is in."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.stop()
        for board in self._running():
            board.kill()
        with contextlib.suppress(psycopg.OperationalError):  # it may be down: that was the test
            self._command(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")
        for engine in (self.valkey, self.postgres):
            if engine:
                engine.close()
        self._kept.cleanup()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()
