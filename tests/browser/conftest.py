"""People with real browsers.

`person("Mara")` is somebody signed in at the module's `live_server`, in a browser context of their own; `visitor()` is
somebody without an account. Both are watched: an error in the page, a message on its console or a breach of the
content policy fails the test, unless it was foreseen with `mara.foresees("…")`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Route

from app.accounts.actions.sessions import start_session
from app.core import clock
from app.factory import create_app
from tests.clients import apart
from tests.conftest import add_person
from tests.servers import ROOT, Board

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
AXE = (ROOT / "tests" / "vendor" / "axe" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The machine's own Chromium: CHROMIUM, else the first one on the PATH."""
    known = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, known)), None)
    started = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield started
    started.close()


class Person:
    """Somebody at a browser: `.page`, `.context`, `.id`, `.name`, and everything that went wrong in `.troubles`."""

    def __init__(
        self, board: Board, context: BrowserContext, name: str = "", user_id: int | None = None
    ) -> None:
        self.board = board
        self.context = context
        self.name = name
        self.id = user_id
        self.troubles: list[str] = []
        self.requests: list[str] = []
        self._foreseen: list[str] = []
        context.on("page", self._watch)
        self.page = context.new_page()

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.troubles.append(f"error in the page: {error}"))
        page.on("console", self._note)
        page.on("request", lambda request: self.requests.append(request.url))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def foresees(self, *parts: str) -> None:
        """Troubles whose text contains one of `parts` are part of this test."""
        self._foreseen.extend(parts)

    def unforeseen(self) -> list[str]:
        """What went wrong and should not have."""
        return [trouble for trouble in self.troubles if not any(part in trouble for part in self._foreseen)]

    def goes_to(self, path: str) -> Page:
        """Open a page of the board; asserts that it is there."""
        answer = self.page.goto(self.board.url + path)
        assert answer is not None and answer.ok, f"{path}: {answer and answer.status}"
        return self.page

    def axe(self, **options: Any) -> list[str]:
        """What axe finds on the page at hand, a line each; empty when nothing."""
        self.page.evaluate(AXE)
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        chosen = {"runOnly": {"type": "tag", "values": tags}, **options}
        found = self.page.evaluate("options => axe.run(document, options)", chosen)
        return [
            f"{violation['id']}: {node['target']} {node.get('failureSummary', '')}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]


def application_of(board: Board) -> Flask:
    """The application on the data of a running board, to prepare people and content in this process.

    What it writes is not announced to the board's watchers.
    """
    return create_app(board.settings)


@pytest.fixture
def visitor(browser: Browser, live_server: Board) -> Iterator[Callable[..., Person]]:
    """`visitor(board=live_server, viewport=DESK, **context options)` -> somebody without an account."""
    came: list[Person] = []

    def come(board: Board | None = None, *, viewport: Any = None, **options: Any) -> Person:
        options.setdefault("locale", "en-GB")
        options.setdefault("reduced_motion", "reduce")
        context = browser.new_context(viewport=viewport or DESK, **options)
        context.set_default_timeout(10_000)
        person = Person(board or live_server, context)
        came.append(person)
        return person

    yield come
    troubles = [
        f"{person.name or 'a visitor'}: {trouble}" for person in came for trouble in person.unforeseen()
    ]
    for person in came:
        person.context.close()
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def person(visitor: Callable[..., Person], live_server: Board) -> Callable[..., Person]:
    """`person("Mara", group="company", viewport=PHONE, board=live_server)` -> Mara, signed in."""
    applications: dict[Path, Flask] = {}

    def arrive(name: str, *, board: Board | None = None, group: str = "resident", **options: Any) -> Person:
        board = board or live_server
        known = {
            key: options.pop(key) for key in ("organiser", "verified", "confirmed", "email") if key in options
        }
        app = applications.setdefault(board.data, application_of(board))
        somebody = visitor(board, **options)
        somebody.name = name
        somebody.id, cookie = apart(_account, app, name, group, known)
        somebody.context.add_cookies(
            [{"name": app.config["SESSION_COOKIE_NAME"], "value": cookie, "url": board.url, "httpOnly": True}]
        )
        return somebody

    return arrive


def _account(app: Flask, name: str, group: str, known: dict[str, Any]) -> tuple[int, str]:
    """Make an account with a session; returns its id and the value of the session cookie."""
    with app.app_context():
        user = add_person(name, group, **known)
        token = start_session(user, clock.now())
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return user.id, serializer.dumps({"_user_id": token, "_fresh": True, "_permanent": True})


CDN = "https://cdn.jsdelivr.net/**"


def answering_cdn(route: Route) -> None:
    """A CDN that works: the vendored bytes under the CDN's address."""
    name = "vendor/htmx/htmx.min.js" if "htmx" in route.request.url else "vendor/socket.io/socket.io.min.js"
    route.fulfill(
        path=ROOT / "app" / "static" / name,
        content_type="application/javascript",
        headers={"Access-Control-Allow-Origin": "*"},
    )
