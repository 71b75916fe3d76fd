"""How a websocket is opened (RFC 6455, section 4.2): what we take of a request, and the answer."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

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
