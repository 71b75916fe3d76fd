"""Open sockets looked after: they are closed when the right to listen ends, or when they are not read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog
from flask_socketio import SocketIO

from app.core import metrics
from app.live.rights import revoked_screens, without_right
from app.live.rooms import Rooms
from app.live.topics import NAMESPACE, watchers

log = structlog.get_logger(__name__)

WAITING_AT_MOST = 500
"""Messages kept for a page that does not read them. Beyond, its socket is closed; it comes back and catches up."""


def close(socketio: SocketIO, sids: Sequence[str]) -> None:
    """Close these sockets, as they are named on our namespace."""
    for sid in sids:
        socketio.server.disconnect(sid, namespace=NAMESPACE)


def end_what_ended(rooms: Rooms, close: Callable[[Sequence[str]], None]) -> None:
    """Close the sockets of those whose rights have ended, also where another process or a command ended them."""
    standing = watchers.standing()
    rooms.tell_screens(revoked_screens(standing), revoked=True)
    close(without_right(standing))


def drop_stalled(socketio: SocketIO) -> None:
    """Close the sockets of pages that stopped reading, before what waits for them fills the memory.

    Of the default process. A live process's own websockets do so themselves (`app.live.transport`).
    """
    server = socketio.server
    for page in list(server.eio.sockets.values()) if server else ():
        if page.queue.qsize() > WAITING_AT_MOST:
            log.warning("stalled_page_dropped", waiting=page.queue.qsize())
            metrics.dropped("page")
            page.close(wait=False, abort=True)
