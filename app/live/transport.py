"""Our websockets under gevent: a channel a page, which never blocks whoever writes to it.

A frame goes straight to the socket. What the socket does not take at once, and all that comes after it, waits in the
channel's own queue until the socket can be written to again, so frames neither mix nor overtake each other. The queue
is bounded: who reads too slowly is dropped, comes back and catches up. python-engineio's own pair for gevent, with
simple-websocket, must not be used: it takes part of a frame for the whole where a receiver is slow.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import socket
import struct
from collections import deque
from collections.abc import Callable
from typing import Any

import gevent
import structlog
from gevent.socket import wait_write

from app.live.frames import CLOSE, GOING_AWAY, NORMAL, PING, PONG, Broken, Incoming, close_frame, frame, message_frame

log = structlog.get_logger(__name__)

MESSAGES_AT_MOST = 500
BYTES_AT_MOST = 1 << 20
"""What waits for one page at most; the one frame that is being written is never too much."""
SEND_BUFFER = 1 << 16
"""What the system keeps for one page. Left alone it takes megabytes before a stalled page is noticed."""
CLOSES_WITHIN = 2.0
"""Seconds a page has to answer our closing frame, or to take it after it broke the protocol."""
READ_AT_ONCE = 4096
WRITABLE = 2  # libev's EV_WRITE
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3


class Refused(Exception):
    """The request is no opening handshake we take: status line and headers to answer with."""

    def __init__(self, status: str, headers: list[tuple[str, str]] | None = None) -> None:
        super().__init__(status)
        self.status, self.headers = status, headers or []


def opening(environ: dict[str, Any]) -> tuple[Any, bytes]:
    """The client's socket and the answer that opens the websocket (RFC 6455, section 4.2). Raises `Refused`."""
    connection = [word.strip().lower() for word in environ.get("HTTP_CONNECTION", "").split(",")]
    if environ.get("HTTP_UPGRADE", "").lower() != "websocket" or "upgrade" not in connection:
        raise Refused("400 Bad Request")
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        raise Refused("426 Upgrade Required", [("Sec-WebSocket-Version", "13")])
    key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "").strip().encode("latin-1")
    try:
        is_key = len(base64.b64decode(key, validate=True)) == 16
    except binascii.Error:
        is_key = False
    if environ["REQUEST_METHOD"] != "GET" or environ["SERVER_PROTOCOL"] != "HTTP/1.1" or not is_key:
        raise Refused("400 Bad Request")
    if not hasattr(environ.get("gunicorn.socket"), "fileno"):
        raise RuntimeError("websockets need gunicorn's gevent worker: there is no socket in the request")
    accept = base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    return environ["gunicorn.socket"], head + accept + b"\r\n\r\n"


