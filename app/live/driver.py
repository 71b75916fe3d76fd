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
        self._handler, self._server = handler, server
        self._page = handler.__self__  # type: ignore[attr-defined]  # a method of python-engineio's Socket
        self._channel: Channel

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        """Open the websocket and serve it to its end, as a WSGI application."""
        try:
            sock, answer = opening(environ)
            self._channel = Channel(sock, self._server.max_http_buffer_size)
            self._channel.write(answer)
            self._serve()
        except Refused as refused:
            start_response(refused.status, [*refused.headers, ("Content-Length", "0")])
            return []
        finally:
            self._page.close(wait=False, abort=True)
            self._server.sockets.pop(self._page.sid, None)
        raise StopIteration  # gunicorn's word for: nothing to answer any more

    def _serve(self) -> None:
        try:
            self._handler(self)
        except (ValueError, TypeError) as error:  # a packet that makes no sense; here nothing else catches it
            log.info("refused", kind="socket_packet", why=str(error))
        finally:
            self._page.queue.put(None)  # its writer ends
            self._channel.end()

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
