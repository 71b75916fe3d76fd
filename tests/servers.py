"""Real servers for the tests: PostgreSQL and Valkey out of their wheels, and the board as people run it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, Self

from tests.engines import Postgres, Valkey, end, free_port

ROOT = Path(__file__).resolve().parent.parent


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own for as long as the block lasts; yields its address.

    `TEST_DATABASE_URL` takes precedence: then nothing is started. As root the server runs as *nobody*.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with Postgres() as server:
        yield server.url


@contextlib.contextmanager
def valkey() -> Iterator[str]:
    """A Valkey server of our own; yields its `redis://` address. `TEST_REDIS_URL` takes precedence."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    with Valkey() as server:
        yield server.url


class Board:
    """The product as people run it: one process group on a free port, with a data folder of its own."""

    programme: tuple[str, ...] = ("app.server", "--no-sample")
    patience = 10.0
    """Seconds it may take to end."""

    def __init__(self, data: Path, **settings: Any) -> None:
        self.data = data
        self.settings = {"data": data, "secret_key": "only-for-tests-" + "x" * 32, **settings}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data / f"server-{self.port}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        """Ours without the settings of the shell, and with those of this board."""
        from app.core.config import Settings

        names = {field.name.upper() for field in fields(Settings)}
        environment = {name: value for name, value in os.environ.items() if name not in names}
        for name, value in self.settings.items():
            environment[name.upper()] = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        return environment

    def start(self) -> Self:
        """Start and wait until `/readyz` says yes (at most 90 s)."""
        self.open()
        return self.wait()

    def open(self) -> None:
        """Start, and do not wait."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.programme, "--port", str(self.port)],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> Self:
        """Wait until `/readyz` says yes (at most 90 s)."""
        assert self.process is not None
        deadline = time.monotonic() + 90
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5):
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"The board did not start:\n{self.log.read_text()[-4000:]}")

    @property
    def pid(self) -> int:
        """Of the process that Ctrl-C would reach."""
        assert self.process is not None
        return self.process.pid

    def stop(self) -> int:
        """End it as Ctrl-C does; returns the exit code."""
        self.ask_to_stop()
        assert self.process is not None
        return end(self.process, self.patience)

    def ask_to_stop(self) -> None:
        """What Ctrl-C does, without waiting for the end."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def main(command: list[str]) -> int:
    """Run a command with `TEST_DATABASE_URL` naming a fresh PostgreSQL; returns its exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server is stopped, too
    with postgres() as address:
        return subprocess.call(command, env={**os.environ, "TEST_DATABASE_URL": address})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
