"""What a first visit costs: by asking for everything as a browser would, and by looking over a real one's shoulder."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from playwright.sync_api import Error, Page, sync_playwright

from tests.load.asking import AS_BROWSERS, Connection, decoded, request

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]
NAMED = re.compile(r"""(?:src|href)="(/assets/[^"#?]+)""")
FONT = re.compile(
    r"""url\(["']?(/assets/[^"')]+latin-wght[^"')]+)"""
)  # further ranges are fetched where needed
MODULE = re.compile(r"""(?:from\s*|import\s*\(?\s*|need\(\s*)["']\./([\w.-]+\.js)["']""")
CARD = "article.card"
KINDS = {".js": "script", ".css": "style", ".woff2": "font", ".svg": "icons"}


@dataclass
class Weight:
    """Files and bytes on the wire, compressed."""

    requests: int
    bytes: int
    script_and_style: int
    by_kind: dict[str, int]


def by_asking(port: int, path: str) -> dict[str, Any]:
    """The page, all it names, the text font, and every module its scripts could come to load: at most this."""
    return asdict(asyncio.run(_ask_for_all(port, path)))


async def _ask_for_all(port: int, path: str) -> Weight:
    connection = Connection(port)
    waiting, seen, by_kind = [path], {path}, dict.fromkeys(["page", *KINDS.values()], 0)
    while waiting:
        one = waiting.pop()
        wanted = request("GET", one, port, headers={"Accept-Encoding": AS_BROWSERS})
        status, headers, body = await connection.ask(wanted)
        assert status == 200, f"{one}: {status}"
        kind = KINDS.get(PurePosixPath(one).suffix, "page")
        head = sum(len(name) + len(value) + 4 for name, value in headers.items()) + 19
        by_kind[kind] += head + len(body)
        found: list[str] = []
        if kind == "page":
            found = NAMED.findall(decoded(headers, body).decode())
        elif kind == "style":
            found = FONT.findall(decoded(headers, body).decode())
        elif kind == "script" and "/vendor/" not in one:
            folder = one.rpartition("/")[0]
            found = [f"{folder}/{name}" for name in MODULE.findall(decoded(headers, body).decode())]
        waiting += [name for name in dict.fromkeys(found) if name not in seen]
        seen.update(found)
    connection.close()
    return Weight(len(seen), sum(by_kind.values()), by_kind["script"] + by_kind["style"], by_kind)


class Scales:
    """Weighs what a page of Chromium loads from now on: put it there before the page is opened."""

    def __init__(self, page: Page) -> None:
        self.sockets: list[str] = []
        self._sizes: dict[str, int] = {}
        self._kinds: dict[str, str] = {}
        protocol = page.context.new_cdp_session(page)
        protocol.on("Network.responseReceived", self._received)
        protocol.on("Network.loadingFinished", self._finished)
        protocol.on("Network.webSocketCreated", lambda told: self.sockets.append(told["url"]))
        protocol.send("Network.enable")

    def _received(self, told: dict[str, Any]) -> None:
        self._kinds[told["requestId"]] = told["type"].lower()

    def _finished(self, told: dict[str, Any]) -> None:
        self._sizes[told["requestId"]] = int(told["encodedDataLength"])

    def weight(self) -> Weight:
        """What has arrived so far, heads included."""
        by_kind: dict[str, int] = {}
        for key, size in self._sizes.items():
            kind = self._kinds.get(key, "other")
            by_kind[kind] = by_kind.get(kind, 0) + size
        script_and_style = by_kind.get("script", 0) + by_kind.get("stylesheet", 0)
        return Weight(len(self._sizes), sum(self._sizes.values()), script_and_style, by_kind)


def by_chromium(port: int, path: str) -> dict[str, Any]:
    """The same, seen by Chromium on a phone's first visit that lasts two seconds; `missing` where there is none."""
    known = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, known)), None)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
            page = browser.new_page(viewport={"width": 390, "height": 844}, locale="en-GB")
            scales = Scales(page)
            page.goto(f"http://127.0.0.1:{port}{path}")
            page.wait_for_timeout(2000)
            painted = page.evaluate(
                "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
            )
            weight = asdict(scales.weight())
            without = browser.new_page(viewport={"width": 390, "height": 844}, java_script_enabled=False)
            without.goto(f"http://127.0.0.1:{port}{path}")
            cards = sum(card.is_visible() for card in without.locator(CARD).all())
            browser.close()
    except Error as error:
        return {"missing": str(error).splitlines()[0]}
    seen = {"cards_without_script": cards, "first_paint_ms": painted and round(painted)}
    return {**weight, "sockets": len(scales.sockets), **seen}