class Channel:
    """One open websocket. `read` belongs to the greenlet of the connection; everybody of this process may write."""

    __slots__ = ("_arrived", "_fd", "_incoming", "_sock", "_waiting", "_watcher", "is_closed", "is_closing", "waits")

    def __init__(self, sock: Any, limit: int) -> None:
        """`limit`: bytes that a message of the client may have."""
        sock.settimeout(None)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        with contextlib.suppress(OSError):  # a socket of the file system has none
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock, self._fd = sock, sock.fileno()
        self._incoming = Incoming(limit)
        self._arrived: list[str | bytes] = []
        self._waiting: deque[Any] | None = None  # few are ever slow
        self._watcher: Any = None
        self.waits = 0  # bytes
        self.is_closing = self.is_closed = False

    # --- writing: never blocks

    def write(self, data: bytes) -> None:
        """Send whole frames. Nothing happens once the channel closes."""
        if self.is_closing:
            return
        if self._waiting:
            self._keep(data)
            return
        try:
            sent = os.write(self._fd, data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.abort()
            return
        if sent < len(data):
            self._keep(memoryview(data)[sent:])

    @property
    def waiting(self) -> int:
        """How many frames the page has not taken yet."""
        return len(self._waiting or ())

    def _keep(self, rest: bytes | memoryview) -> None:
        if self._waiting is None:
            self._waiting = deque()
        if self._waiting and (len(self._waiting) >= MESSAGES_AT_MOST or self.waits + len(rest) > BYTES_AT_MOST):
            log.warning("stalled_page_dropped", waiting=len(self._waiting), bytes=self.waits)
            told_of_drop()
            self.abort()
            return
        self._waiting.append(rest)
        self.waits += len(rest)
        if len(self._waiting) == 1:
            if self._watcher is None:
                self._watcher = gevent.get_hub().loop.io(self._fd, WRITABLE)
            self._watcher.start(self._flush)

    def _flush(self) -> None:
        """Go on with what waits, as far as the socket takes it. Runs in the loop itself, so nothing in it may wait."""
        while self._waiting:
            data = self._waiting[0]
            try:
                sent = os.write(self._fd, data)
            except BlockingIOError:
                return
            except OSError:
                self.abort()
                return
            self.waits -= sent
            if sent < len(data):
                self._waiting[0] = memoryview(data)[sent:]
                return
            self._waiting.popleft()
        if self._watcher is not None:
            self._watcher.stop()

    # --- reading: by one greenlet

    def read(self) -> str | bytes | None:
        """The next whole message, or None when the websocket is over. Answers pings and the closing handshake."""
        while not self._arrived:
            try:
                data = b"" if self.is_closed else self._sock.recv(READ_AT_ONCE)
            except OSError:
                data = b""
            if not data or not self._took(data):
                return None
        return self._arrived.pop(0)

    def _took(self, data: bytes) -> bool:
        """Take what came in; whether the websocket goes on."""
        try:
            for kind, payload in self._incoming.take(data):
                if kind == CLOSE:
                    assert isinstance(payload, int)
                    self._say_last(close_frame(payload))
                    self._arrived.clear()
                    return False
                if kind == PING:
                    assert isinstance(payload, bytes)
                    self.write(frame(payload, PONG))
                elif not self.is_closing:
                    assert not isinstance(payload, int)
                    self._arrived.append(payload)
        except Broken as broken:
            log.info("refused", kind="socket_frame", code=broken.code, why=str(broken))
            self._say_last(close_frame(broken.code))
            return False
        return True

    # --- closing

    def close(self, code: int = NORMAL) -> None:
        """Begin the closing handshake. `read` ends with the client's answer, or without it after `CLOSES_WITHIN`."""
        if not self.is_closing:
            self.write(close_frame(code))
            self.is_closing = True
            gevent.spawn_later(CLOSES_WITHIN, self.abort)

    def _say_last(self, last: bytes) -> None:
        self.write(last)
        self.is_closing = True

    def end(self) -> None:
        """Leave, once `read` has ended: what waits goes out as far as the page still takes it, and all is given back.

        The socket is read to its end, since a socket closed with something unread takes back what it has sent.
        """
        if not self.is_closed:
            self.close(GOING_AWAY)
            with gevent.Timeout(CLOSES_WITHIN, False), contextlib.suppress(OSError):
                while self._waiting and not self.is_closed:
                    wait_write(self._fd)
                    self._flush()
                self._sock.shutdown(socket.SHUT_WR)
                for _ in range(256):
                    if not self._sock.recv(READ_AT_ONCE):
                        break
        self.is_closing = self.is_closed = True
        self._let_go()

    def abort(self) -> None:
        """Cut off at once: nothing more is read or written, and the system forgets what it had kept for the page."""
        if self.is_closed:
            return
        self.is_closing = self.is_closed = True
        self._let_go()
        with contextlib.suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._sock.shutdown(socket.SHUT_RDWR)  # wakes the reader

    def _let_go(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None
        self._waiting, self.waits = None, 0


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


def told_of_drop() -> None:
    """Called for each page that is dropped; `count_drops_with` says by whom it is heard."""
    for heard in _hear_drops:
        heard()


_hear_drops: list[Callable[[], None]] = []


def count_drops_with(heard: Callable[[], None]) -> None:
    """Have `heard` called for each page that is dropped because it does not read."""
    _hear_drops.append(heard)
