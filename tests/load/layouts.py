"""The product as it is laid out to be measured: one process on SQLite or PostgreSQL, or `web` and `live` processes.

Whatever the layout, a measurement asks for the ports of pages and sockets, the database, and what each part has worked.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from tests.cluster import Cluster
from tests.engines import Postgres
from tests.load.machine import memory, on_first_cores, worked
from tests.servers import Board


@dataclass
class Layout:
    """A running product. `parts` are its processes by what they are called in a table."""

    name: str
    settings: dict[str, Any]
    web: Sequence[Board]
    live: Sequence[Board]
    engines: dict[str, Any] = field(default_factory=dict)

    @property
    def database_url(self) -> str:
        """Where its rows are."""
        return str(self.settings["database_url"])

    @property
    def parts(self) -> dict[str, int]:
        """Process ids by name."""
        found = {"board": self.web[0].pid} if self.web[0] is self.live[0] else {}
        if not found:
            found |= {f"web {number + 1}": board.pid for number, board in enumerate(self.web)}
            found |= {f"live {number + 1}": board.pid for number, board in enumerate(self.live)}
        return found | {name: engine.process.pid for name, engine in self.engines.items()}

    def worked(self) -> dict[str, float]:
        """Processor seconds of each part so far, with those it started."""
        return {name: worked(pid) for name, pid in self.parts.items()}

    def memory(self) -> dict[str, int]:
        """Bytes each part holds, what it shares counted in parts."""
        return {name: memory(pid) for name, pid in self.parts.items()}


@contextmanager
def one_process(
    on: str = "sqlite",
    *,
    kind: type[Board] = Board,
    cores: int | None = None,
    durable: bool = False,
    **more: Any,
) -> Iterator[Layout]:
    """The default: pages and sockets in one process, `on` SQLite or PostgreSQL.

    `kind` is how it is started, `cores` how many it has for itself, `durable` whether PostgreSQL waits for the disk.
    """
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(
                    prefix="board-", dir=more.pop("folder", None), ignore_cleanup_errors=True
                )
            )
        )
        settings = {"data": folder, "secret_key": "only-for-measuring-" + "x" * 32, "rate_limits": False}
        settings |= {"assets": "local", "database_url": f"sqlite:///{folder / 'board.sqlite'}", **more}
        engines = {}
        if on == "postgresql":
            engines["postgresql"] = stack.enter_context(Postgres(durable=durable))
            settings["database_url"] = engines["postgresql"].url
        board = kind(**settings)
        stack.callback(_kill, board)
        with on_first_cores(cores):
            board.start()
        name = {"sqlite": "one process, SQLite", "postgresql": "one process, PostgreSQL"}[on]
        yield Layout(name, settings, [board], [board], engines)


@contextmanager
def scaled_out(web: int = 1, live: int = 1, **more: Any) -> Iterator[Layout]:
    """`web` and `live` processes over PostgreSQL and Valkey of our own."""
    with Cluster(web=web, live=live, **more) as cluster:
        yield layout_of(cluster)


def layout_of(cluster: Cluster) -> Layout:
    """A running cluster as something to measure."""
    engines = {"postgresql": cluster.postgres, "redis": cluster.valkey}
    return Layout(
        f"{len(cluster.web)} web, {len(cluster.live)} live, PostgreSQL, Redis",
        {**cluster.settings("all"), "data": cluster.folder / "commands"},
        cluster.web,
        cluster.live,
        {name: engine for name, engine in engines.items() if engine is not None},
    )


def _kill(board: Board) -> None:
    if board.process is not None:
        board.kill()


def analyse(database_url: str) -> None:
    """Let PostgreSQL look at what was just written in bulk, as its own housekeeping would within a minute."""
    if not database_url.startswith("postgres"):
        return
    address = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
