"""Frames of the WebSocket protocol (RFC 6455), as the side writes and reads them that serves.

Written are whole, unmasked frames without extensions: bytes that depend on nobody, so one frame does for everybody.
Read are frames of clients, through wsproto, which refuses what the protocol forbids, and into messages of limited size.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
WHOLE = 0x80

NORMAL, GOING_AWAY, PROTOCOL_ERROR, NO_STATUS, TOO_BIG = 1000, 1001, 1002, 1005, 1009


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
    """The frame that begins or answers the closing handshake. `NO_STATUS` is answered with an empty one."""
    return frame(b"" if code == NO_STATUS else struct.pack("!H", code), CLOSE)


class Incoming:
    """What one client sends, put together into messages of at most `limit` bytes."""

    __slots__ = ("_connection", "_limit", "_parts", "_size")

    def __init__(self, limit: int) -> None:
        self._connection = Connection(ConnectionType.SERVER)
        self._limit = limit
        self._parts: list[str | bytes] = []
        self._size = 0

    def take(self, data: bytes) -> Iterator[tuple[int, str | bytes | int]]:
        """Take bytes as they come, cut anywhere, and give what is complete:

        (`TEXT`, str), (`BINARY`, bytes), (`PING`, bytes to send back), (`CLOSE`, the client's code), in this order of
        arrival. Pongs are nobody's business. Raises `Broken`; nothing may be taken after that, nor after a `CLOSE`.
        """
        self._connection.receive_data(data)
        for event in self._connection.events():
            if isinstance(event, TextMessage | BytesMessage):
                message = self._added(event)
                if message is not None:
                    yield (TEXT if isinstance(message, str) else BINARY), message
            elif isinstance(event, Ping):
                yield PING, bytes(event.payload)
            elif isinstance(event, CloseConnection):
                if self._connection.state is not ConnectionState.REMOTE_CLOSING:
                    raise Broken(int(event.code), event.reason or "")
                yield CLOSE, int(event.code)

    def _added(self, event: TextMessage | BytesMessage) -> str | bytes | None:
        """Keep a piece; the whole message with its last one."""
        piece: str | bytes = event.data
        self._size += len(piece.encode()) if isinstance(piece, str) else len(piece)
        if self._size > self._limit:
            raise Broken(TOO_BIG, "the message is too big")
        self._parts.append(piece)
        if not event.message_finished:
            return None
        whole = "".join(self._parts) if isinstance(piece, str) else b"".join(self._parts)  # type: ignore[arg-type]
        self._parts, self._size = [], 0
        return whole
