"""Thousands of sockets in one process, which only listen: `python -m tests.load.fan_clients PLAN`, a line of JSON.

They connect, have the server say `messages`, and take the time when each message came to each of them. A frame is
looked at once: everybody has to receive the same bytes, so any other bytes are a corrupt frame. `stalled` of the
watchers stop reading once they are connected. What was found is printed as JSON.
"""

from __future__ import annotations

import contextlib
import json
import resource
import select
import socket
import sys
import time
import urllib.request
from typing import Any

from tests.fans import masked, opening

AT_ONCE = 20  # connections opened at a time
PONG = masked("3")


class Watcher:
    """One socket and what it has not made sense of yet."""

    def __init__(self, port: int, is_stalled: bool) -> None:
        self.sock = socket.socket()
        self.is_stalled = is_stalled
        if is_stalled:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.sock.settimeout(30)
        self.sock.connect(("127.0.0.1", port))
        self.rest = b""
        self.heard = 0
        self.is_open = True

    def join(self) -> None:
        """Engine.IO and Socket.IO, up to the namespace's word of welcome."""
        self._until(b'"sid"')
        self.sock.sendall(masked("40/live,"))
        self._until(b'40/live,{"sid":"')

    def _until(self, words: bytes) -> None:
        data = b""
        while words not in data or not data.endswith(b"}"):
            more = self.sock.recv(4096)
            if not more:
                raise ConnectionError(data)
            data += more


class Crowd:
    """All of them."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.port: int = plan["port"]
        self.known: dict[bytes, tuple[int, float]] = {}  # a frame: its number, and when it was sent
        self.numbers: set[int] = set()
        self.delays: list[float] = []
        self.last: dict[int, float] = {}
        self.corrupt = 0

    def connect(self) -> None:
        stalled = self.plan.get("stalled", 0)
        self.watchers: list[Watcher] = []
        for first in range(0, self.plan["watchers"], AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, self.plan["watchers"]))
            some = [Watcher(self.port, number < stalled) for number in numbers]
            for watcher in some:
                watcher.sock.sendall(opening(Origin=f"http://127.0.0.1:{self.port}"))
            for watcher in some:
                watcher.join()
            self.watchers += some
        self.by_number = {
            watcher.sock.fileno(): watcher for watcher in self.watchers if not watcher.is_stalled
        }
        for watcher in self.by_number.values():
            watcher.sock.setblocking(False)

    def ask(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return dict(json.load(answer))

    def listen(self, patience: float) -> float:
        """Until everybody who reads has heard everything, or nothing came for so long; returns the seconds it took."""
        began = time.monotonic()
        poll = select.epoll()
        for number in self.by_number:
            poll.register(number, select.EPOLLIN)
        waiting = len(self.by_number)
        wanted = self.plan["messages"]
        while waiting:
            ready = poll.poll(patience)
            if not ready:
                break
            for number, _events in ready:
                watcher = self.by_number[number]
                before = watcher.heard
                if not self._take(watcher):
                    poll.unregister(number)
                    watcher.is_open = False
                    waiting -= before < wanted
                elif before < wanted <= watcher.heard:
                    waiting -= 1
        poll.close()
        return time.monotonic() - began

    def _take(self, watcher: Watcher) -> bool:
        try:
            data = watcher.sock.recv(1 << 18)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not data:
            return False
        now = time.monotonic()
        if not watcher.rest and data in self.known:
            self._heard(watcher, data, now)
            return True
        stream, at = watcher.rest + data, 0
        while (end := end_of_frame(stream, at)) <= len(stream):
            self._frame(watcher, stream[at:end], now)
            at = end
        watcher.rest = stream[at:]
        return True

    def _frame(self, watcher: Watcher, frame: bytes, now: float) -> None:
        if frame not in self.known:
            if frame == b"\x81\x012":
                watcher.sock.send(PONG)
                return
            if not self._learnt(frame):
                self.corrupt += 1
                return
        self._heard(watcher, frame, now)

    def _learnt(self, frame: bytes) -> bool:
        """Whether these bytes are a message that nobody has heard yet."""
        start = frame.find(b"42/live,")
        with contextlib.suppress(ValueError, KeyError, IndexError, TypeError):
            said = json.loads(frame[start + 8 :])[1]
            if said["n"] not in self.numbers and said["text"] == "x" * self.plan["size"]:
                self.numbers.add(said["n"])
                self.known[frame] = (said["n"], said["at"])
                return True
        return False

    def _heard(self, watcher: Watcher, frame: bytes, now: float) -> None:
        number, at = self.known[frame]
        watcher.heard += 1
        self.delays.append(now - at)
        self.last[number] = max(self.last.get(number, 0.0), now - at)


def end_of_frame(stream: bytes, at: int) -> int:
    """Where the frame that begins here ends; beyond the stream if that is not known yet."""
    if len(stream) < at + 10:
        short = stream[at + 1] if len(stream) > at + 1 else 0x7F
        return (
            at + 2 + short if short < 126 else len(stream) + 1 if len(stream) < at + 4 else _long(stream, at)
        )
    return _long(stream, at)


def _long(stream: bytes, at: int) -> int:
    size = stream[at + 1]
    if size < 126:
        return at + 2 + size
    if size == 126:
        return at + 4 + int.from_bytes(stream[at + 2 : at + 4], "big")
    return at + 10 + int.from_bytes(stream[at + 2 : at + 10], "big")


def run(plan: dict[str, Any]) -> dict[str, Any]:
    """Connect, listen, tell."""
    crowd = Crowd(plan)
    empty = crowd.ask("/state")
    began = time.monotonic()
    crowd.connect()
    connected = time.monotonic() - began
    before = crowd.ask("/state")
    crowd.ask(f"/say?messages={plan['messages']}&every={plan['every']}&size={plan['size']}")
    own = resource.getrusage(resource.RUSAGE_SELF)
    took = crowd.listen(plan.get("patience", 10.0))
    used = resource.getrusage(resource.RUSAGE_SELF)
    after = crowd.ask("/state")
    reading = list(crowd.by_number.values())
    return {
        "watchers": len(reading),
        "connect_seconds": connected,
        "bytes_each": (before["bytes"] - empty["bytes"]) / max(1, len(crowd.watchers)),
        "bytes_more": after["bytes"] - before["bytes"],
        "seconds": took,
        "server_seconds": after["seconds"] - before["seconds"],
        "client_seconds": used.ru_utime + used.ru_stime - own.ru_utime - own.ru_stime,
        "deliveries": len(crowd.delays),
        "lost": sum(plan["messages"] - watcher.heard for watcher in reading),
        "corrupt": crowd.corrupt + sum(bool(watcher.rest) for watcher in reading),
        "cut_off": sum(not watcher.is_open for watcher in reading),
        "dropped": after["dropped"] - before["dropped"],
        "delays": sorted(crowd.delays)[:: max(1, len(crowd.delays) // 2000)],
        "last": sorted(crowd.last.values()),
    }


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(json.dumps(run(json.loads(sys.argv[1]))))
