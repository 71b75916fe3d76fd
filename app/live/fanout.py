"""A message to everybody in a room: encoded and framed once, and written straight to each socket.

`install` is called once by the process that holds the sockets; without it, as in the default process, `broadcast` is
Flask-SocketIO's own way. docs/decisions/fanout.md
"""

from __future__ import annotations

import hashlib
import inspect
from typing import Any

import engineio
import socketio as python_socketio
import structlog
from engineio.base_socket import BaseSocket
from engineio.socket import Socket
from flask_socketio import SocketIO
from socketio.base_manager import BaseManager
from socketio.packet import Packet

from app.live.topics import NAMESPACE

log = structlog.get_logger(__name__)

EXPECTED = "2b591de2b7b4b334247913f9dd1ab0a0fadcc5665f45a24423898d249507d1ee"
"""Of the sources in `_inside`, which `app.live.engine` and `broadcast` stand in for. When they change (a test says so):
read what changed, bring ours in line, and write down the new value, which `python -m app.live.fanout` prints."""


def broadcast(socketio: SocketIO, name: str, message: dict[str, Any], room: str) -> None:
    """Send a message to every socket of this process that is in the room. Never blocks on a slow one."""
    server = socketio.server
    write_all = getattr(server.eio, "write_all", None)
    packet = None
    if write_all is not None:
        packet = server.packet_class(data=[name, message], namespace=NAMESPACE).encode()
    if write_all is None or not isinstance(packet, str):  # a list: bytes within, which none of ours has
        socketio.emit(name, message, namespace=NAMESPACE, to=room)
        return
    heard_by = server.manager.rooms.get(NAMESPACE, {}).get(room)
    if heard_by:
        write_all(list(heard_by.values()), server.eio.message_of(packet))


def install(socketio: SocketIO) -> str:
    """Give the sockets of a gevent process our transport; returns and logs which way messages go, "direct" or "stock".

    Call it after `init_app` and before the first connection. Raises RuntimeError where not even the transport fits:
    better no live process than one that damages what slow pages receive.
    """
    from app.live.driver import Driver  # these need gevent, which the default process does without
    from app.live.engine import Engine

    server = socketio.server
    drivers = getattr(server.eio, "_async", None)
    if server.async_mode != "gevent" or not isinstance(drivers, dict) or "websocket" not in drivers:
        raise RuntimeError("The live process needs python-engineio with its driver for gevent.")
    server.eio._async = {**drivers, "websocket": Driver}
    against = _unexpected(server)
    if against:
        log.warning("fanout", way="stock", because=against)
        return "stock"
    Engine.adopt(server.eio)
    log.info("fanout", way="direct")
    return "direct"


def _unexpected(server: Any) -> str:
    """Why messages cannot go the direct way; empty if they can."""
    if type(server.manager) is not python_socketio.Manager:
        return "rooms are kept elsewhere"
    if server.eio.transports != ["websocket"]:
        return "there are other transports than websockets"
    if type(server.eio) is not engineio.Server or server.eio.sockets:
        return "the server is not fresh"
    try:
        return "" if fingerprint() == EXPECTED else "python-engineio or python-socketio has changed inside"
    except OSError:
        return "the sources of the libraries are not at hand"


def fingerprint() -> str:
    """Of the libraries' inside as it is here. Raises OSError where there are no sources."""
    inside = (
        engineio.Server,
        Socket,
        BaseSocket,
        BaseManager,
        python_socketio.Manager.emit,
        Packet.encode,
        python_socketio.Server._send_eio_packet,
    )
    return hashlib.sha256("".join(map(inspect.getsource, inside)).encode()).hexdigest()


if __name__ == "__main__":
    print(fingerprint())
