"""A revoked screen is black within two seconds, however it hears of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from app.core.clock import now
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.workshops.models import Screen
from tests.browser.conftest import Person, application_of
from tests.browser.screens import TV, Arrive, hangs, moderator, screens_of
from tests.browser.steps import sends
from tests.clients import apart

BLACK = "getComputedStyle(document.body).backgroundColor"


@pytest.fixture
def ana(person: Arrive) -> Person:
    """Moderates Rotterdam, with her phone."""
    return moderator(person)


def revokes(ana: Person, screen_id: int) -> None:
    """As the remote's button does."""
    sends(ana, f"/rotterdam/screens/{screen_id}/revocation")


@contextmanager
def is_black_in_two_seconds(screen: Page) -> Iterator[None]:
    """From the end of the block; and nothing is left to read."""
    yield
    began = time.monotonic()
    expect(screen.locator("body.gone")).to_be_attached(timeout=2_000)
    assert time.monotonic() - began < 2
    assert screen.locator("body").inner_text().strip() == ""
    assert screen.evaluate(BLACK) == "rgb(0, 0, 0)"


def test_by_its_socket(visitor: Arrive, ana: Person) -> None:
    tv, _screen = hangs(visitor, ana, "wall")
    tv.foresees("404", "410")
    ana.page.reload()
    with is_black_in_two_seconds(tv.page):
        ana.page.get_by_role("button", name="Revoke").first.click()
    answer = tv.page.reload()
    assert answer is not None and answer.status == 404
    assert tv.page.evaluate(BLACK) == "rgb(0, 0, 0)"


def test_where_websockets_are_blocked(visitor: Arrive, ana: Person) -> None:
    screen_id, token = screens_of(ana, "agenda")["agenda"]
    tv = visitor(viewport=TV)
    tv.foresees("410", "WebSocket")
    tv.page.route_web_socket("**/socket.io/**", lambda socket: socket.close())
    tv.goes_to(f"/screen/{token}?language=en")
    expect(tv.page.locator("#freshness")).to_contain_text("behind", timeout=3_000)
    with is_black_in_two_seconds(tv.page):
        revokes(ana, screen_id)


def test_where_the_script_of_sockets_never_came(visitor: Arrive, ana: Person) -> None:
    screen_id, token = screens_of(ana, "agenda")["agenda"]
    tv = visitor(viewport=TV)
    tv.foresees("410", "socket.io", "ERR_FAILED")
    tv.page.route("**/socket.io.min*", lambda route: route.abort())
    tv.goes_to(f"/screen/{token}?language=en")
    expect(tv.page.locator("#freshness")).to_contain_text("behind", timeout=3_000)
    with is_black_in_two_seconds(tv.page):
        revokes(ana, screen_id)


def test_while_it_had_lost_the_network(visitor: Arrive, ana: Person) -> None:
    tv, screen_id = hangs(visitor, ana, "timer")
    tv.foresees("410", "ERR_INTERNET_DISCONNECTED", "WebSocket")
    tv.context.set_offline(True)
    expect(tv.page.locator("#freshness")).to_contain_text("connection lost", timeout=8_000)
    revokes(ana, screen_id)
    with is_black_in_two_seconds(tv.page):
        tv.context.set_offline(False)


def test_behind_the_servers_back(visitor: Arrive, ana: Person) -> None:
    tv, screen_id = hangs(visitor, ana, "wall")
    tv.foresees("410")
    with is_black_in_two_seconds(tv.page):
        apart(_as_another_process, ana, screen_id)


def _as_another_process(ana: Person, screen_id: int) -> None:
    app = application_of(ana.board)
    with app.app_context(), unit_of_work():
        db.session.execute(update(Screen).where(Screen.id == screen_id).values(revoked_at=now()))


def test_on_the_plain_page_of_an_old_browser(visitor: Arrive, ana: Person) -> None:
    screen_id, token = screens_of(ana, "agenda")["agenda"]
    tv = visitor(viewport=TV)
    tv.foresees("410", "404")
    tv.goes_to(f"/screen/{token}/plain?language=en")
    with is_black_in_two_seconds(tv.page):
        revokes(ana, screen_id)


def test_on_the_plain_page_without_scripts_when_it_fetches_itself_next(visitor: Arrive, ana: Person) -> None:
    screen_id, token = screens_of(ana, "agenda")["agenda"]
    tv = visitor(viewport=TV, java_script_enabled=False)
    tv.foresees("404")
    tv.goes_to(f"/screen/{token}/plain?language=en")
    revokes(ana, screen_id)
    expect(tv.page.locator("body.gone")).to_be_attached(timeout=12_000)
