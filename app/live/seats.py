"""How many websockets one process takes.

Each holds a thread until its page closes. Without a limit as many sockets as there are threads, which one laptop can
open without being anybody, leave nobody to serve pages. A page that gets no seat asks every few seconds instead, and
tries for one again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Seats:
    """Lets at most `most` websockets in at a time; to the next it says 503. Pages always pass."""

    def __init__(self, app: WSGIApplication, most: int) -> None:
        self._app = app
        self._free = threading.BoundedSemaphore(most)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
            return self._app(environ, start_response)
        if not self._free.acquire(blocking=False):
            start_response("503 Service Unavailable", [("Content-Length", "0"), ("Retry-After", "5")])
            return []
        try:
            return self._app(environ, start_response)  # as long as the page is open
        finally:
            self._free.release()


class SocketsOnly:
    """Of a process for sockets alone: what looks after it may ask how it is; there are no pages."""

    OPEN = frozenset(("/healthz", "/readyz", "/metrics"))

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in self.OPEN:
            return self._app(environ, start_response)
        start_response("404 Not Found", [("Content-Length", "0")])
        return []
