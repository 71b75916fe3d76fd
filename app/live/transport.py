"""Our websockets under gevent: a channel a page, which never blocks whoever writes to it.

A frame goes straight to the socket. What the socket does not take at once, and all that comes after it, waits in the
channel's own queue until the socket can be written to again, so frames neither mix nor overtake each other. The queue
is bounded: who reads too slowly is dropped, comes back and catches up. python-engineio's own pair for gevent, with
simple-websocket, must not be used: it takes part of a frame for the whole where a receiver is slow.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections import deque
from collections.abc import Callable
from typing import Any

import gevent
import structlog
from gevent.socket import wait_write

from app.live.frames import GOING_AWAY, NORMAL, Broken, Incoming, Reply, close_frame

log = structlog.get_logger(__name__)

MESSAGES_AT_MOST = 500
BYTES_AT_MOST = 1 << 20
"""What waits for one page at most; the one frame that is being written is never too much."""
SEND_BUFFER = 1 << 16
"""What the system keeps for one page. Left alone it takes megabytes before a stalled page is noticed."""
CLOSES_WITHIN = 2.0
"""Seconds a page has to answer our closing frame, or to take it after it broke the protocol."""
READ_AT_ONCE = 4096
READS_AT_END = 64
WRITABLE = 2  # libev's EV_WRITE


class Channel:
    """One open websocket. `read` belongs to the greenlet of the connection; everybody of this process may write."""

    __slots__ = (
        "_arrived",
        "_fd",
        "_incoming",
        "_is_over",
        "_sock",
        "_waiting",
        "_watcher",
        "is_closed",
        "is_closing",
        "waits",
    )

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
        self.is_closing = self.is_closed = self._is_over = False

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
        if self._waiting and (
            len(self._waiting) >= MESSAGES_AT_MOST or self.waits + len(rest) > BYTES_AT_MOST
        ):
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
            if self._is_over:
                return None
            try:
                data = b"" if self.is_closed else self._sock.recv(READ_AT_ONCE)
            except OSError:
                data = b""
            self._is_over = not data or not self._took(data)
        return self._arrived.pop(0)

    def _took(self, data: bytes) -> bool:
        """Take what came in; whether the websocket goes on."""
        try:
            for item in self._incoming.take(data):
                if isinstance(item, Reply):
                    self.write(item.data)
                    if item.is_last:
                        self.is_closing = True
                        return False
                elif not self.is_closing:
                    self._arrived.append(item)
        except Broken as broken:
            log.info("refused", kind="socket_frame", code=broken.code, why=str(broken))
            self.write(close_frame(broken.code))
            self.is_closing = True
            return False
        return True

    # --- closing

    def close(self, code: int = NORMAL) -> None:
        """Begin the closing handshake. `read` ends with the client's answer, or without it after `CLOSES_WITHIN`."""
        if not self.is_closing:
            self.write(close_frame(code))
            self.is_closing = True
            gevent.spawn_later(CLOSES_WITHIN, self.abort)

    def end(self) -> None:
        """Leave, once `read` has ended: what waits goes out as far as the page still takes it, and all is given back.

        The socket is read to its end, since a socket closed with something unread takes back what it has sent.
        """
        try:
            if not self.is_closed and not self._parted():
                self.abort()
        finally:
            self.is_closing = self.is_closed = True
            self._let_go()

    def _parted(self) -> bool:
        """Whether the page has taken everything and let go itself, in time."""
        self.close(GOING_AWAY)
        with gevent.Timeout(CLOSES_WITHIN, False), contextlib.suppress(OSError):
            while self._waiting:
                wait_write(self._fd)
                self._flush()
            self._sock.shutdown(socket.SHUT_WR)
            return any(not self._sock.recv(READ_AT_ONCE) for _ in range(READS_AT_END))
        return False

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


def told_of_drop() -> None:
    """Called for each page that is dropped; `count_drops_with` says by whom it is heard."""
    for heard in _hear_drops:
        heard()


_hear_drops: list[Callable[[], None]] = []


def count_drops_with(heard: Callable[[], None]) -> None:
    """Have `heard` called for each page that is dropped because it does not read."""
    _hear_drops.append(heard)
