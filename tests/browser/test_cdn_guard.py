"""The two libraries reach the page whatever the CDN does, and run once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import CDN, Person, answering_cdn
from tests.conftest import NOON
from tests.servers import Board

PAGE = "/privacy"
BOTH_ARE_HERE = "() => typeof htmx === 'object' && typeof io === 'function'"


@pytest.fixture(scope="module")
def board(serve: Callable[..., Board]) -> Board:
    """A board that takes its libraries from the CDN."""
    return serve(assets="cdn")


def scripts_of_our_own(person: Person) -> list[str]:
    """The local copies asked for since the last call."""
    asked = [url for url in person.requests if "/assets/vendor/" in url and url.endswith(".js")]
    person.requests.clear()
    return asked


def libraries_are_here(page: Page) -> None:
    page.wait_for_function(BOTH_ARE_HERE, timeout=8_000)


def test_a_cdn_that_answers_is_used(board: Board, visitor: Callable[..., Person]) -> None:
    mara = visitor(board)
    mara.context.route(CDN, answering_cdn)
    page = mara.goes_to(PAGE)
    libraries_are_here(page)
    assert len([url for url in mara.requests if "cdn.jsdelivr.net" in url]) == 2
    assert scripts_of_our_own(mara) == []


def test_a_cdn_that_refuses_gives_way_and_is_left_alone_for_ten_minutes(
    board: Board, visitor: Callable[..., Person]
) -> None:
    mara = visitor(board)
    mara.foresees("cdn.jsdelivr.net", "net::ERR_FAILED")
    mara.context.clock.set_fixed_time(NOON)
    mara.context.route(CDN, lambda route: route.abort())
    page = mara.goes_to(PAGE)
    libraries_are_here(page)
    assert len(scripts_of_our_own(mara)) == 2

    mara.context.unroute(CDN)
    mara.context.route(CDN, answering_cdn)
    mara.context.clock.set_fixed_time(NOON + timedelta(minutes=9))
    mara.goes_to(PAGE)
    libraries_are_here(page)
    assert len(scripts_of_our_own(mara)) == 2

    mara.context.clock.set_fixed_time(NOON + timedelta(minutes=11))
    mara.goes_to(PAGE)
    libraries_are_here(page)
    assert scripts_of_our_own(mara) == []


def test_a_cdn_that_never_answers_gives_way_and_late_bytes_do_not_run(
    board: Board, visitor: Callable[..., Person]
) -> None:
    mara = visitor(board)
    held: list[Route] = []
    mara.context.route(CDN, lambda route: held.append(route))
    mara.page.goto(board.url + PAGE, wait_until="commit")
    libraries_are_here(mara.page)
    assert len(scripts_of_our_own(mara)) == 2

    mara.page.evaluate("() => { window.first = [htmx, io]; }")
    for route in held:
        answering_cdn(route)
    mara.page.wait_for_load_state("networkidle")
    assert mara.page.evaluate("() => first[0] === htmx && first[1] === io")


def test_altered_bytes_never_run(board: Board, visitor: Callable[..., Person]) -> None:
    mara = visitor(board)
    mara.foresees("integrity", "cdn.jsdelivr.net")
    mara.context.route(
        CDN,
        lambda route: route.fulfill(
            body="window.intruder = true",
            headers={"Access-Control-Allow-Origin": "*"},
            content_type="text/javascript",
        ),
    )
    page = mara.goes_to(PAGE)
    libraries_are_here(page)
    assert page.evaluate("() => 'intruder' in window") is False
    assert len(scripts_of_our_own(mara)) == 2


def test_with_local_assets_nobody_else_is_asked(live_server: Board, visitor: Callable[..., Person]) -> None:
    mara = visitor(live_server)
    page = mara.goes_to(PAGE)
    libraries_are_here(page)
    page.wait_for_load_state("networkidle")
    assert [url for url in mara.requests if not url.startswith(live_server.url)] == []
