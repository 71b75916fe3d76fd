"""The two libraries reach the page whatever the CDN does, and run once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import CDN, Person, answering_cdn
from tests.servers import Board

PAGE = "/privacy"
BOTH_ARE_HERE = "() => typeof htmx === 'object' && typeof io === 'function'"
LOCAL = "() => performance.getEntriesByType('resource').map(e => e.name).filter(n => n.includes('/assets/vendor/'))"


@pytest.fixture(scope="module")
def board(serve: Callable[..., Board]) -> Board:
    """A board that takes its libraries from the CDN."""
    return serve(assets="cdn")


def scripts_of_our_own(page: Page) -> list[str]:
    return [url for url in page.evaluate(LOCAL) if url.endswith(".js")]


def libraries_are_here(page: Page) -> None:
    page.wait_for_function(BOTH_ARE_HERE, timeout=8_000)


def test_a_cdn_that_answers_is_used(board: Board, visitor: Callable[..., Person]) -> None:
    mara = visitor(board)
    mara.context.route(CDN, answering_cdn)
    page = mara.goes_to(PAGE)
    libraries_are_here(page)
    assert scripts_of_our_own(page) == []
    assert len([url for url in mara.requests if "cdn.jsdelivr.net" in url]) == 2


def test_a_cdn_that_refuses_gives_way_at_once_and_is_left_alone_for_ten_minutes(
    board: Board, visitor: Callable[..., Person]
) -> None:
    mara = visitor(board)
    mara.foresees("cdn.jsdelivr.net", "net::ERR_FAILED")
    mara.context.clock.install()
    mara.context.route(CDN, lambda route: route.abort())
    page = mara.goes_to(PAGE)
    libraries_are_here(page)  # the page's clock stands still: nothing waited for it
    assert len(scripts_of_our_own(page)) == 2

    held: list[Route] = []
    mara.context.unroute(CDN)
    mara.context.route(CDN, held.append)  # never answered: only the memory can bring the copies now
    mara.goes_to(PAGE)
    libraries_are_here(page)

    mara.context.clock.fast_forward("11:00")
    mara.context.unroute(CDN)
    mara.context.route(CDN, answering_cdn)
    mara.goes_to(PAGE)
    libraries_are_here(page)
    assert scripts_of_our_own(page) == []


def test_a_cdn_that_never_answers_gives_way_and_late_bytes_do_not_run(
    board: Board, visitor: Callable[..., Person]
) -> None:
    mara = visitor(board)
    held: list[Route] = []
    mara.context.route(CDN, held.append)
    mara.page.goto(board.url + PAGE, wait_until="commit")
    libraries_are_here(mara.page)
    assert len(scripts_of_our_own(mara.page)) == 2

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
    assert len(scripts_of_our_own(page)) == 2


def test_with_local_assets_nobody_else_is_asked(live_server: Board, visitor: Callable[..., Person]) -> None:
    mara = visitor(live_server)
    page = mara.goes_to(PAGE)
    libraries_are_here(page)
    page.wait_for_load_state("networkidle")
    assert [url for url in mara.requests if not url.startswith(live_server.url)] == []
