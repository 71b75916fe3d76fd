"""Pictures of a workshop: every mode of a screen, the remote on a phone, and a phone in the vote."""

from __future__ import annotations

from functools import partial

from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.core import clock
from app.core.extensions import db
from app.workshops.actions.screening import make_screen, set_mode
from tests.browser.camera import THEMES, Shot, cookie_of, take
from tests.browser.sample_room import SampleRoom
from tests.servers import Board

TV = (1920, 1080)
PHONE = (390, 844)


def take_workshop(browser: Browser, app: Flask, board: Board, wanted: tuple[str, ...]) -> None:
    """Let the workshop go its way, and take those pictures whose names begin with one of `wanted`."""

    def takes(shots: list[Shot]) -> None:
        db.session.rollback()  # nothing stays open while browsers look
        for shot in shots:
            if shot.name.startswith(wanted):
                take(browser, board, shot)

    with app.test_request_context():
        room = SampleRoom()
        remote = cookie_of(app, board, room.moderator)
        takes(on_screens(room, "join", "blank"))
        room.collects()
        takes(on_screens(room, "wall"))
        takes(on_a_phone("remote-collect", "/melbourne/remote?workshop=1", remote))
        room.discusses()
        takes(on_screens(room, "spotlight"))
        room.votes()
        takes(on_a_phone("remote-vote", "/melbourne/remote?workshop=1", remote))
        takes(on_a_phone("phone-vote", "/melbourne", cookie_of(app, board, room.voter)))
        takes(on_screens(room, "top", "contrast", "themes", "timer", "agenda"))
        room.closes()
        takes(on_screens(room, "thanks"))


def on_a_phone(name: str, path: str, cookie: dict[str, str]) -> list[Shot]:
    """A page as somebody's phone shows it, in both themes."""
    return [Shot(f"{name}-{theme}", path, *PHONE, theme, cookie, is_live) for theme in THEMES]


def on_screens(room: SampleRoom, *modes: str) -> list[Shot]:
    """A screen in each of these modes, in both themes."""
    shots = []
    for mode in modes:
        screen, token = make_screen(
            room.city, name=mode, by=room.moderator, at=clock.now(), workshop=room.workshop
        )
        set_mode(screen, mode, by=room.moderator)
        for theme in THEMES:
            path = f"/screen/{token}?theme={theme}&language=en"
            shots.append(Shot(f"screen-{mode}-{theme}", path, *TV, theme, prepare=partial(hangs, mode=mode)))
    return shots


def is_live(page: Page) -> None:
    """The page hears the room."""
    expect(page.locator("#live")).to_have_attribute("data-state", "live")


def hangs(page: Page, mode: str) -> None:
    """The screen shows its mode and is live."""
    expect(page.locator("body")).to_have_attribute("data-mode", mode)
    expect(page.locator("#freshness")).to_have_text("live")
