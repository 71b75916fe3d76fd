"""Sockets and nothing else, under gunicorn's gevent worker: `python -m tests.load.fan_server PORT WAY`.

WAY is how messages go: `direct` and `stock` over our transport, or `theirs`, which is Flask-SocketIO as it comes.
`GET /say?messages=50&every=0.1&size=400` sends so many to the room everybody is in; `GET /state` tells of the process.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402
import resource  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
from flask import Flask, jsonify, request  # noqa: E402
from flask_socketio import Namespace, SocketIO, join_room  # noqa: E402
from gunicorn.app.base import BaseApplication  # noqa: E402
from gunicorn.arbiter import Arbiter  # noqa: E402

from app.live import fanout, transport  # noqa: E402
from app.live.topics import NAMESPACE  # noqa: E402

ROOM = "board"
socketio = SocketIO()
said: dict[str, int] = {"messages": 0, "dropped": 0}


class Everybody(Namespace):
    """Whoever connects is in the room."""

    def on_connect(self, _auth: Any = None) -> bool:
        join_room(ROOM)
        return True

    def on_watch(self, asked: Any = None) -> dict[str, Any]:
        return {"ok": True, "asked": asked}


def create_app(way: str) -> Flask:
    app = Flask(__name__)
    interval, timeout = float(os.environ.get("PING_INTERVAL", 25)), float(os.environ.get("PING_TIMEOUT", 20))
    socketio.init_app(
        app,
        async_mode="gevent",
        transports=["websocket"],
        cors_allowed_origins="*",
        manage_session=False,
        async_handlers=False,
        ping_interval=interval,
        ping_timeout=timeout,
        max_http_buffer_size=4096,
        http_compression=False,
        cookie=None,
    )
    socketio.on_namespace(Everybody(NAMESPACE))
    if way == "stock":
        fanout.EXPECTED = "something else"
    if way != "theirs":
        assert fanout.install(socketio) == way
        transport.count_drops_with(_count_drop)
    app.add_url_rule("/say", view_func=_say)
    app.add_url_rule("/state", view_func=_state)
    return app


def _count_drop() -> None:
    said["dropped"] += 1


def _say() -> Any:
    messages, every = request.args.get("messages", 1, int), request.args.get("every", 0.0, float)
    gevent.spawn(_say_all, messages, every, "x" * request.args.get("size", 100, int))
    return jsonify(ok=True)


def _say_all(messages: int, every: float, text: str) -> None:
    next_at = time.monotonic()
    for _ in range(messages):
        said["messages"] += 1
        fanout.broadcast(
            socketio, "counts", {"n": said["messages"], "at": time.monotonic(), "text": text}, ROOM
        )
        next_at += every
        gevent.sleep(max(0.0, next_at - time.monotonic()))


def _state() -> Any:
    used = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    sockets = socketio.server.eio.sockets if socketio.server else {}
    return jsonify(
        sockets=len(sockets),
        turns=gevent.get_hub().loop.iteration,
        seconds=used.ru_utime + used.ru_stime,
        bytes=pages * os.sysconf("SC_PAGE_SIZE"),
        **said,
    )


class Service(BaseApplication):
    def __init__(self, port: int, way: str) -> None:
        self._port, self._way = port, way
        super().__init__()

    def load_config(self) -> None:
        values = {
            "bind": f"127.0.0.1:{self._port}",
            "worker_class": "gevent",
            "workers": 1,
            "worker_connections": 20000,
            "backlog": 4096,
            "graceful_timeout": 1,
            "loglevel": "error",
            "control_socket_disable": True,
        }
        for name, value in values.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app(self._way)


if __name__ == "__main__":
    Arbiter(Service(int(sys.argv[1]), sys.argv[2])).run()
