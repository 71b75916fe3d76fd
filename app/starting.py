"""What every kind of process does before it serves: its settings, its port, the database it finds."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import tempfile
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from app.core.config import Settings, read_settings

MIGRATIONS = str(Path(__file__).resolve().parent.parent / "migrations")
FIRST_PASSED = 3
"""The number of the first file that systemd hands on, as sd_listen_fds(3) says."""

M_ARENA_MAX = -8
"""glibc's malloc.h."""
ARENAS = 2


class CannotStart(Exception):
    """Something outside has to change first; the message is the one sentence that says what."""


def share_memory() -> None:
    """Let all threads take their memory out of two pools, before there are any.

    glibc makes up to eight for each core, and what is free in one is of no use to another: a process of forty threads
    grows for hours. Elsewhere than on glibc there is nothing to do.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)


def address_of(listener: socket.socket) -> str:
    """What to type into a browser on this machine."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def checked_settings(overrides: dict[str, Any]) -> Settings:
    """The settings, in a data folder that can be written. Raises CannotStart, or WrongSetting, with a sentence."""
    folder = Path(overrides.get("data") or os.environ.get("DATA") or Settings.data).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        config = read_settings(overrides)
        kept = folder / "board.sqlite"
        if config.uses_sqlite and kept.exists() and not os.access(kept, os.W_OK):
            raise PermissionError(13, "the database file is read-only", str(kept))
    except OSError as error:
        raise CannotStart(
            f"The data folder {folder} cannot be written ({error.strerror}); choose another with --data FOLDER."
        ) from None
    return config


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises CannotStart with a sentence.

    One that systemd has opened and keeps open is preferred: whoever connects while a process is being replaced waits
    there for the next one.
    """
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1":
        del os.environ["LISTEN_PID"], os.environ["LISTEN_FDS"]  # ours now, handed to gunicorn like any other
        return socket.socket(fileno=FIRST_PASSED)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or error
        raise CannotStart(
            f"{host}:{port} cannot be used ({reason}); choose another with --port NUMBER."
        ) from None
    return listener


def require_database(config: Settings) -> None:
    """Of several processes none migrates. Raises CannotStart where the database is older than this version, or away.

    A newer one is served: during an update the old processes run on until the new ones are there.
    """
    known = ScriptDirectory(MIGRATIONS)
    engine = create_engine(config.database_url, hide_parameters=True)
    try:
        with engine.connect() as connection:
            found = set(MigrationContext.configure(connection).get_current_heads())
    except OperationalError as error:
        raise CannotStart(f"The database does not answer: {error.orig}") from None
    finally:
        engine.dispose()
    revisions = {script.revision for script in known.walk_revisions()}
    if found != set(known.get_heads()) and found <= revisions:
        raise CannotStart("The database is not prepared for this version; run: flask --app wsgi db upgrade")
