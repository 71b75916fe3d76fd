"""The process for sockets alone: `python -m app.live_main --port 5001`, with PROCESS=live, any number of them.

gunicorn with one gevent worker: an open page costs a greenlet and some buffers instead of a thread. The standard
library is made cooperative before anything else is imported; delivery's thread and the bus are greenlets here.
"""

from gevent import monkey

monkey.patch_all()

# ruff: noqa: E402
import argparse
import resource
import signal
import socket
import sys
import time
from functools import partial
from types import FrameType

import gevent
from flask import Flask
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.ggevent import GeventWorker

from app.core import metrics
from app.core.config import WrongSetting
from app.core.extensions import socketio
from app.factory import create_app
from app.live.delivery import delivery
from app.live.fanout import install
from app.live.leaving import send_home, within
from app.live.seats import Seats
from app.live.transport import count_drops_with
from app.starting import CannotStart, address_of, checked_settings, listen, require_database

SOCKETS = 12_000
STOPS_WITHIN = 20  # seconds, after which the process is killed; it ends itself before
LINGERS = 2.0  # seconds after the last page should have gone


def main(arguments: list[str] | None = None) -> int:
    """Serve until it is told to end; returns the exit code, 1 with one sentence where it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m app.live_main", description="Hold the sockets.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=5001, help="port to listen on (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    try:
        config = checked_settings({})
        if config.process != "live":
            raise CannotStart("Set PROCESS=live: this programme holds sockets and shows no pages.")
        require_database(config)
        _allow_many_files()
        with listen(chosen.host, chosen.port) as listener:
            Arbiter(_Service(listener, address_of(listener))).run()
    except (CannotStart, WrongSetting) as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _allow_many_files() -> None:
    """A socket is an open file: as many as the machine allows, instead of the 1,024 that are usual."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class _Service(BaseApplication):
    """gunicorn, configured here and nowhere else."""

    def __init__(self, listener: socket.socket, address: str) -> None:
        self._listener, self._address = listener, address
        super().__init__()

    def load_config(self) -> None:
        values = {
            "bind": f"fd://{self._listener.detach()}",
            "worker_class": Worker,
            "workers": 1,
            "worker_connections": SOCKETS + 100,
            "keepalive": 15,
            "graceful_timeout": STOPS_WITHIN,
            "limit_request_line": 8190,
            "forwarded_allow_ips": "",  # core.security believes proxies, as many as PROXIES says
            "forwarder_headers": "",
            "loglevel": "error",
            "control_socket_disable": True,
            "post_worker_init": self._begin,
        }
        for name, value in values.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        app = create_app()
        app.wsgi_app = Seats(app.wsgi_app, SOCKETS)  # type: ignore[method-assign]
        return app

    def _begin(self, worker: "Worker") -> None:
        install(socketio)
        count_drops_with(partial(metrics.dropped, "page"))
        delivery.listen()
        if worker.age == 1:
            print(f"Sockets are open at {self._address}", flush=True)


class Worker(GeventWorker):
    """Ends by sending its pages to another process, a few at a time."""

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        self.handle_exit(sig, frame)  # Ctrl-C reaches this process too

    def run(self) -> None:
        pool = Pool(self.worker_connections)
        servers = []
        for listener in self.sockets:
            listener.setblocking(True)
            servers.append(StreamServer(listener, handle=partial(self.handle, listener), spawn=pool))
        for server in servers:
            server.start()
        while self.alive:
            self.notify()
            gevent.sleep(0.1)
        for server in servers:
            server.close()  # first, so that none comes back to where it was sent away
        self._empty(pool)

    def _empty(self, pool: Pool) -> None:
        pages = len(socketio.server.eio.sockets)
        send_home(socketio)
        deadline = time.monotonic() + within(pages) + LINGERS
        while len(pool) and time.monotonic() < deadline:
            self.notify()
            gevent.sleep(0.05)
        if delivery.presence is not None:
            delivery.presence.leave()
        for page in list(socketio.server.eio.sockets.values()):
            page.close(wait=False)
        pool.join(timeout=1.0)
        if delivery.sender is not None:
            delivery.sender.settle(1.0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.exit(main())
