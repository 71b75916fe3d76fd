"""Sockets without a board: a server that only fans out, and clients that see every byte of a frame."""

from __future__ import annotations

import base64
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Message, TextMessage

from tests.servers import ROOT, free_port

CONNECT = "40/live,"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class FanServer:
    """`tests.load.fan_server` on a port of its own; `with FanServer("direct") as server`."""

    def __init__(self, way: str, **environment: str) -> None:
        self.port = free_port()
        self._command = [sys.executable, "-m", "tests.load.fan_server", str(self.port), way]
        self._environment = environment

    def __enter__(self) -> FanServer:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **self._environment}
        self.process = subprocess.Popen(self._command, cwd=ROOT, env=environment)
        deadline = time.monotonic() + 30
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                self.state()
                return self
            except OSError:
                time.sleep(0.05)
        self.__exit__()
        raise RuntimeError("the server did not start")

    def __exit__(self, *_error: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def say(self, messages: int = 1, every: float = 0.0, size: int = 100) -> None:
        """Begin to send so many messages to everybody."""
        self._get(f"/say?messages={messages}&every={every}&size={size}")

    def state(self) -> dict[str, Any]:
        """What the process says of itself."""
        return self._get("/state")

    def wait_for(self, seconds: float = 20.0, **wanted: Any) -> None:
        """Wait until the state holds these values."""
        deadline = time.monotonic() + seconds
        while (state := self.state()) and any(state[name] != value for name, value in wanted.items()):
            assert time.monotonic() < deadline, f"{wanted} never came: {state}"
            time.sleep(0.02)

    def memory(self) -> int:
        """Bytes of the process that serves."""
        return int(self.state()["bytes"])

    def _get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return dict(json.load(answer))


class Ear:
    """One websocket: `wsproto` checks each byte that comes, and the test itself writes those that go."""

    def __init__(
        self, port: int, *, buffer: int = 0, tls: ssl.SSLContext | None = None, **headers: str
    ) -> None:
        self.at_once = 65536  # bytes read at once
        plain = socket.socket()
        if buffer:  # before connecting, so that the window is small from the beginning
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        plain.settimeout(20)
        plain.connect(("127.0.0.1", port))
        self.sock: socket.socket = tls.wrap_socket(plain, server_hostname="localhost") if tls else plain
        self.sock.sendall(opening(**headers))
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._some()
        self.head, _, rest = head.partition(b"\r\n\r\n")
        self._parser = Connection(ConnectionType.CLIENT, trailing_data=rest)
        self._text = ""
        self.events: Iterator[Any] = iter(())

    def _some(self) -> bytes:
        data = self.sock.recv(self.at_once)
        if not data:
            raise ConnectionResetError("the server has closed")
        return data

    def join(self) -> Ear:
        """Take Engine.IO's first word and connect to the namespace; returns itself once the server agreed."""
        assert self.hear().startswith("0{")
        self.send(CONNECT)
        assert self.hear().startswith('40/live,{"sid"')
        return self

    def send(
        self, text: str | bytes, kind: int = TEXT, *, is_last: bool = True, mask: bytes = b"\x11\x22\x33\x44"
    ) -> None:
        """One masked frame."""
        self.sock.sendall(masked(text, kind, is_last=is_last, mask=mask))

    def event(self) -> Any:
        """The next event as wsproto sees it. Raises ConnectionResetError where the stream ends."""
        while True:
            for event in self.events:
                return event
            self.events = self._parser.events()
            for event in self.events:
                return event
            self._parser.receive_data(self._some())
            self.events = self._parser.events()

    def hear(self) -> str:
        """The next whole text message."""
        while True:
            event = self.event()
            assert not isinstance(event, CloseConnection), f"closed: {event}"
            if isinstance(event, Message):
                assert isinstance(event, TextMessage)
                self._text += event.data
                if event.message_finished:
                    text, self._text = self._text, ""
                    return text

    def hear_said(self) -> dict[str, Any]:
        """The next message that the server said to the room."""
        while True:
            text = self.hear()
            if text.startswith('42/live,["counts",'):
                return dict(json.loads(text.removeprefix("42/live,"))[1])

    def closing(self) -> int:
        """Everything until the server's closing frame; returns its code."""
        while True:
            event = self.event()
            if isinstance(event, CloseConnection):
                return int(event.code)

    def close(self) -> None:
        self.sock.close()


def opening(**headers: str) -> bytes:
    """The request of an opening handshake; a header with an empty value is left out."""
    lines = {
        "Host": "127.0.0.1",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(b"sixteen bytes ok").decode(),
        "Sec-WebSocket-Version": "13",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    said = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n{said}\r\n".encode()


def masked(
    payload: str | bytes, kind: int = TEXT, *, is_last: bool = True, mask: bytes = b"\x11\x22\x33\x44"
) -> bytes:
    """The bytes of one frame of a client, whether it is allowed or not."""
    data = payload.encode() if isinstance(payload, str) else payload
    first, size = (0x80 if is_last else 0) | kind, len(data)
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 1 << 16:
        head = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, size)
    return head + mask + bytes(byte ^ mask[number % 4] for number, byte in enumerate(data))
