"""Thousands of open pages, in a process of their own: `python -m tests.load.crowding PLAN.json`.

Each does what the page's script does: it watches a board over a websocket, takes in counts and numbered changes,
answers pings, asks for what it has missed every 30 seconds with jitter, after a gap, after a disconnect and after a
reconnect (at a random moment), and comes back when its socket is lost. Commands are lines of JSON on standard input,
and each is answered with one line of JSON:

    {"do": "compare", "truth": {"seq": 12, "counts": {"42": 88}}}   how many equal it, by the socket alone
    {"do": "ask"}                all ask, at random moments within two seconds; answers when all have been answered
    {"do": "cut"}                all sockets are lost at once; answers when all are current again
    {"do": "stall", "pages": 50} so many stop reading; {"do": "unread"}: for how many something is left;
    {"do": "resume"}: they read what is left, and come back
    {"do": "figure", "votes": PATH, "since": s}   how long each upvote took to each page; see `showing`
    {"do": "fold"}               forget what came when, keep what is shown; for those that watch for hours
    {"do": "end"}
"""

from __future__ import annotations

import json
import os
import random
import resource
import select
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.load.hearing import Content, Corrupt, Page, Room
from tests.load.questions import Questions
from tests.load.showing import delays

EVERY = 30.0
CONNECTING_AT_ONCE = 40
SHOWN = 50


