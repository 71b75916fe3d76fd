"""One kept connection that is asked, and many pages' questions over a few of them, as a proxy in front would do."""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading
from collections.abc import Callable
from typing import Any

from tests.load.asking import AS_BROWSERS, decoded, request

PATIENCE = 30.0


class Line:
    """One kept connection that waits for its answer."""

    def __init__(self, port: int, patience: float = PATIENCE) -> None:
        self.port, self.patience = port, patience
        self.socket: socket.socket | None = None

    def ask(self, path: str) -> tuple[int, bytes]:
        """What a page's script gets from this address. Raises OSError."""
        headers = {"Accept": "application/json", "Accept-Encoding": AS_BROWSERS, "Accept-Language": "en"}
        return self.send(request("GET", path, self.port, headers=headers))

    def send(self, wanted: bytes) -> tuple[int, bytes]:
        """Status and body. A connection that the server has closed meanwhile is opened anew, once. Raises OSError."""
        try:
            return self._ask(wanted)
        except ConnectionError:
            self.close()
            return self._ask(wanted)
        except OSError:
            self.close()
            raise

    def _ask(self, wanted: bytes) -> tuple[int, bytes]:
        self.begin(wanted)
        return self.finish()

    def begin(self, wanted: bytes) -> None:
        """Send a request and do not wait. Raises OSError."""
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), self.patience)
        self.socket.sendall(wanted)

    def finish(self) -> tuple[int, bytes]:
        """The answer to what was sent. Raises OSError."""
        data = bytearray()
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        first, *lines = bytes(data[:end]).split(b"\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        status = int(first.split(b" ", 2)[1])
        length = 0 if status in (204, 304) else int(headers.get(b"content-length", 0))
        while len(data) < end + 4 + length:
            data += self._more()
        if headers.get(b"connection", b"").lower() == b"close":
            self.close()
        return status, decoded(headers, bytes(data[end + 4 : end + 4 + length]))

    def _more(self) -> bytes:
        assert self.socket is not None
        came = self.socket.recv(65536)
        if not came:
            raise ConnectionResetError("the server closed it")
        return came

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.socket = None


class Questions:
    """Asks in threads of its own; answers come back through `answered(page, status, answer)`, called in any of them."""

    def __init__(
        self, ports: list[int], answered: Callable[[Any, int, dict[str, Any]], None], lines: int = 8
    ) -> None:
        self._waiting: queue.SimpleQueue[tuple[Any, str]] = queue.SimpleQueue()
        self._answered = answered
        for number in range(lines):
            line = Line(ports[number % len(ports)])
            threading.Thread(target=self._work, args=(line,), daemon=True).start()

    def ask(self, page: Any, path: str) -> None:
        """Ask as soon as a connection is free."""
        self._waiting.put((page, path))

    def _work(self, line: Line) -> None:
        while True:
            page, path = self._waiting.get()
            status, answer = 0, {}
            with contextlib.suppress(OSError, ValueError):
                status, body = line.ask(path)
                answer = json.loads(body) if body else {}
            self._answered(page, status, answer)
