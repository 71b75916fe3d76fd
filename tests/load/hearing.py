"""An open page as cheap as can be, so that thousands of them leave the machine to the server.

A broadcast comes to all pages as the same bytes. So a page looks up what it received among what the room already knows,
and only what is new is taken apart and checked, frame by frame: a reserved bit, an unknown opcode or a text that is no
message counts as corrupt.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
import time
from array import array
from collections.abc import Container, Iterable, Iterator
from typing import Any, NamedTuple

from tests.load.asking import request

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
NAMESPACE = b"/live,"
CHECKPOINT = 64


class Content(NamedTuple):
    """What a message says: counts, or a numbered change."""

    counts: dict[str, int]
    seq: int = 0


class Corrupt(ValueError):
    """The bytes are no frame a server may send, or no message of ours."""


class Room:
    """What all pages that hear one process have heard: the same bytes are read once."""

    def __init__(self, port: int, counts: dict[str, int]) -> None:
        self.port = port
        self.contents: list[Content] = []
        self.known: dict[bytes, int] = {}
        self.base = counts
        self._states: dict[bytes, dict[str, int]] = {}

    def learn(self, frame: bytes, payload: bytes) -> int | None:
        """The number of a message's content, now known by its frame; None for one that says nothing to count."""
        name, data = json.loads(payload[2 + len(NAMESPACE) :])
        if name == "counts":
            found = self.add(Content(data["counts"]))
        elif name == "change":
            found = self.add(Content({}, data["seq"]))
        else:
            return None
        self.known[frame] = found
        return found

    def add(self, content: Content) -> int:
        self.contents.append(content)
        return len(self.contents) - 1

    def counts_after(self, heard: array[int]) -> dict[str, int]:
        """What a page shows that has heard these; most pages have heard the same, and share it."""
        key = heard.tobytes()
        if key not in self._states:
            whole = len(heard) // CHECKPOINT * CHECKPOINT
            if whole == len(heard) and whole:
                whole -= CHECKPOINT
            counts = dict(self.counts_after(heard[:whole]) if whole else self.base)
            for number in heard[whole:]:
                counts.update(self.contents[number].counts)
            if len(self._states) > 400:
                self._states.clear()
            self._states[key] = counts
        return self._states[key]

    def fold(self, pages: Iterable[Page], waiting: Container[int]) -> None:
        """Keep of what these have heard only what they show for it, so that an hour is as cheap as a minute.

        Pages among `waiting` have a question under way: they need to know what they heard since, and keep all.
        """
        kept: list[Content] = []
        numbers: dict[bytes | int, int] = {}

        def number_of(key: bytes | int, content: Content) -> int:
            if key not in numbers:
                numbers[key] = len(kept)
                kept.append(content)
            return numbers[key]

        for page in pages:
            if page.number in waiting:
                page.heard = array("I", (number_of(one, self.contents[one]) for one in page.heard))
            elif page.heard:
                shows = number_of(page.heard.tobytes(), Content(self.counts_after(page.heard)))
                page.heard, page.at = array("I", [shows]), page.at[-1:]
        self.contents = kept
        self.known.clear()
        self._states.clear()


