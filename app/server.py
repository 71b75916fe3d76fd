"""The board as one programme: prepares its data folder, then serves pages and websockets until Ctrl-C.

gunicorn with one process of many threads, since without Redis the sockets of a board must share a memory. Whoever
watches a board holds one thread. With PROCESS=web it serves pages only, as one of several.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
import time
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import flask_migrate
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

from app.accounts.actions.organisers import make_organiser_link
from app.core import mail, metrics
from app.core.config import Settings, WrongSetting
from app.core.extensions import db, socketio
from app.factory import create_app
from app.ideas import languages
from app.ideas.actions.sampling import load_sample
from app.live.delivery import delivery
from app.live.seats import Seats
from app.notices.timer import start_timer
from app.starting import (
    MIGRATIONS,
    CannotStart,
    address_of,
    checked_settings,
    listen,
    require_database,
    share_memory,
)

THREADS = 320
SOCKETS = 256  # of the threads; the others serve pages
STOPS_WITHIN = 1.5  # seconds; a request that takes longer is cut off, and sent again by its page
WEB_THREADS = 40
WEB_STOPS_WITHIN = 20  # seconds; nobody waits for this process, the others serve


def main(arguments: list[str] | None = None) -> int:
    """Prepare and serve; returns the exit code, 1 with one sentence where it cannot start."""
    chosen = _parser().parse_args(arguments)
    share_memory()
    overrides = {"data": Path(chosen.data)} if chosen.data else {}
    try:
        config = checked_settings(overrides)
        if config.process == "live":
            raise CannotStart("PROCESS=live is another programme: python -m app.live_main")
        if config.process == "web":
            require_database(config)
        with listen(chosen.host, chosen.port) as listener:
            address = address_of(listener)
            if config.process == "all" and not _prepared(
                overrides, config, address, sample=not chosen.no_sample
            ):
                return 1
            service = _Web if config.process == "web" else _Service
            Arbiter(service(overrides, listener, address)).run()
    except (CannotStart, WrongSetting) as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tasks.py run", description="Open the board.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=5000, help="port to listen on (default: %(default)s)")
    parser.add_argument("--data", metavar="FOLDER", help="folder for everything kept (default: ./data)")
    parser.add_argument("--no-sample", action="store_true", help="start with empty boards")
    return parser


# --- before anybody is served -----------------------------------------------------------------------------------


def _prepared(overrides: dict[str, Any], config: Settings, address: str, *, sample: bool) -> bool:
    """Bring the database up to date in a process of its own: nothing it opens is carried into the server."""
    worker = get_context("fork").Process(target=_prepare, args=(overrides, config, address, sample))
    worker.start()
    worker.join()
    return worker.exitcode == 0


def _prepare(overrides: dict[str, Any], config: Settings, address: str, sample: bool) -> NoReturn:
    try:
        app = create_app(overrides)
        with app.app_context():
            is_first_start = not inspect(db.engine).has_table("alembic_version")
            flask_migrate.upgrade(directory=MIGRATIONS)
            if is_first_start:
                _begin(config, address, sample)
    except OperationalError as error:
        print(f"The database does not answer: {error.orig}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0)


def _begin(config: Settings, address: str, sample: bool) -> None:
    if sample:
        load_sample()
    token = make_organiser_link()
    print(
        f"To become organiser, open this link once: {config.public_url or address}/organiser/{token}",
        flush=True,
    )


# --- serving ----------------------------------------------------------------------------------------------------


class _Service(BaseApplication):
    """gunicorn, configured here and nowhere else."""

    def __init__(self, overrides: dict[str, Any], listener: socket.socket, address: str) -> None:
        self._overrides = overrides
        self._listener = listener
        self._address = address
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.values().items():
            self.cfg.set(name, value)

    def values(self) -> dict[str, Any]:
        """What gunicorn is told."""
        return {
            "bind": f"fd://{self._listener.detach()}",
            "worker_class": Worker,
            "workers": 1,
            "threads": THREADS,
            "worker_connections": 4 * THREADS,
            "keepalive": 15,
            "graceful_timeout": 10,  # after that the process is killed; it ends itself before
            "limit_request_line": 8190,
            "forwarded_allow_ips": "",  # core.security believes proxies, as many as PROXIES says
            "forwarder_headers": "",  # nobody's SCRIPT_NAME
            "loglevel": "error",
            "control_socket_disable": True,
            "post_worker_init": self._say_so,
            "child_exit": lambda _arbiter, worker: metrics.worker_ended(worker.pid),
        }

    def load(self) -> Flask:
        app = create_app(self._overrides)
        app.extensions["open_at"] = self._address
        self._app = app
        app.wsgi_app = Seats(app.wsgi_app, SOCKETS)  # type: ignore[method-assign]
        return app

    def _say_so(self, worker: Worker) -> None:
        threading.Thread(target=languages.get_ready, name="languages", daemon=True).start()
        start_timer(self._app)
        if worker.age == 1:
            print(f"Cities in Progress is open at {self._address}", flush=True)


class _Web(_Service):
    """Pages only: no thread is held by an open page, and there is time to finish what was begun."""

    def values(self) -> dict[str, Any]:
        return {
            **super().values(),
            "worker_class": WebWorker,
            "threads": WEB_THREADS,
            "worker_connections": 1024,
            "graceful_timeout": WEB_STOPS_WITHIN,
        }


class WebWorker(ThreadWorker):
    """Ends when all that has come to it is answered, its letters are on their way and its events are said."""

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        self.handle_exit(sig, frame)  # Ctrl-C reaches this process too

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not self.alive and not enabled:
            self._close_door()

    def _close_door(self) -> None:
        """Take in those who already stand there: a connection that nobody took would be cut off at the end.

        From now on the next one is refused at once, and whoever distributes them asks another process.
        """
        for listener in self.sockets:
            taken = -1
            while taken != self.nr_conns:
                taken = self.nr_conns
                self.accept(listener)
            listener.close()

    def run(self) -> None:
        super().run()
        mail.settle()
        if delivery.sender is not None:
            delivery.sender.settle(2.0)


class Worker(ThreadWorker):
    """Ends in time although every open page holds a websocket, and never half-way through an answer it can finish."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.alive:
            return
        super().handle_exit(sig, frame)
        threading.Thread(target=self._let_go, daemon=True).start()

    handle_quit = handle_exit  # Ctrl-C reaches this process too, and a letter may be on its way

    def _let_go(self) -> None:
        deadline = time.monotonic() + STOPS_WITHIN
        if socketio.server is not None:
            for page in list(socketio.server.eio.sockets.values()):
                page.queue.put(None)  # its writer closes the websocket; the page looks for the next server
        posted = threading.Thread(target=mail.settle, daemon=True)
        posted.start()
        posted.join(STOPS_WITHIN / 2)
        time.sleep(max(0.0, deadline - time.monotonic()))
        os._exit(0)

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(min(deadline, time.monotonic() + 0.2))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.exit(main())
