"""A TV and a moderator, each at a browser: pairing, what is shown, lost networks, old browsers."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.workshops.models import MODES
from tests.browser.conftest import Person
from tests.browser.screens import TV, Arrive, hangs, is_live, moderator, screens_of
from tests.browser.steps import sends, sends_idea

SMALL_TEXT = """() => {
    const small = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const place = walker.currentNode.parentElement;
        if (!walker.currentNode.textContent.trim() || place.closest(".unseen, script, [hidden]")) continue;
        const size = parseFloat(getComputedStyle(place).fontSize);
        if (size < 28) small.add(`${place.className}: ${size}`);
    }
    return [...small];
}"""
SCROLLS = """() => {
    scrollTo(99, 99);
    const page = document.documentElement;
    return scrollX + scrollY > 0 || innerWidth !== page.clientWidth || innerHeight !== page.clientHeight;
}"""


@pytest.fixture
def ana(person: Arrive) -> Person:
    """Moderates Rotterdam, with her phone."""
    return moderator(person)


def revokes_all(ana: Person) -> None:
    for button in range(ana.page.get_by_role("button", name="Revoke").count()):
        del button
        ana.page.get_by_role("button", name="Revoke").first.click()


@pytest.fixture
def mara(person: Arrive) -> Person:
    """Posts ideas, from the board."""
    somebody = person("Mara")
    somebody.goes_to("/rotterdam")
    return somebody


def test_a_tv_is_paired_with_the_code_it_shows(visitor: Arrive, ana: Person, mara: Person) -> None:
    tv = visitor(viewport=TV)
    tv.goes_to("/screen/")
    code = tv.page.locator("#code").inner_text()
    ana.page.get_by_label("Code on the TV").fill(code.lower())
    ana.page.get_by_role("button", name="Pair").click()
    expect(ana.page.locator("[data-screen]")).to_have_count(1)
    expect(tv.page.get_by_role("heading", name="Rotterdam")).to_be_visible()
    is_live(tv.page)
    ana.page.get_by_label("shows").select_option("wall")
    ana.page.get_by_role("button", name="Show", exact=True).click()
    expect(tv.page.locator("body")).to_have_attribute("data-mode", "wall")
    sends_idea(mara, "Seen from the last row")
    expect(tv.page.locator(".stop").first).to_contain_text("Seen from the last row", timeout=2_000)
    revokes_all(ana)


def test_a_lost_network_leaves_the_last_board_and_its_return_is_seen_within_five_seconds(
    visitor: Arrive, ana: Person, mara: Person
) -> None:
    tv, _screen = hangs(visitor, ana, "wall")
    tv.foresees("ERR_INTERNET_DISCONNECTED", "WebSocket")
    sends_idea(mara, "Before the network went")
    expect(tv.page.locator(".stop").first).to_contain_text("Before the network went")
    tv.context.set_offline(True)
    said = tv.page.locator("#freshness")
    expect(said).to_contain_text("connection lost", timeout=8_000)
    expect(said).to_contain_text("showing the last board")
    sends_idea(mara, "While the network was away")
    expect(tv.page.locator(".stop").first).to_contain_text("Before the network went")
    tv.context.set_offline(False)
    expect(tv.page.locator(".stop").first).to_contain_text("While the network was away", timeout=5_000)
    is_live(tv.page)


def test_a_screen_is_current_within_five_seconds_of_the_servers_return(
    visitor: Arrive, ana: Person, mara: Person
) -> None:
    tv, _screen = hangs(visitor, ana, "wall")
    for somebody in (tv, ana, mara):
        somebody.foresees("ERR_CONNECTION_", "WebSocket", "ERR_EMPTY_RESPONSE", "ERR_INCOMPLETE", "reset")
    tv.board.kill()
    expect(tv.page.locator("#freshness")).to_have_attribute("data-state", "lost", timeout=15_000)
    tv.board.start()
    sends_idea(mara, "After the restart")
    expect(tv.page.locator(".stop").first).to_contain_text("After the restart", timeout=5_000)
    is_live(tv.page)


def test_a_tv_switched_on_before_the_network_shows_the_last_board(
    visitor: Arrive, ana: Person, mara: Person
) -> None:
    tv, _screen = hangs(visitor, ana, "wall")
    tv.foresees("ERR_INTERNET_DISCONNECTED", "WebSocket", "ERR_FAILED")
    tv.page.wait_for_function("async () => (await (await caches.open('screens')).keys()).length > 8")
    sends_idea(mara, "The last one before the night")
    expect(tv.page.locator(".stop").first).to_contain_text("The last one before the night")
    tv.context.set_offline(True)
    tv.page.reload()
    expect(tv.page.locator(".stop").first).to_contain_text("The last one before the night")
    expect(tv.page.locator("#freshness")).to_contain_text("connection lost")
    sends_idea(mara, "The first one of the morning")
    tv.context.set_offline(False)
    expect(tv.page.locator(".stop").first).to_contain_text("The first one of the morning", timeout=5_000)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_mode_is_readable_from_the_last_row(
    visitor: Arrive, ana: Person, mara: Person, theme: str
) -> None:
    idea = sends_idea(mara, f"Nowhere to lock a cargo bike, said in the {theme}")
    sends(ana, "/rotterdam/workshops/1/spotlight", idea=idea["id"])
    tv = visitor(viewport=TV, color_scheme=theme)
    tv.foresees("410")  # the plain page may ask once more while its screen is revoked
    for mode, (screen_id, token) in screens_of(ana, *MODES).items():
        for query in ("", "&zoom=1.6", "&zoom=0.6"):
            tv.goes_to(f"/screen/{token}?language=en{query}")
            expect(tv.page.locator("html[data-started]")).to_be_attached()
            assert not tv.page.evaluate(SCROLLS), (mode, query)
            if not query:
                assert tv.page.evaluate(SMALL_TEXT) == [], mode
                assert tv.axe() == [], mode
        tv.goes_to(f"/screen/{token}/plain?language=en")
        assert tv.page.evaluate(SMALL_TEXT) == [], mode
        assert tv.axe() == [], mode
        sends(ana, f"/rotterdam/screens/{screen_id}/revocation")


def test_the_cursor_hides_after_three_seconds_and_keys_enlarge(visitor: Arrive, ana: Person) -> None:
    tv, _screen = hangs(visitor, ana, "agenda")
    cursor = "getComputedStyle(document.body).cursor"
    tv.page.mouse.move(100, 100)
    assert tv.page.evaluate(cursor) == "auto"
    expect(tv.page.locator("body.still")).to_be_attached(timeout=4_000)
    assert tv.page.evaluate(cursor) == "none"
    tv.page.mouse.move(200, 200)
    assert tv.page.evaluate(cursor) == "auto"
    size = "parseFloat(getComputedStyle(document.querySelector('.city')).fontSize)"
    assert tv.page.evaluate(size) == pytest.approx(64, abs=0.5)
    for _time in range(9):
        tv.page.keyboard.press("+")
    assert tv.page.evaluate(size) == pytest.approx(102.4, abs=0.5)
    assert "zoom=1.6" in tv.page.url
    tv.page.keyboard.press("0")
    assert "zoom" not in tv.page.url


def test_a_ranking_changes_every_five_seconds_at_most_and_says_who_rose(
    visitor: Arrive, ana: Person, mara: Person, person: Arrive
) -> None:
    one, other = (sends_idea(mara, f"Ranked idea {name}") for name in ("one", "other"))
    voters = [person(f"Voter {number}") for number in range(3)]
    for voter in voters:
        voter.goes_to("/rotterdam")
    for voter in voters[:2]:
        sends(voter, f"/ideas/{one['id']}/upvote", upvote="on")
    tv, _screen = hangs(visitor, ana, "top")
    stops = tv.page.locator(".stop")
    expect(stops.first).to_contain_text("Ranked idea one")
    for voter in voters:
        sends(voter, f"/ideas/{other['id']}/upvote", upvote="on")
    expect(stops.first).to_contain_text("Ranked idea other", timeout=7_000)
    expect(stops.first.locator(".rose")).to_have_text("up 1")


def test_a_browser_without_modules_gets_the_plain_page(visitor: Arrive, ana: Person) -> None:
    _id, token = screens_of(ana, "join")["join"]
    old = visitor(viewport=TV)
    old.foresees("ERR_FAILED")
    old.page.route("**/screen.js", lambda route: route.abort())
    old.goes_to(f"/screen/{token}")
    old.page.wait_for_url("**/plain", timeout=8_000)
    none = visitor(viewport=TV, java_script_enabled=False)
    none.page.goto(none.board.url + f"/screen/{token}")
    none.page.wait_for_url("**/plain")
    expect(none.page.locator(".qr")).to_be_visible()
