"""Asks a server over HTTP, in a process of its own: `python -m tests.load.asking PLAN.json ANSWER.json`.

The plan lists requests, to one port or to several in turns, and says how they are sent:

- `seconds`: every connection sends the next request as soon as it has the answer to its last one, going round the
  list until the time is over (a closed loop: what the server can do);
- `per_second`: each request has its moment, and a request that had to wait for a free connection is measured from that
  moment (an open loop: what people notice);
- neither: every request once, in order, as fast as the connections manage.

Times are of CLOCK_MONOTONIC, which all processes of a machine share.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import brotli

AS_BROWSERS = "gzip, deflate, br"
PATIENCE = 30.0


class Connection:
    """One keep-alive connection to a port of this machine."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
        """Send the bytes of a request; returns status, headers (names in lower case) and body as it came.

        A kept connection that the server has closed meanwhile is opened anew, once. Raises OSError.
        """
        async with asyncio.timeout(PATIENCE):
            try:
                return await self._ask(request)
            except (ConnectionError, asyncio.IncompleteReadError):
                self.close()
                return await self._ask(request)

    async def _ask(self, request: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
        if self.writer is None or self.reader is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = head[:-4].split(b"\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        status = int(first.split(b" ", 2)[1])
        body = await self._body(self.reader, status, headers)
        if headers.get(b"connection", b"").lower() == b"close":
            self.close()
        return status, headers, body

    @staticmethod
    async def _body(reader: asyncio.StreamReader, status: int, headers: dict[bytes, bytes]) -> bytes:
        if status in (204, 304):
            return b""
        if headers.get(b"transfer-encoding", b"").lower() != b"chunked":
            return await reader.readexactly(int(headers.get(b"content-length", 0)))
        parts = []
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readuntil(b"\r\n")
        return b"".join(parts)

    def close(self) -> None:
        """Forget the connection; the next request opens another."""
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


def request(
    method: str, path: str, port: int, *, body: bytes | None = None, headers: dict[str, str] | None = None
) -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def decoded(headers: dict[bytes, bytes], body: bytes) -> bytes:
    """The body as it was before it was compressed for the way."""
    encoding = headers.get(b"content-encoding", b"")
    if encoding == b"br":
        return bytes(brotli.decompress(body))
    return gzip.decompress(body) if encoding == b"gzip" else body


class Load:
    """Sends a plan and writes down what came of each request."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.ports: list[int] = plan.get("ports") or [plan["port"]]
        self.keeps_bodies: bool = plan.get("keep_bodies", False)
        self.rows: list[list[Any]] = []  # number of the request, due, sent, answered, status, bytes, body

    async def send(self) -> dict[str, Any]:
        """Everything, over as many connections as planned; returns the rows and how long it took."""
        requests = self.plan["requests"]
        seconds, rate = self.plan.get("seconds"), self.plan.get("per_second")
        began = time.monotonic()
        turns: Iterator[tuple[int, float | None]]
        if seconds:
            ends = began + seconds
            turns = ((turn % len(requests), None) for turn in _until(ends))
        else:
            most = self.plan.get("at_most_seconds", 600.0)
            numbers = enumerate(_limited(requests, began + most, rate))
            turns = ((number, began + number / rate if rate else None) for number, _ in numbers)
        ports = (self.ports[number % len(self.ports)] for number in range(self.plan["connections"]))
        await asyncio.gather(*(self._connection(requests, turns, port) for port in ports))
        return {"rows": self.rows, "seconds": time.monotonic() - began}

    async def _connection(
        self, requests: list[dict[str, Any]], turns: Iterator[tuple[int, float | None]], port: int
    ) -> None:
        connection = Connection(port)
        for number, due in turns:
            wanted = requests[number]
            if due is not None and (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            sent = time.monotonic()
            try:
                status, _headers, body = await connection.ask(self._bytes(wanted, port))
            except (OSError, asyncio.IncompleteReadError) as error:
                connection.close()
                status, body = 0, str(error).encode()
            answered = time.monotonic()
            kept = body.decode("utf-8", "replace") if self.keeps_bodies else None
            self.rows.append([number, due or sent, sent, answered, status, len(body), kept])
        connection.close()

    def _bytes(self, wanted: dict[str, Any], port: int) -> bytes:
        body = wanted.get("body")
        headers = {**self.plan.get("headers", {}), **wanted.get("headers", {})}
        if body is not None:
            headers.setdefault("Origin", f"http://127.0.0.1:{port}")
        return request(
            wanted.get("method", "GET"),
            wanted["path"],
            port,
            body=None if body is None else body.encode(),
            headers=headers,
        )


def _until(ends: float) -> Iterator[int]:
    turn = 0
    while time.monotonic() < ends:
        yield turn
        turn += 1


def _limited(requests: Iterable[Any], ends: float, rate: float | None) -> Iterator[Any]:
    for one in requests:
        if not rate and time.monotonic() > ends:
            return
        yield one


def main(plan_file: str, answer_file: str) -> None:
    """Read a plan, send it, write the answer."""
    plan = json.loads(Path(plan_file).read_text(encoding="utf-8"))
    answer = asyncio.run(Load(plan).send())
    Path(answer_file).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:3])