class Crowding:
    """All pages of this process, and the loop that serves them."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.began = time.monotonic()
        self.rooms = [Room(port, plan["counts"]) for port in plan["live"]]
        self.city: str = plan["city"]
        wish = {"city": self.city, "language": "en"}
        self.pages = [
            Page(self.rooms[number % len(self.rooms)], number, wish, plan["seq"])
            for number in range(plan["watchers"])
        ]
        self.shown = list(plan["counts"])[:SHOWN]
        self.of: dict[int, Page] = {}
        self.poll = select.epoll()
        self.answers: deque[tuple[Page, int, dict[str, Any], float]] = deque()
        self.questions = Questions(plan["web"], self._answered, lines=plan.get("lines", 8))
        self.asking: set[int] = set()
        self.stalled: set[int] = set()
        self.told = {
            "closed": 0, "refused": 0, "asked": 0, "repaired": 0, "reloads": 0, "failed": 0, "corrupt": 0
        }  # fmt: skip
        self.first_corrupt = ""
        self.commands: deque[dict[str, Any]] = deque()
        self.cut_at = 0.0
        self._wake, self._waker = os.pipe()
        self.poll.register(self._wake, select.EPOLLIN)

    # --- the loop -----------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Bring everybody in, say so, then do what is told until the end."""
        for page in self.pages:
            page.due = float("inf")
        for moment in self._arrive(self.pages):
            self._step(moment)
            self._look()
        self._say({"watching": len(self.of), "seconds": time.monotonic() - self.began, "began": self.began})
        for page in self.pages:
            page.due = time.monotonic() + random.uniform(0, EVERY)
        threading.Thread(target=self._read_commands, daemon=True).start()
        while True:
            self._step(0.2)
            self._look()
            while self.commands:
                command = self.commands.popleft()
                if command["do"] == "end":
                    self._say(self._facts())
                    return
                self._say(getattr(self, "_" + command["do"])(command) or {})

    def _arrive(self, pages: list[Page]) -> Iterator[float]:
        """Open pages, so many at once, until all watch; the caller steps in between. Raises TimeoutError."""
        waiting, under_way = deque(pages), set()
        deadline = time.monotonic() + 30 + len(pages) / 50
        while waiting or under_way:
            under_way = {number for number in under_way if not self.pages[number].is_watching}
            while waiting and len(under_way) < CONNECTING_AT_ONCE:
                page = waiting.popleft()
                if page.socket is None:
                    self._open(page)
                under_way.add(page.number)
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(waiting) + len(under_way)} pages do not get in")
            yield 0.02

    def _open(self, page: Page) -> None:
        try:
            opened = page.open(small=page.number in self.stalled)
        except OSError:
            self._lost(page)
            return
        self.of[opened.fileno()] = page
        self.poll.register(opened.fileno(), select.EPOLLIN)

    def _step(self, patience: float) -> None:
        """Take in what has come, waiting for it at most `patience` seconds."""
        for number, _events in self.poll.poll(patience):
            page = self.of.get(number)
            if page is None:
                if number == self._wake:
                    os.read(self._wake, 4096)
                continue
            self._hear(page)
        while self.answers:
            self._take(*self.answers.popleft())

    def _hear(self, page: Page) -> None:
        assert page.socket is not None
        now = int(1000 * (time.monotonic() - self.began))
        try:
            data = page.socket.recv(16384)
            if not data:
                raise ConnectionResetError
            for payload in page.take(data, now):
                self._said(page, payload)
        except BlockingIOError:
            return
        except Corrupt as wrong:
            self.told["corrupt"] += 1
            self.first_corrupt = self.first_corrupt or repr(wrong)
            self._lost(page)
        except OSError:
            self._lost(page)

    def _said(self, page: Page, payload: bytes) -> None:
        if payload == b"2":
            page.send(b"3")
        elif payload.startswith(b"0"):
            page.send(b"40/live,")
        elif payload.startswith(b"40/live,"):
            page.send(b'42/live,1["watch",' + json.dumps(page.wish).encode() + b"]")
        elif payload.startswith(b"43/live,1"):
            answer = json.loads(payload[9:])[0]
            if not answer["ok"]:
                raise ConnectionResetError("not let in")
            page.is_watching = True
            if page.back_at:  # it was here before
                page.back_at, page.is_rejoining = 0.0, True
                self._soon(page, 0.1)
            else:
                self._soon(page, 0.5 if answer["seq"] > page.last else 5.0)
        elif payload.startswith(b"42/live,"):
            name, data = json.loads(payload[8:])
            if name == "bye":
                self._forget(page)
                page.back_at = time.monotonic() + random.uniform(0, data["within"] / 1000)
        elif payload.startswith((b"41", b"44")):
            raise ConnectionResetError("sent away")

    def _forget(self, page: Page) -> None:
        if page.socket is not None:
            number = page.socket.fileno()
            self.of.pop(number, None)
            if page.is_reading:
                self.poll.unregister(number)
        page.is_reading = True
        page.close()

    def _lost(self, page: Page) -> None:
        """Come back, as socket.io does: after about a second, later after three; and ask meanwhile."""
        self.told["closed"] += 1
        again = bool(page.back_at)
        self._forget(page)
        now = time.monotonic()
        page.back_at = now + (random.uniform(1.5, 4.5) if again else random.uniform(0.5, 1.5))
        self._soon(page, 2.0)

    def _soon(self, page: Page, least: float) -> None:
        """Ask at a random moment, as live.js does: within 4 ms a page, `least` seconds and ten at most."""
        within = min(10.0, max(least, 0.004 * len(self.pages)))
        page.due = min(page.due, time.monotonic() + random.uniform(0, within))

    def _look(self) -> None:
        """Who is to ask, and who is to come back?"""
        now = time.monotonic()
        for page in self.pages:
            if page.socket is None and page.back_at and page.back_at <= now:
                self._open(page)
            if page.gap_at and page.gap_at <= now:
                page.gap_at = 0.0
                if not page.is_rejoining:
                    self._soon(page, 0.0)
            if page.due <= now and page.number not in self.asking and page.is_reading:
                self._question(page, now)

    # --- asking -------------------------------------------------------------------------------------------------

    def _question(self, page: Page, now: float) -> None:
        self.asking.add(page.number)
        page.asked_at, page.is_rejoining = now, False
        page.due = now + EVERY * random.uniform(0.85, 1.15)
        counts = page.room.counts_after(page.heard)
        shown = ",".join(f"{idea}:{counts[idea]}" for idea in self.shown)
        self.questions.ask(page, f"/{self.city}/changes?since={page.last}&shown={shown}")

    def _answered(self, page: Page, status: int, answer: dict[str, Any]) -> None:
        self.answers.append((page, status, answer, time.monotonic()))
        if len(self.answers) == 1:
            os.write(self._waker, b".")

    def _take(self, page: Page, status: int, answer: dict[str, Any], at: float) -> None:
        self.asking.discard(page.number)
        self.told["asked"] += 1
        if status == 200 and answer.get("reload"):
            self.told["reloads"] += 1
        elif status == 200:
            heard = {
                idea
                for when, number in zip(reversed(page.at), reversed(page.heard), strict=True)
                if when > 1000 * (page.asked_at - self.began)
                for idea in page.room.contents[number].counts
            } if page.at and page.at[-1] > 1000 * (page.asked_at - self.began) else set()  # fmt: skip
            counts = {idea: count for idea, count in answer["counts"].items() if idea not in heard}
            if counts:
                self.told["repaired"] += 1
                page.at.append(int(1000 * (at - self.began)))
                page.heard.append(page.room.add(Content(counts)))
            page.arrive_at(answer["seq"])
        elif status != 204:
            self.told["failed"] += 1
            page.due = at + 5 * random.uniform(0.85, 1.15)
            return
        if page.is_watching:
            page.current_at = page.current_at or at

    # --- commands -----------------------------------------------------------------------------------------------

    def _read_commands(self) -> None:
        for line in sys.stdin:
            self.commands.append(json.loads(line))
            os.write(self._waker, b"!")
        self.commands.append({"do": "end"})

    def _compare(self, command: dict[str, Any]) -> dict[str, Any]:
        truth = command["truth"]
        equal = {}
        for page in self.pages:
            key = page.heard.tobytes()
            if key not in equal:
                counts = page.room.counts_after(page.heard)
                equal[key] = all(
                    counts.get(idea, 0) == count for idea, count in truth["counts"].items() if idea in counts
                )
        known = [equal[page.heard.tobytes()] for page in self.pages]
        return {
            "counts": sum(known),
            "numbers": sum(page.last == truth["seq"] for page in self.pages),
            "equal": sum(
                same and page.last == truth["seq"] for same, page in zip(known, self.pages, strict=True)
            ),
        }

    def _ask(self, _command: dict[str, Any]) -> dict[str, Any]:
        """All that read, whatever they know."""
        self.shown = list(self.plan["counts"])[:300]
        now = time.monotonic()
        before = {page.number: page.asked_at for page in self.pages}
        for page in self.pages:
            page.due = now + random.uniform(0, 2.0)
        done = self._until(
            lambda: all(page.asked_at > before[page.number] for page in self.pages) and not self.asking, 60
        )
        self.shown = self.shown[:SHOWN]
        return {"done": done, "seconds": time.monotonic() - now}

    def _cut(self, _command: dict[str, Any]) -> dict[str, Any]:
        """All sockets are lost at once, as when a process of the server ends."""
        now = time.monotonic()
        for page in self.pages:
            page.current_at, page.back_at = 0.0, 0.0
            self._lost(page)
        done = self._until(lambda: all(page.current_at for page in self.pages), 90)
        times = sorted(page.current_at - now for page in self.pages if page.current_at)
        return {
            "done": done,
            "current": len(times),
            "p50": times[len(times) // 2] if times else None,
            "last": times[-1] if times else None,
        }

    def _stall(self, command: dict[str, Any]) -> dict[str, Any]:
        """These stop reading: they have a small buffer, and come anew for that."""
        chosen = self.pages[: command["pages"]]
        self.stalled = {page.number for page in chosen}
        for page in chosen:
            self._forget(page)
        for moment in self._arrive(chosen):
            self._step(moment)
            self._look()
        for page in chosen:
            assert page.socket is not None
            self.poll.unregister(page.socket.fileno())
            page.is_reading = False
        return {"stalled": len(chosen)}

    def _unread(self, _command: dict[str, Any]) -> dict[str, Any]:
        """Stalled pages for which something lies in the kernel, or whose server has ended it."""
        behind = 0
        for number in self.stalled:
            page = self.pages[number]
            assert page.socket is not None
            try:
                page.socket.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                continue
            except ConnectionError:
                pass  # the server has given it up
            behind += 1
        return {"pages": behind}

    def _resume(self, _command: dict[str, Any]) -> dict[str, Any]:
        """They read all that is left for them, which must be whole frames, and come back."""
        corrupt, closed = self.told["corrupt"], self.told["closed"]
        for number in self.stalled:
            page = self.pages[number]
            assert page.socket is not None
            page.is_reading = True
            page.due = time.monotonic() + random.uniform(0, 2.0)
            self.poll.register(page.socket.fileno(), select.EPOLLIN)
        dropped = self._until(
            lambda: all(self.pages[number].is_watching for number in self.stalled) and not self.asking, 15
        )
        closed = self.told["closed"] - closed
        self.stalled = set()
        return {"back": dropped, "dropped": closed, "corrupt": self.told["corrupt"] - corrupt}

    def _figure(self, command: dict[str, Any]) -> dict[str, Any]:
        votes = json.loads(Path(command["votes"]).read_text(encoding="utf-8"))
        without = self.stalled
        told = [page for page in self.pages if page.number not in without]
        return delays(votes, told, self.began)

    def _fold(self, _command: dict[str, Any]) -> dict[str, Any]:
        for room in self.rooms:
            room.fold([page for page in self.pages if page.room is room], self.asking)
        return {}

    def _tell(self, _command: dict[str, Any]) -> dict[str, Any]:
        return self._facts()

    def _until(self, done: Any, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._step(0.05)
            self._look()
            if done():
                return True
        return False

    def _facts(self) -> dict[str, Any]:
        heard = sum(len(page.heard) for page in self.pages)
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            **self.told,
            "messages": sum(len(room.contents) for room in self.rooms),
            "heard": heard,
            "first_corrupt": self.first_corrupt,
            "watching": sum(page.is_watching for page in self.pages),
            "seconds_worked": used.ru_utime + used.ru_stime,
        }

    @staticmethod
    def _say(fact: dict[str, Any]) -> None:
        print(json.dumps(fact), flush=True)


if __name__ == "__main__":
    Crowding(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))).run()
