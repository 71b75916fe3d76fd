"""Open pages that know their board card by card, and come back by themselves, as live.js does.

A page loads the newest 50 ideas, watches, applies each numbered change in order, asks over HTTP what it has missed
(after a gap, a disconnect, a reconnect, and every 30 seconds), and begins again where changes are no longer kept. What
it then shows is compared with the database: version and comments of each card, each count, and the board's number.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

from sqlalchemy import select

from app.cities.models import City
from app.ideas.models import Idea
from tests.load.asking import AS_BROWSERS, Connection, decoded, request
from tests.load.crowd import Crowd, looking
from tests.load.watching import Frames

CARD = re.compile(
    r'<article id="idea-(\d+)" class="card" data-idea="\d+" data-version="(\d+)"'
    r'.*?data-comments="\d+">([\d,. \u202f]+)<',
    re.S,
)
COUNT = re.compile(r'data-upvotes="(\d+)">([\d,.\u202f]+)<')
SEQ = re.compile(r'data-page="board"[^>]*data-seq="(\d+)"')
NEWEST = 50
AT_ONCE = 300
LATE = 3.0
"""Seconds after which it is noted how a page still differs, to find out why."""


class Card(NamedTuple):
    """What tells one state of a card from another."""

    version: int
    comments: int


class Truth(NamedTuple):
    """A board in the database: its number, and cards and counts of what is published."""

    seq: int
    cards: dict[int, Card]
    counts: dict[int, int]
    newest: frozenset[int]


def truth_of(database_url: str, city: str) -> Truth:
    """What each page of a board has to show."""
    with looking(database_url) as database:
        city_id, seq = database.execute(select(City.id, City.seq).where(City.slug == city)).one()
        wanted = select(Idea.id, Idea.version, Idea.comment_count, Idea.upvote_count)
        rows = database.execute(
            wanted.where(Idea.city_id == city_id, Idea.state == "published").order_by(
                Idea.created_at.desc(), Idea.id.desc()
            )
        ).all()
    cards = {idea: Card(version, comments) for idea, version, comments, _upvotes in rows}
    counts = {idea: upvotes for idea, _version, _comments, upvotes in rows}
    return Truth(seq, cards, counts, frozenset(row[0] for row in rows[:NEWEST]))


class OpenPage:
    """One page; everything happens in the loop of its readers."""

    def __init__(self, readers: Readers, number: int) -> None:
        self.readers, self.number = readers, number
        self.cards: dict[int, Card] = {}
        self.counts: dict[int, int] = {}
        self.last = 0
        self.early: dict[int, dict[str, Any]] = {}
        self.told: dict[int, int] | None = None
        self.frames: Frames | None = None
        self.is_away = self.is_watching = self.was_there = False
        self.failures = self.reloads = self.questions = 0
        self.ask_at = 0.0
        self._gone, self._nudged = asyncio.Event(), asyncio.Event()
        self._connection = Connection(self.web)

    @property
    def web(self) -> int:
        """The port it asks; another one after a failure, as a proxy in front would choose."""
        ports = self.readers.web
        return ports[(self.number + self.failures) % len(ports)]

    # --- staying connected --------------------------------------------------------------------------------------

    async def live(self) -> None:
        """Load, then stay connected and keep asking until the loop ends."""
        while not await self._tried(self.load()):
            await asyncio.sleep(0.3)
        asking = asyncio.create_task(self._keep_asking())
        attempts = 0
        try:
            while True:
                if not self.is_away and await self._tried(self._watch()):
                    attempts = 0
                    await self._gone.wait()
                self.is_watching = False
                if self.frames is not None and hasattr(self.frames, "transport"):
                    self.frames.transport.abort()
                attempts += 1
                self._nudged.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(random.uniform(0.5, 1.5) * min(3.0, attempts)):
                        await self._nudged.wait()
        finally:
            asking.cancel()

    async def _tried(self, act: Coroutine[Any, Any, None]) -> bool:
        try:
            async with asyncio.timeout(8):
                await act
        except (OSError, ValueError, asyncio.IncompleteReadError):
            self.failures += 1
            self._connection.close()
            return False
        return True

    async def _watch(self) -> None:
        self._gone = asyncio.Event()
        self._welcome: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        ports = self.readers.live
        port = ports[(self.number + self.failures) % len(ports)]
        gone = self._gone
        loop = asyncio.get_running_loop()
        self.frames = Frames(port, self.hear, gone.set)  # known before it may hear something
        await loop.create_connection(lambda: self.frames, "127.0.0.1", port)
        lost = asyncio.create_task(gone.wait())
        await asyncio.wait({lost, self._welcome}, return_when=asyncio.FIRST_COMPLETED)
        lost.cancel()
        if not self._welcome.done():
            raise ConnectionResetError
        answer = self._welcome.result()
        if not answer["ok"]:
            raise ConnectionResetError
        self.is_watching = True
        if self.was_there:
            self.ask_soon(min(2.0, 0.1 + 0.004 * len(self.readers.pages)))
        else:
            self.ask_soon(0.5 if answer["seq"] > self.last else 5.0)
        self.was_there = True

    def leave(self) -> None:
        """The network goes: no goodbye is said, and nothing works until `come_back`."""
        self.is_away = True
        if self.frames is not None and hasattr(self.frames, "transport"):
            self.frames.transport.abort()

    def come_back(self) -> None:
        """The network is there again, and the browser says so."""
        self.is_away = False
        self._nudged.set()
        self.ask_soon(1.0)

    # --- hearing ------------------------------------------------------------------------------------------------

    def hear(self, message: bytes) -> None:
        """One message of the socket."""
        assert self.frames is not None
        send = self.frames.send
        if message == b"2":
            send(b"3")
        elif message.startswith(b"0"):
            send(b"40/live,")
        elif message.startswith(b"40/live,"):
            wish = json.dumps({"city": self.readers.crowd.city, "language": "en"}).encode()
            send(b'42/live,1["watch",' + wish + b"]")
        elif message.startswith(b"43/live,1") and not self._welcome.done():
            self._welcome.set_result(json.loads(message[9:])[0])
        elif message.startswith(b"42/live,"):
            name, data = json.loads(message[8:])
            if name == "change":
                self.number_heard(data)
            elif name == "counts":
                self.tally(data["counts"])
            elif name == "bye":
                asyncio.get_running_loop().call_later(
                    random.uniform(0, data["within"] / 1000), self._gone.set
                )
        elif message.startswith((b"41", b"44")):
            self._gone.set()

    def tally(self, counts: dict[str, int]) -> None:
        """The last value wins."""
        for idea, count in counts.items():
            self.counts[int(idea)] = count
            if self.told is not None:
                self.told[int(idea)] = count

    def number_heard(self, change: dict[str, Any]) -> None:
        """`Numbering` of live.js."""
        if change["seq"] <= self.last:
            return
        if change["prev"] > self.last:
            self.early[change["seq"]] = change
            self.ask_soon(0.0, at_least=0.3)
            return
        self.apply(change)
        self.arrive_at(change["seq"])

    def arrive_at(self, seq: int) -> None:
        """Everything up to this number is shown; what came too early may follow."""
        self.last = max(self.last, seq)
        for seq in sorted(self.early):
            change = self.early.get(seq)  # one before it may have brought it along
            if change is not None and (seq <= self.last or change["prev"] <= self.last):
                self.number_heard(self.early.pop(seq))

    def apply(self, change: dict[str, Any]) -> None:
        """Put a change where it belongs; a card that is null is taken away."""
        idea = change["idea"]
        card = CARD.search(change["card"] or "")
        if card is None:
            self.cards.pop(idea, None)
            return
        self.cards[idea] = Card(int(card[2]), _number(card[3]))
        if idea not in self.counts:
            self.counts[idea] = _number(COUNT.findall(change["card"])[0][1])

    # --- asking -------------------------------------------------------------------------------------------------

    def ask_soon(self, most: float, at_least: float = 0.0) -> None:
        """Ask at a random moment within so many seconds; an earlier appointment stands."""
        self.ask_at = min(self.ask_at, time.monotonic() + max(at_least, random.uniform(0, most)))

    async def _keep_asking(self) -> None:
        self.ask_at = time.monotonic() + 30 * random.uniform(0.85, 1.15)
        while True:
            await asyncio.sleep(0.02)
            if time.monotonic() < self.ask_at:
                continue
            self.ask_at = time.monotonic() + 30 * random.uniform(0.85, 1.15)
            if self.is_away or not await self._tried(self.ask()):
                self.ask_soon(0.0, at_least=5 * random.uniform(0.85, 1.15))

    async def _get(self, path: str, accept: str) -> tuple[int, bytes]:
        headers = {"Accept": accept, "Accept-Encoding": AS_BROWSERS, "Accept-Language": "en"}
        port = self.web
        if self._connection.port != port:
            self._connection.close()
            self._connection = Connection(port)
        status, got, body = await self._connection.ask(request("GET", path, port, headers=headers))
        if self.is_away or status >= 400:
            raise ConnectionResetError(status)
        return status, decoded(got, body)

    async def load(self) -> None:
        """The newest 50 ideas, as the page is born with them."""
        _status, body = await self._get(f"/{self.readers.crowd.city}?sort=newest", "text/html")
        html = body.decode()
        seq = SEQ.search(html)
        if seq is None:
            raise ValueError("this is no board")
        self.cards = {
            int(idea): Card(int(version), _number(said)) for idea, version, said in CARD.findall(html)
        }
        self.counts = {int(idea): _number(said) for idea, said in COUNT.findall(html)}
        self.last = int(seq[1])
        self.arrive_at(self.last)

    async def ask(self) -> None:
        """What was missed since the last number this page knows; a few hundred counts at a time, as live.js does."""
        ids = sorted(self.cards, reverse=True)
        for first in range(0, max(1, len(ids)), AT_ONCE):
            await self._question(ids[first : first + AT_ONCE])

    async def _question(self, ids: Sequence[int]) -> None:
        self.told = {}
        self.questions += 1
        shown = ",".join(f"{idea}:{self.counts.get(idea, 0)}" for idea in ids)
        path = f"/{self.readers.crowd.city}/changes?since={self.last}&shown={shown}"
        try:
            status, body = await self._get(path, "application/json")
            if status == 204:
                return
            answer = json.loads(body)
            if answer.get("reload"):
                self.reloads += 1
                await self.load()
                return
            for change in answer["changes"]:
                if change["seq"] > self.last:
                    self.apply(change)
            self.arrive_at(answer["seq"])
            newer = self.told
            self.tally({idea: n for idea, n in answer["counts"].items() if int(idea) not in newer})
        finally:
            self.told = None

    # --- comparing ----------------------------------------------------------------------------------------------

    def differs(self, truth: Truth) -> str:
        """How it differs from the database; nothing where it does not."""
        if self.last != truth.seq:
            return f"number {self.last} instead of {truth.seq}"
        if missing := truth.newest - self.cards.keys():
            return f"ideas {sorted(missing)} are missing"
        for idea, card in self.cards.items():
            if truth.cards.get(idea) != card:
                return f"idea {idea} shows {card} instead of {truth.cards.get(idea)}"
            if self.counts.get(idea) != truth.counts[idea]:
                return f"idea {idea} shows {self.counts.get(idea)} upvotes instead of {truth.counts[idea]}"
        return ""


def _number(said: str) -> int:
    return int(re.sub(r"\D", "", said))


class Readers:
    """Open pages of one board, in a loop of their own."""

    def __init__(self, crowd: Crowd, web: Sequence[int], live: Sequence[int], how_many: int) -> None:
        self.crowd, self.web, self.live = crowd, list(web), list(live)
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(
            lambda *_told: None
        )  # a refused websocket is tried again, and that is all
        self.pages = [OpenPage(self, number) for number in range(how_many)]
        self.late = ""
        self._tasks: list[Future[None]] = []
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True, name="readers")

    def __enter__(self) -> Readers:
        self._thread.start()
        self._tasks = [asyncio.run_coroutine_threadsafe(page.live(), self.loop) for page in self.pages]
        if not self.until(lambda: all(page.is_watching for page in self.pages), 60):
            raise TimeoutError("The pages do not get in.")
        return self

    def __exit__(self, *_told: object) -> None:
        for task in self._tasks:
            task.cancel()
        asyncio.run_coroutine_threadsafe(self._rest(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    async def _rest(self) -> None:
        """Let everything that was cancelled come to its end."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def do(self, act: Callable[[OpenPage], None], pages: Sequence[OpenPage] | None = None) -> None:
        """Do this to these pages (all of them), in their loop."""
        for page in self.pages if pages is None else pages:
            self.loop.call_soon_threadsafe(act, page)

    @staticmethod
    def until(condition: Callable[[], bool], seconds: float) -> bool:
        """Wait for it; returns whether it came true in time."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def equal_within(
        self, truth: Truth, seconds: float, pages: Sequence[OpenPage] | None = None
    ) -> tuple[float | None, str]:
        """Seconds until all these pages equal the database; None and how one differs, where that takes too long."""
        began = time.monotonic()
        left = list(self.pages if pages is None else pages)
        self.late = ""
        while True:
            left = [page for page in left if not page.is_watching or self._difference(page, truth)]
            took = time.monotonic() - began
            if not left:
                return took, ""
            if took > seconds or (took > LATE and not self.late):
                why = "not connected" if not left[0].is_watching else self._difference(left[0], truth)
                self.late = f"{len(left)} pages differ: {why}"
            if took > seconds:
                return None, self.late
            time.sleep(0.05)

    def _difference(self, page: OpenPage, truth: Truth) -> str:
        async def look() -> str:
            return page.differs(truth)

        return asyncio.run_coroutine_threadsafe(look(), self.loop).result(10)
