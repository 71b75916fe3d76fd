"""Open pages, in a process of their own: `python -m tests.load.watching PLAN.json RECORD.json`.

Each watcher speaks Socket.IO over a websocket as the page's script does: it watches a board, lays the counts it hears
over those it shows, answers pings, and asks for what it has missed every 30 seconds with jitter. What came when is
written down for `bench_board` to compare with what was sent. Commands come as lines of JSON on standard input:
`{"truth": {"42": 88, …}}`, once the storm is over, makes every watcher compare itself with the database, first by
what the socket told alone, then after asking; then the record is written and the process ends.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.load.asking import AS_BROWSERS, Connection, decoded, request

NAMESPACE = "/live"
EVERY = 30.0  # seconds between two questions of a page whose socket works
SETTLES = 1.0  # after the last acknowledgement, as quality asks
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Frames(asyncio.Protocol):
    """A websocket client that wants nothing but whole text messages."""

    def __init__(
        self, port: int, hear: Callable[[bytes], None], lost: Callable[[], None], cookie: str = ""
    ) -> None:
        self.port, self.hear, self.lost = port, hear, lost
        self.cookie = cookie
        self.buffer = bytearray()
        self.message = bytearray()
        self.is_open = False
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        headers = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Version": "13",
            "Origin": f"http://127.0.0.1:{self.port}",
            **({"Cookie": self.cookie} if self.cookie else {}),
        }
        transport.write(request("GET", "/socket.io/?EIO=4&transport=websocket", self.port, headers=headers))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.is_open:
            head, found, rest = bytes(self.buffer).partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(head.decode("latin-1"))
            self.is_open, self.buffer = True, bytearray(rest)
        while self._frame():
            pass

    def _frame(self) -> bool:
        buffer = self.buffer
        if len(buffer) < 2:
            return False
        first, length, at = buffer[0], buffer[1] & 0x7F, 2
        if length == 126:
            if len(buffer) < 4:
                return False
            length, at = struct.unpack_from("!H", buffer, 2)[0], 4
        elif length == 127:
            if len(buffer) < 10:
                return False
            length, at = struct.unpack_from("!Q", buffer, 2)[0], 10
        if len(buffer) < at + length:
            return False
        payload = bytes(buffer[at : at + length])
        del buffer[: at + length]
        code = first & 0x0F
        if code == PING:
            self.send(payload, PONG)
        elif code == CLOSE:
            self.transport.close()
        elif code in (0, TEXT):
            self.message += payload
            if first & 0x80:
                self.hear(bytes(self.message))
                self.message.clear()
        return True

    def send(self, payload: bytes, code: int = TEXT) -> None:
        """One masked frame; the mask may be nought, it protects proxies, not us."""
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
        self.transport.write(bytes([0x80 | code]) + length + b"\0\0\0\0" + payload)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost()


class Watcher:
    """One open page."""

    def __init__(self, room: Room, number: int) -> None:
        self.room, self.number = room, number
        self.counts: dict[str, int] = dict(room.plan["counts"])
        self.last: int = room.plan["seq"]
        self.heard: list[tuple[float, int]] = []  # when, and which of the room's messages
        self.told: dict[str, int] | None = None
        self.watches = asyncio.Event()
        self.closed = 0
        self.changes = 0
        self.frames: Frames

    async def connect(self) -> None:
        """Open the socket and watch the board. Raises TimeoutError after 20 s."""
        loop = asyncio.get_running_loop()
        port = self.room.port
        _, self.frames = await loop.create_connection(
            lambda: Frames(port, self.hear, self.lost), "127.0.0.1", port
        )
        async with asyncio.timeout(20):
            await self.watches.wait()

    def lost(self) -> None:
        if not self.room.is_ending:
            self.closed += 1

    def hear(self, message: bytes) -> None:
        if message == b"2":
            self.frames.send(b"3")
        elif message.startswith(b"0"):
            self.frames.send(b"40/live,")
        elif message.startswith(b"40/live,"):
            self.frames.send(b'42/live,1["watch",' + json.dumps(self.wish()).encode() + b"]")
        elif message.startswith(b"43/live,1"):
            answer = json.loads(message[9:])[0]
            assert answer["ok"], answer
            self.watches.set()
        elif message.startswith(b"42/live,"):
            self.take(message)

    def wish(self) -> dict[str, Any]:
        """What this page wants to watch."""
        return {"city": self.room.plan["city"], "language": "en"}

    def take(self, message: bytes) -> None:
        name, counts = self.room.read(message)
        if name == "counts":
            self.heard.append((time.monotonic(), self.room.number_of[message]))
            self.counts.update(counts)
            if self.told is not None:
                self.told.update(counts)
        elif name == "change":
            self.changes += 1

    async def ask(self) -> None:
        """What live.js does every 30 seconds: ask for the changes since, and for counts that differ."""
        self.told = {}
        shown = ",".join(f"{idea}:{count}" for idea, count in self.counts.items())
        path = f"/{self.room.plan['city']}/changes?since={self.last}&shown={shown}"
        headers = {"Accept": "application/json", "Accept-Encoding": AS_BROWSERS}
        connection = await self.room.connections.get()
        try:
            status, got, body = await connection.ask(request("GET", path, self.room.port, headers=headers))
        except BaseException:
            connection.close()  # half an answer may still be on its way
            raise
        finally:
            self.room.connections.put_nowait(connection)
        self.room.asked += 1
        if status == 200:
            answer = json.loads(decoded(got, body))
            counts = {idea: count for idea, count in answer["counts"].items() if idea not in self.told}
            self.counts.update(counts)
            self.last = answer["seq"]
            if counts:
                self.room.repaired += 1
                self.heard.append((time.monotonic(), self.room.add(counts)))
        elif status != 204:
            self.room.refused += 1
        self.told = None

    async def keep_asking(self) -> None:
        while True:
            await asyncio.sleep(EVERY * random.uniform(0.85, 1.15))
            await self.ask()


class Room:
    """All watchers, and what they heard: the same bytes are read once."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.port: int = plan["port"]
        self.messages: list[dict[str, int]] = []
        self.number_of: dict[bytes, int] = {}
        self.others: dict[bytes, str] = {}
        self.connections: asyncio.Queue[Connection] = asyncio.Queue()
        self.asked = self.repaired = self.refused = 0
        self.is_ending = False

    def read(self, message: bytes) -> tuple[str, dict[str, int]]:
        """Name and counts of a message."""
        if message in self.number_of:
            return "counts", self.messages[self.number_of[message]]
        if message in self.others:
            return self.others[message], {}
        name, data = json.loads(message[8:])
        if name != "counts":
            self.others[message] = name
            return name, {}
        self.number_of[message] = self.add(data["counts"])
        return name, data["counts"]

    def add(self, counts: dict[str, int]) -> int:
        self.messages.append(counts)
        return len(self.messages) - 1

    async def watch(self) -> dict[str, Any]:
        """Connect everybody, say so, wait for the truth, compare."""
        for _ in range(6):
            self.connections.put_nowait(Connection(self.port))
        began = time.monotonic()
        watchers = [Watcher(self, number) for number in range(self.plan["watchers"])]
        for ten in range(0, len(watchers), 10):
            await asyncio.gather(*(watcher.connect() for watcher in watchers[ten : ten + 10]))
        say({"watching": len(watchers), "seconds": time.monotonic() - began})
        asking = [asyncio.create_task(watcher.keep_asking()) for watcher in watchers]
        line = await asyncio.to_thread(sys.stdin.readline)
        await asyncio.sleep(SETTLES)
        truth: dict[str, int] = json.loads(line)["truth"]
        by_socket = sum(watcher.counts == truth for watcher in watchers)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        for watcher in watchers:
            await watcher.ask()
        self.is_ending = True
        return {
            "equal_by_socket": by_socket,
            "equal_after_asking": sum(watcher.counts == truth for watcher in watchers),
            "closed": sum(watcher.closed for watcher in watchers),
            "changes": sum(watcher.changes for watcher in watchers),
            "asked": self.asked,
            "repaired": self.repaired,
            "refused": self.refused,
            "messages": self.messages,
            "heard": [watcher.heard for watcher in watchers],
        }


def say(fact: dict[str, Any]) -> None:
    print(json.dumps(fact), flush=True)


def main(plan_file: str, record_file: str) -> None:
    """Read a plan, watch, write the record."""
    plan = json.loads(Path(plan_file).read_text(encoding="utf-8"))
    record = asyncio.run(Room(plan).watch())
    Path(record_file).write_text(json.dumps(record), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:3])
