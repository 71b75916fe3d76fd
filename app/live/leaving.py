"""A process that ends sends its pages to another one: not all of them at once."""

from __future__ import annotations

from flask_socketio import SocketIO

from app.live.topics import NAMESPACE

A_PAGE = 0.005
SHORTEST, LONGEST = 0.5, 10.0


def within(pages: int) -> float:
    """Seconds in which so many pages are to come back, each at a random moment: 200 a second, ten seconds at most."""
    return min(LONGEST, max(SHORTEST, A_PAGE * pages))


def send_home(socketio: SocketIO) -> None:
    """Tell every page of this process that it ends. They stay connected, and are told everything, until they go."""
    pages = len(socketio.server.eio.sockets)
    socketio.emit("bye", {"within": round(1000 * within(pages))}, namespace=NAMESPACE)
