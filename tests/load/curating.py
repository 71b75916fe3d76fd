"""Open boards and open queues, in a process of their own: `python -m tests.load.curating PLAN.json RECORD.json`.

The boards are watched as `watching` does, by visitors; the queues by moderators, each with a session: their page hears
only that something has changed, and asks for it under their own rights, one question at a time, as hearing.js does.
When a change had arrived where is written down for `bench_moderation`. A line of JSON on standard input, once the acts
are over, `{"seq": 8120, "waiting": 19880}`, makes every page compare itself with the database, first by what it has
heard alone, then after asking; then the record is written and the process ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from tests.load.asking import AS_BROWSERS, Connection, decoded, request
from tests.load.watching import SETTLES, Frames, Room, Watcher, say

PREFIX = "42/live,"


class BoardPage(Watcher):
    """One visitor's open board; `seen` holds when it heard which of the room's changes."""

    def __init__(self, room: Pages, number: int) -> None:
        super().__init__(room, number)
        self.room: Pages = room
        self.seen: list[tuple[float, int]] = []

    def take(self, message: bytes) -> None:
        change = self.room.change(message)
        if change is None:
            return
        number, which = change
        self.seen.append((time.monotonic(), which))
        if number == self.last + 1:
            self.last = number
        elif number > self.last + 1:  # something is missing: live.js asks for it
            self.room.soon(self.ask())

    async def ask(self) -> None:
        path = f"/{self.room.plan['city']}/changes?since={self.last}&shown={self.room.plan['shown']}"
        answer = await self.room.ask(path)
        if answer is None:
            return
        self.room.repaired += bool(answer["changes"])
        for change in answer["changes"]:
            self.seen.append((time.monotonic(), self.room.add_change(change)))
        self.last = max(self.last, answer["seq"])  # the socket may have been faster


class QueuePage(Watcher):
    """One moderator's open queue; `seen` holds when it showed which item as decided."""

    def __init__(self, room: Pages, number: int) -> None:
        super().__init__(room, number)
        self.room: Pages = room
        self.who, self.cookie = room.plan["moderators"][number]
        self.stamp: int = room.plan["stamp"]
        self.waiting: int | None = None
        self.seen: list[tuple[float, int]] = []
        self.connection = Connection(room.port)
        self.is_asking = self.asks_again = False

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        _, self.frames = await loop.create_connection(
            lambda: Frames(self.room.port, self.hear, self.lost, self.cookie), "127.0.0.1", self.room.port
        )
        async with asyncio.timeout(20):
            await self.watches.wait()

    def wish(self) -> dict[str, Any]:
        return {**super().wish(), "queue": True}

    def take(self, message: bytes) -> None:
        name, data = json.loads(message[len(PREFIX) :])
        if name == "queue" and data["stamp"] > self.stamp:
            self.room.soon(self.ask())

    async def ask(self) -> None:
        if self.is_asking:
            self.asks_again = True
            return
        self.is_asking = self.asks_again = True
        while self.asks_again:
            self.asks_again = False
            path = f"/{self.room.plan['city']}/moderate/items?since={self.stamp}"
            answer = await self.room.ask(path, self.connection, self.cookie)
            if answer is None:
                break
            self.stamp, self.waiting = answer["stamp"], answer["waiting"]["all"]
            self.asks_again = self.asks_again or answer["more"]
            now = time.monotonic()
            self.seen += [(now, row["id"]) for row in answer["rows"] if row["html"] is None]
        self.is_asking = False


class Pages(Room):
    """All open pages; what a board's message says is read once for all that hear it."""

    def __init__(self, plan: dict[str, Any]) -> None:
        super().__init__({**plan, "counts": {}})
        self.changes: list[tuple[int, int | None, str]] = []  # idea, comment, what happened
        self._tasks: set[asyncio.Task[None]] = set()
        self._which: dict[bytes, tuple[int, int] | None] = {}

    def change(self, message: bytes) -> tuple[int, int] | None:
        """The number of a change and its place in `changes`; None for any other message."""
        if message not in self._which:
            name, data = json.loads(message[len(PREFIX) :])
            self._which[message] = (data["seq"], self.add_change(data)) if name == "change" else None
        return self._which[message]

    def soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it beside everything else."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def add_change(self, change: dict[str, Any]) -> int:
        self.changes.append((change["idea"], change["comment"], change["kind"]))
        return len(self.changes) - 1

    async def ask(self, path: str, own: Connection | None = None, cookie: str = "") -> dict[str, Any] | None:
        """What the server answers, over `own` connection or one of all boards'; None where nothing was missing."""
        headers = {"Accept": "application/json", "Accept-Encoding": AS_BROWSERS}
        if cookie:
            headers["Cookie"] = cookie
        connection = own or await self.connections.get()
        try:
            status, got, body = await connection.ask(request("GET", path, self.port, headers=headers))
        except BaseException:
            connection.close()  # half an answer may still be on its way
            raise
        finally:
            if own is None:
                self.connections.put_nowait(connection)
        self.asked += 1
        if status not in (200, 204):
            self.refused += 1
        return dict(json.loads(decoded(got, body))) if status == 200 else None

    async def stay(self) -> dict[str, Any]:
        """Open every page, say so, wait for the truth, compare."""
        for _ in range(6):
            self.connections.put_nowait(Connection(self.port))
        began = time.monotonic()
        boards = [BoardPage(self, number) for number in range(self.plan["watchers"])]
        queues = [QueuePage(self, number) for number in range(len(self.plan["moderators"]))]
        pages: list[Watcher] = [*boards, *queues]
        for ten in range(0, len(pages), 10):
            await asyncio.gather(*(page.connect() for page in pages[ten : ten + 10]))
        say({"watching": len(boards), "queues": len(queues), "seconds": time.monotonic() - began})
        asking = [asyncio.create_task(page.keep_asking()) for page in pages]
        truth = json.loads(await asyncio.to_thread(sys.stdin.readline))
        await asyncio.sleep(SETTLES)
        by_socket = [sum(page.last == truth["seq"] for page in boards)]
        by_socket.append(sum(page.waiting == truth["waiting"] for page in queues))
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        for page in pages:
            await page.ask()
        self.is_ending = True
        return {
            "boards_equal_by_socket": by_socket[0],
            "queues_equal_by_socket": by_socket[1],
            "boards_equal_after_asking": sum(page.last == truth["seq"] for page in boards),
            "queues_equal_after_asking": sum(page.waiting == truth["waiting"] for page in queues),
            "closed": sum(page.closed for page in pages),
            "asked": self.asked,
            "repaired": self.repaired,
            "refused": self.refused,
            "changes": self.changes,
            "boards": [page.seen for page in boards],
            "queues": [{"who": page.who, "seen": page.seen} for page in queues],
        }


def main(plan_file: str, record_file: str) -> None:
    """Read a plan, keep the pages open, write the record."""
    plan = json.loads(Path(plan_file).read_text(encoding="utf-8"))
    record = asyncio.run(Pages(plan).stay())
    Path(record_file).write_text(json.dumps(record), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:3])
