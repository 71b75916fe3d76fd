"""Frames of the WebSocket protocol (RFC 6455), as the side writes and reads them that serves.

Written are whole, unmasked frames without extensions: bytes that depend on nobody, so one frame does for everybody.
Read are frames of clients, through wsproto, which refuses what the protocol forbids, and into messages of limited size.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
WHOLE = 0x80

NORMAL, GOING_AWAY, PROTOCOL_ERROR, NO_STATUS, POLICY, TOO_BIG = 1000, 1001, 1002, 1005, 1008, 1009


class Broken(Exception):
    """The client broke the protocol or a limit; `code` is what the closing frame has to say."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


def frame(payload: bytes, kind: int = TEXT) -> bytes:
    """One whole frame from server to client. Of `CLOSE`, `PING` and `PONG` the payload has 125 bytes at most."""
    size = len(payload)
    if size < 126:
        return bytes((WHOLE | kind, size)) + payload
    if kind >= CLOSE:
        raise ValueError("control frames carry 125 bytes at most")
    if size < 1 << 16:
        return struct.pack("!BBH", WHOLE | kind, 126, size) + payload
    return struct.pack("!BBQ", WHOLE | kind, 127, size) + payload


def message_frame(message: str | bytes) -> bytes:
    """The frame of a whole message: text of a `str`, binary of `bytes`."""
    return frame(message.encode()) if isinstance(message, str) else frame(message, BINARY)


def close_frame(code: int) -> bytes:
    """The frame that begins the closing handshake."""
    return frame(struct.pack("!H", code), CLOSE)


class Reply(NamedTuple):
    """What the protocol wants sent back to something of its own: a pong, or the end of the closing handshake."""

    data: bytes
    is_last: bool


class Incoming:
    """What one client sends, put together into messages of at most `limit` bytes."""

    __slots__ = ("_connection", "_limit", "_parts", "_size")

    def __init__(self, limit: int) -> None:
        self._connection = Connection(ConnectionType.SERVER)
        self._limit = limit
        self._parts: list[str | bytes] = []
        self._size = 0

    def take(self, data: bytes) -> Iterator[str | bytes | Reply]:
        """Take bytes as they come, cut anywhere, and give what is complete:

        whole messages, text as `str`, and replies to pings and to the closing frame, in the order of their arrival.
        Raises `Broken`. Nothing may be taken after that or after the closing frame.
        """
        self._connection.receive_data(data)
        for event in self._connection.events():
            if isinstance(event, TextMessage | BytesMessage):
                message = self._added(event)
                if message is not None:
                    yield message
            elif isinstance(event, Ping):
                yield Reply(frame(bytes(event.payload), PONG), is_last=False)
            elif isinstance(event, CloseConnection):
                if self._connection.state is not ConnectionState.REMOTE_CLOSING:
                    raise Broken(int(event.code), event.reason or "")
                is_empty = event.code == NO_STATUS
                yield Reply(frame(b"", CLOSE) if is_empty else close_frame(event.code), is_last=True)

    def _added(self, event: TextMessage | BytesMessage) -> str | bytes | None:
        """Keep a piece; the whole message with its last one."""
        piece: str | bytes = event.data if isinstance(event, TextMessage) else bytes(event.data)
        self._size += len(piece.encode()) if isinstance(piece, str) else len(piece)
        if self._size > self._limit:
            raise Broken(TOO_BIG, "the message is too big")
        self._parts.append(piece)
        if not event.message_finished:
            return None
        whole = "".join(self._parts) if isinstance(piece, str) else b"".join(self._parts)  # type: ignore[arg-type]
        self._parts, self._size = [], 0
        return whole
