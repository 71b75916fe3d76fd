"""Simulated phones and screens of a workshop.

A phone keeps what it wants to say until the server has answered, as `outbox.js` does; its page keeps the board equal to
the database by the numbers of `docs/live.md`. Nothing here knows the application: only its addresses.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import uuid
from functools import lru_cache
from typing import Any

from tests.lines import Browser, Line

HIDDEN = re.compile(r'name="(csrf_token|submission_key)" value="([^"]+)"')
CARD = re.compile(r'data-version="(\d+)".*?data-upvotes="\d+">([\d.,\s]+)<', re.DOTALL)
STOP = re.compile(r'<li class="stop" data-key="(\d+)">(?:.*?<b class="count">([\d.,\s]+)<)?', re.DOTALL)


class Phone:
    """Somebody in the room. `ideas` and `comments`: id by the key they were sent with, once acknowledged."""

    def __init__(self, port: int, name: str, city: str = "rotterdam") -> None:
        self.browser, self.name, self.city = Browser(port), name, city
        self.ideas: dict[str, int] = {}
        self.comments: dict[str, int] = {}
        self.upvoted: set[int] = set()
        self.shown: dict[int, tuple[str, int]] = {}  # idea: title, version
        self.counts: dict[int, int] = {}
        self.last = 0
        self.room: dict[str, Any] = {"phase": ""}
        self.caught_up = 0
        self.line: Line | None = None
        self._told: dict[int, int] | None = None
        self._wants = asyncio.Event()
        self._minding: asyncio.Task[None] | None = None

    async def join(self, code: str) -> None:
        """Scan the code, fill the three fields, open the board; then listen."""
        _, door = await self.browser.ask("GET", f"/j/{code}")
        fields = {"name": self.name, "group": "student", "consent": "y", **dict(HIDDEN.findall(door))}
        status, answer = await self.browser.ask("POST", f"/j/{code}", fields)
        assert status == 303, (status, answer)
        _, page = await self.browser.ask("GET", f"/{self.city}")
        found = {name: re.search(f'data-{name}="([^"]+)"', page) for name in ("csrf", "seq", "workshop")}
        self.browser.csrf, self.last = str(_one(found["csrf"])), int(_one(found["seq"]))
        wish = {"city": self.city, "language": "en", "workshop": int(_one(found["workshop"]))}
        self.line = Line(self.browser.port, self.browser.cookie, wish, self.hear)
        self._minding = asyncio.create_task(self._mind())

    # what it says -------------------------------------------------------------------------------------

    async def post(self, title: str, text: str) -> None:
        """An idea, kept until the server has it."""
        key = str(uuid.uuid4())
        fields = {"kind": "challenge", "title": title, "text": text, "themes": ["1"], "submission_key": key}
        status, answer = await self.browser.insist("POST", f"/{self.city}/ideas", fields)
        assert status == 201, (status, answer)
        self.ideas[key] = answer["id"]

    async def comment(self, idea: int, text: str) -> None:
        """A comment, kept until the server has it."""
        key = str(uuid.uuid4())
        fields = {"text": text, "stance": "support", "submission_key": key}
        status, answer = await self.browser.insist("POST", f"/ideas/{idea}/comments", fields)
        assert status == 201, (status, answer)
        self.comments[key] = answer["id"]

    async def upvote(self, idea: int, wanted: bool = True) -> bool:
        """Give an upvote or take it back, as often as it takes to be told; whether it was accepted."""
        fields = {"upvote": "on" if wanted else "off"}
        status, answer = await self.browser.insist("POST", f"/ideas/{idea}/upvote", fields)
        assert status in (200, 403), (status, answer)
        if status == 200:
            (self.upvoted.add if wanted else self.upvoted.discard)(idea)
        return status == 200

    # what it sees -------------------------------------------------------------------------------------

    def hear(self, name: str, message: Any) -> None:
        """What the socket says."""
        if name == "watching" and "seq" in message:
            self._wants.set()  # something may have happened before the socket was open
        elif name == "room":
            self.room = message
        elif name == "counts":
            self._count({int(idea): count for idea, count in message["counts"].items()})
        elif name == "change":
            if message["seq"] > self.last and message["prev"] > self.last:
                self._wants.set()
            elif message["seq"] > self.last:
                self._apply(message)
                self.last = message["seq"]

    def _apply(self, change: dict[str, Any]) -> None:
        if change["card"] is None:
            self.shown.pop(change["idea"], None)
            self.counts.pop(change["idea"], None)
            return
        version, count = _card(change["card"])
        self.shown[change["idea"]] = change["title"], version
        self._count({change["idea"]: count})

    def _count(self, counts: dict[int, int]) -> None:
        self.counts.update(counts)
        if self._told is not None:
            self._told.update(counts)

    async def _mind(self) -> None:
        while True:
            await self._wants.wait()
            await asyncio.sleep(random.uniform(0.0, 1.0))  # a room does not ask at once
            await self.catch_up()

    async def catch_up(self) -> None:
        """Ask what was missed, and be equal to the database then."""
        self._wants.clear()
        self._told = {}
        shown = ",".join(f"{idea}:{count}" for idea, count in self.counts.items())
        mine = ",".join(map(str, self.upvoted))
        path = f"/{self.city}/changes?since={self.last}&shown={shown}&mine={mine}"
        status, answer = await self.browser.insist("GET", path)
        told, self._told = self._told, None
        if status == 204:
            return
        assert status == 200 and "reload" not in answer, (status, answer)
        self.caught_up += 1
        for change in answer["changes"]:
            if change["seq"] > self.last:
                self._apply(change)
        self.last = max(self.last, answer["seq"])
        missed = {int(idea): count for idea, count in answer["counts"].items()}
        self.counts.update(missed | told)

    async def leave(self) -> None:
        """The page is closed."""
        if self._minding is not None:
            self._minding.cancel()
        if self.line is not None:
            await self.line.close()
        self.browser.close()


class Screen:
    """A TV: told that something is new, it fetches what it shows, once a second at most."""

    def __init__(self, port: int, token: str) -> None:
        self.browser, self.path = Browser(port), f"/screen/{token}/state.json"
        self.state: dict[str, Any] = {}
        self.fetched = 0
        self._new = asyncio.Event()
        self.line = Line(port, "", {"screen": token}, lambda *_said: self._new.set())
        self._at_work = asyncio.create_task(self._stay())

    async def _stay(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(10.0 if self.line.is_watching else 1.5):
                    await self._new.wait()
            self._new.clear()
            await self.fetch()
            await asyncio.sleep(1.0)

    async def fetch(self) -> None:
        """Ask for the state, until there is an answer."""
        status, answer = await self.browser.insist("GET", self.path)
        assert status == 200, (status, answer)
        self.state = answer
        self.fetched += 1

    @property
    def shows(self) -> list[tuple[int, int | None]]:
        """The ideas in their order, and the upvotes where the mode says them."""
        found = STOP.findall(self.state["html"])
        return [(int(idea), _number(count) if count else None) for idea, count in found]

    async def leave(self) -> None:
        """Switched off."""
        self._at_work.cancel()
        await self.line.close()
        self.browser.close()


@lru_cache(maxsize=512)
def _card(html: str) -> tuple[int, int]:
    """Version and upvotes of a card."""
    found = CARD.search(html)
    assert found, html
    return int(found[1]), _number(found[2])


def _number(words: str) -> int:
    return int(re.sub(r"\D", "", words))


def _one(found: re.Match[str] | None) -> str:
    assert found, "the page does not say it"
    return found[1]
