"""What taking a picture needs: a board of its own, somebody signed in, and a browser that looks."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Page

from app.accounts.actions.sessions import start_session
from app.accounts.models import User
from app.core import clock
from tests.servers import ROOT, Board

FOLDER = ROOT / "docs" / "pictures"
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Shot:
    """One picture: who looks at what, and through which window."""

    name: str
    path: str
    width: int
    height: int
    theme: str
    cookie: Any = None
    prepare: Callable[[Page], None] = field(default=lambda page: None)

    @property
    def file(self) -> Path:
        """Where the picture is kept."""
        return FOLDER / f"{self.name}.png"


@contextmanager
def sample_board() -> Iterator[Board]:
    """A running board without content."""
    with tempfile.TemporaryDirectory(prefix="pictures-", ignore_cleanup_errors=True) as name:
        data = Path(name)
        settings = {"assets": "local", "rate_limits": False, "public_url": "https://cities.example"}
        board = Board(data, database_url=f"sqlite:///{data / 'board.sqlite'}", **settings).start()
        try:
            yield board
        finally:
            board.stop()


def cookie_of(app: Flask, board: Board, user: User) -> dict[str, str]:
    """What a browser in which `user` is signed in sends."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    token = start_session(user, clock.now())
    value = serializer.dumps({"_user_id": token, "_fresh": True, "_permanent": True})
    return {"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": board.url}


def take(browser: Browser, board: Board, shot: Shot) -> None:
    """Take one picture, in a browser that remembers nothing, and say how large it became."""
    is_phone = shot.width < 600
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=shot.theme,  # type: ignore[arg-type]
        locale="en-GB",
        reduced_motion="reduce",
        is_mobile=is_phone,
        has_touch=is_phone,
    )
    if shot.cookie:
        context.add_cookies([shot.cookie])
    page = context.new_page()
    page.goto(board.url + shot.path)
    shot.prepare(page)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=shot.file, animations="disabled")
    context.close()
    print(f"{shot.file.relative_to(ROOT)}  {shot.file.stat().st_size / 1000:.0f} kB", flush=True)
