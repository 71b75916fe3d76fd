"""Many browsers and sockets in one event loop: they speak HTTP and Socket.IO as the product's scripts do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from tests.load.asking import Connection, request
from tests.load.watching import Frames

TRIED_FOR = 60.0  # seconds; the outbox itself never gives up
AS_SCRIPT = {"Accept": "application/json"}


async def until(true: Callable[[], Any], what: str, seconds: float = 20.0) -> Any:
    """Wait until `true` says something; AssertionError, with `what`, after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, f"in vain: {what}"
        await asyncio.sleep(0.05)
    return found


async def together(*acts: Awaitable[Any]) -> list[Any]:
    """All of them at the same time; the first that fails ends the others."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_awaited(act)) for act in acts]
    return [task.result() for task in tasks]


async def _awaited(act: Awaitable[Any]) -> Any:
    return await act


class Browser:
    """Cookies, one connection, forms. `refused` keeps every answer that was an error, outages left out."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port, self.cookie = port, cookie
        self.csrf = ""
        self.broken = 0  # requests that got no answer: the server was away
        self.refused: list[tuple[str, int, str]] = []
        self._connection = Connection(port)
        self._turn = asyncio.Lock()

    async def ask(self, method: str, path: str, fields: dict[str, Any] | None = None) -> tuple[int, Any]:
        """Status, and the text or what the JSON says. Raises OSError and the like where there is no answer."""
        headers = {"Accept": "text/html", "Origin": f"http://127.0.0.1:{self.port}"}
        if self.cookie:
            headers["Cookie"] = self.cookie
        if self.csrf or path.endswith(".json"):
            headers |= {**AS_SCRIPT, "X-CSRFToken": self.csrf}
        body = None
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(fields, doseq=True).encode()
        async with self._turn:
            try:
                status, got, answer = await self._connection.ask(
                    request(method, path, self.port, body=body, headers=headers)
                )
            except BaseException:
                self._connection.close()  # half an answer may still be on its way
                raise
        if b"set-cookie" in got:
            self.cookie = got[b"set-cookie"].decode().partition(";")[0]
        text = answer.decode()
        if status >= 400:
            self.refused.append((f"{method} {path}", status, text[:200]))
        return status, json.loads(text) if b"json" in got.get(b"content-type", b"") else text

    async def insist(self, method: str, path: str, fields: dict[str, Any] | None = None) -> tuple[int, Any]:
        """`ask`, again and again until the server answers with anything but its own failure."""
        deadline = time.monotonic() + TRIED_FOR
        while True:
            with contextlib.suppress(OSError, EOFError, TimeoutError):
                status, answer = await self.ask(method, path, fields)
                if status < 500:
                    return status, answer
            self.broken += 1
            assert time.monotonic() < deadline, f"no answer: {method} {path}"
            await asyncio.sleep(random.uniform(0.2, 0.5))

    def close(self) -> None:
        """No more requests."""
        self._connection.close()


class Line:
    """A socket on `/live` that comes back by itself; `hear(name, message)` for all it is told."""

    def __init__(
        self, port: int, cookie: str, wish: dict[str, Any], hear: Callable[[str, Any], None]
    ) -> None:
        self.port, self.cookie, self.wish, self.hear = port, cookie, wish, hear
        self.opened = 0
        self.is_watching = False
        self._is_ending = False
        self._frames: Frames | None = None
        self._lost = asyncio.Event()
        self._at_work = asyncio.create_task(self._stay())

    async def _stay(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._is_ending:
            self._lost.clear()
            with contextlib.suppress(OSError):
                _, self._frames = await loop.create_connection(
                    lambda: Frames(self.port, self._read, self._lost.set, self.cookie), "127.0.0.1", self.port
                )
                await self._lost.wait()
            self.is_watching = False
            await asyncio.sleep(random.uniform(0.25, 1.0))

    def _read(self, frame: bytes) -> None:
        assert self._frames is not None
        if frame == b"2":
            self._frames.send(b"3")
        elif frame.startswith(b"0"):
            self._frames.send(b"40/live,")
        elif frame.startswith(b"40/live,"):
            self._frames.send(b'42/live,1["watch",' + json.dumps(self.wish).encode() + b"]")
        elif frame.startswith(b"43/live,1"):
            answer = json.loads(frame[9:])[0]
            assert answer["ok"], answer
            self.opened += 1
            self.is_watching = True
            self.hear("watching", answer)
        elif frame.startswith(b"42/live,"):
            self.hear(*_message(frame))

    async def close(self) -> None:
        """Leave for good."""
        self._is_ending = True
        self._at_work.cancel()
        if self._frames is not None:
            self._frames.transport.close()
        with contextlib.suppress(asyncio.CancelledError):
            await self._at_work


@lru_cache(maxsize=256)
def _message(frame: bytes) -> tuple[str, Any]:
    """The same bytes come to everybody: they are read once. Nobody may change what is in them."""
    name, message = json.loads(frame[8:])
    return name, message