class Page:
    """One open page: what it heard when, in milliseconds since the start, and the last change it knows."""

    __slots__ = (
        "asked_at",
        "at",
        "back_at",
        "buffer",
        "current_at",
        "due",
        "early",
        "gap_at",
        "heard",
        "is_reading",
        "is_rejoining",
        "is_watching",
        "last",
        "message",
        "number",
        "room",
        "socket",
        "wish",
    )

    def __init__(self, room: Room, number: int, wish: dict[str, Any], last: int) -> None:
        self.room, self.number, self.wish, self.last = room, number, wish, last
        self.socket: socket.socket | None = None
        self.buffer = bytearray()
        self.message = bytearray()
        self.at = array("I")
        self.heard = array("I")
        self.early: set[int] = set()
        self.is_watching, self.is_reading, self.is_rejoining = False, True, False
        self.due = self.back_at = self.current_at = self.asked_at = self.gap_at = 0.0

    def open(self, small: bool = False) -> socket.socket:
        """Begin to connect; `small` keeps little in the kernel, for a page that will not read."""
        made = socket.socket()
        if small:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.connect(("127.0.0.1", self.room.port))
        made.setblocking(False)
        key = base64.b64encode(os.urandom(16)).decode()
        headers = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Version": "13",
            "Origin": f"http://127.0.0.1:{self.room.port}",
        }
        path = "/socket.io/?EIO=4&transport=websocket"
        made.sendall(request("GET", path, self.room.port, headers=headers))
        self.socket, self.is_watching = made, False
        self.buffer.clear()
        self.message.clear()
        return made

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.socket, self.is_watching = None, False

    def take(self, data: bytes, now: int) -> Iterator[bytes]:
        """Bytes that came; yields the messages that are more than a broadcast. Raises Corrupt, ConnectionError."""
        if not self.buffer:
            number = self.room.known.get(data)
            if number is not None:
                self._note(number, now)
                return
        self.buffer += data
        if not self.is_watching and self.buffer.startswith(b"HTTP/"):
            head, found, rest = bytes(self.buffer).partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(head.split(b"\r\n")[0].decode("latin-1"))
            self.buffer = bytearray(rest)
        while frame := self._frame():
            number = self.room.known.get(frame)
            if number is not None:
                self._note(number, now)
                continue
            payload = self._payload(frame)
            if payload is None:
                continue
            if payload.startswith(b"42" + NAMESPACE):
                try:
                    number = self.room.learn(frame, payload)
                except (ValueError, KeyError, TypeError) as wrong:
                    raise Corrupt(payload[:200]) from wrong
                if number is not None:
                    self._note(number, now)
                    continue
            elif payload[:1] not in (b"0", b"2", b"4", b"1"):
                raise Corrupt(payload[:200])
            yield payload

    def _note(self, number: int, now: int) -> None:
        self.at.append(now)
        self.heard.append(number)
        seq = self.room.contents[number].seq
        if seq == self.last + 1:
            self.arrive_at(seq)
        elif seq > self.last:  # as in live.js it waits, and the one before it may be on its way
            self.early.add(seq)
            self.gap_at = self.gap_at or time.monotonic() + 0.3

    def arrive_at(self, seq: int) -> None:
        """It shows everything up to `seq`; what waited for that follows."""
        self.last = max(self.last, seq)
        while self.last + 1 in self.early:
            self.last += 1
        self.early = {one for one in self.early if one > self.last}
        if not self.early:
            self.gap_at = 0.0

    def _frame(self) -> bytes | None:
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        length, at = buffer[1] & 0x7F, 2
        if buffer[0] & 0x70 or buffer[1] & 0x80 or buffer[0] & 0x0F not in (0, TEXT, CLOSE, PING, PONG):
            raise Corrupt(bytes(buffer[:40]))
        if length >= 126:
            size = 2 if length == 126 else 8
            if len(buffer) < 2 + size:
                return None
            length, at = int.from_bytes(buffer[2 : 2 + size], "big"), 2 + size
        if len(buffer) < at + length:
            return None
        frame = bytes(buffer[: at + length])
        del buffer[: at + length]
        return frame

    def _payload(self, frame: bytes) -> bytes | None:
        length = frame[1] & 0x7F
        payload = frame[2 if length < 126 else 4 if length == 126 else 10 :]
        code = frame[0] & 0x0F
        if code == PING:
            self.send(payload, PONG)
        elif code == CLOSE:
            raise ConnectionResetError("closed by the server")
        elif code in (0, TEXT):
            if frame[0] & 0x80 and not self.message:
                return payload
            self.message += payload
            if frame[0] & 0x80:
                whole = bytes(self.message)
                self.message.clear()
                return whole
        return None

    def send(self, payload: bytes, code: int = TEXT) -> None:
        """One masked frame; the mask may be nought, it protects proxies, not us."""
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
        assert self.socket is not None
        self.socket.sendall(bytes([0x80 | code]) + length + b"\0\0\0\0" + payload)
