"""Our transport as python-engineio expects a websocket of a driver: with its own queue and writer for each page.

The slower way, and as correct: taken where the inside of the libraries is not what `app.live.engine` was written for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from app.live.frames import message_frame
from app.live.handshake import Refused, opening
from app.live.transport import Channel

log = structlog.get_logger(__name__)


class Driver:
    """python-engineio's view of a channel: what its drivers for gevent have to offer."""

    def __init__(self, handler: Callable[[Any], Any], server: Any) -> None:
        self._handler, self._limit = handler, server.max_http_buffer_size
        self._page = getattr(handler, "__self__", None)
        self._channel: Channel

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        """Open the websocket and serve it to its end, as a WSGI application."""
        try:
            sock, answer = opening(environ)
        except Refused as refused:
            start_response(refused.status, [*refused.headers, ("Content-Length", "0")])
            return []
        self._channel = Channel(sock, self._limit)
        self._channel.write(answer)
        try:
            self._handler(self)
        except Exception:
            log.exception("socket_fault")
        finally:
            if self._page is not None:
                self._page.queue.put(None)  # its writer ends
                self._page.close(wait=False, abort=True)
            self._channel.end()
        raise StopIteration  # gunicorn's word for: nothing to answer any more

    def send(self, message: str | bytes) -> None:
        """Send one message."""
        if self._channel.is_closed:
            raise OSError("the websocket is closed")
        self._channel.write(message_frame(message))

    def wait(self) -> str | bytes | None:
        """The next message, or None."""
        return self._channel.read()

    def close(self) -> None:
        """Begin to close."""
        self._channel.close()
