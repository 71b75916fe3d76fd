"""The Wi-Fi of the room fails one phone in the middle of a workshop: it loses nothing, and nothing goes out twice.

Meanwhile a screen shows something of its own, and follows the room again.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.afternoon import appointed, as_stored, joins
from tests.browser.conftest import PHONE, Person
from tests.browser.screens import Arrive, hangs, moderator
from tests.browser.steps import card, comment, count_of, opens, sends, sends_idea

OFFLINE = ("ERR_INTERNET_DISCONNECTED", "Failed to fetch", "WebSocket connection")
ACTS = "/rotterdam/workshops/1"
HAS_OUTBOX = "() => performance.getEntriesByType('resource').some((one) => one.name.endsWith('/outbox.js'))"


@pytest.fixture
def ana(person: Arrive) -> Person:
    """Moderates Rotterdam; in workshop 1 everybody has two upvotes, whose counts are hidden."""
    return appointed(moderator(person), upvote_budget=2, hides_counts=True, email_is_optional=True)


def comes_in(visitor: Arrive, ana: Person, name: str) -> Person:
    """Somebody new, with the code, without an e-mail address."""
    remote = ana.goes_to("/rotterdam/remote?workshop=1")
    code = remote.locator(".r-code").inner_text().replace(" ", "")
    phone = visitor(viewport=PHONE)
    phone.foresees(*OFFLINE)
    joins(phone, name, "Student", code, types=False)
    return phone


def loses_the_network(phone: Person) -> None:
    """As in the corner of a hall; the page has what it needs for it by then."""
    phone.page.wait_for_function(HAS_OUTBOX)
    phone.page.wait_for_load_state("networkidle")
    phone.context.set_offline(True)
    expect(phone.page.locator("#live")).to_have_attribute("data-state", "offline")


def goes_on(ana: Person, phase: str) -> None:
    """The moderator moves the room on."""
    sends(ana, f"{ACTS}/phase", to=phase, sure=1)


def test_what_was_done_offline_arrives_once_and_in_its_time(ana: Person, visitor: Arrive) -> None:
    cas, dia = comes_in(visitor, ana, "Cas"), comes_in(visitor, ana, "Dia")
    cas.foresees("403")
    goes_on(ana, "collect")
    first, _second = (sends_idea(dia, title) for title in ("Lamps along the quay", "A ferry at night"))
    goes_on(ana, "discuss")
    theirs, page = opens(dia, first["url"]), opens(cas, first["url"])
    loses_the_network(cas)
    page.get_by_label("Your comment").fill("Said where no network reaches.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#outbox")).to_contain_text("Said where no network reaches.")
    page.get_by_label("Your comment").fill("Half a thought, not sent")
    cas.context.set_offline(False)
    expect(page.locator("#outbox")).to_be_hidden()
    for shown in (theirs, page):
        expect(comment(shown, "Said where no network reaches.")).to_have_count(1)
    expect(page.get_by_label("Your comment")).to_have_value("Half a thought, not sent")

    goes_on(ana, "vote")
    page = opens(cas, "/rotterdam?sort=newest")
    expect(page.locator(".room-left")).to_have_text("2 of 2 left")
    loses_the_network(cas)
    card(page, "Lamps along the quay").get_by_role("button", name="Upvote").click()
    expect(page.locator("#outbox")).to_contain_text("Lamps along the quay")
    expect(page.locator(".room-left")).to_have_text("1 of 2 left")
    cas.context.set_offline(False)
    expect(page.locator("#outbox")).to_be_hidden()
    expect(dia.page.locator("#room")).to_contain_text("1 of 2 who joined has voted")
    expect(page.locator(".room-left")).to_have_text("1 of 2 left")
    assert as_stored(ana, 1)[1] == {"Cas": 1}

    loses_the_network(cas)
    card(page, "A ferry at night").get_by_role("button", name="Upvote").click()
    expect(page.locator("#outbox")).to_contain_text("A ferry at night")
    goes_on(ana, "reveal")
    cas.context.set_offline(False)
    expect(page.locator("#room")).to_contain_text("Reveal")
    expect(page.locator("#outbox")).to_contain_text("The vote is over")
    for title, count in (("Lamps along the quay", "1"), ("A ferry at night", "0")):
        for shown in (page, opens(dia, "/rotterdam?sort=newest")):
            expect(count_of(shown, title)).to_have_text(count)
    assert as_stored(ana, 1) == ([("Lamps along the quay", 1), ("A ferry at night", 0)], {"Cas": 1})


def test_a_screen_shows_something_of_its_own_for_a_while(ana: Person, visitor: Arrive) -> None:
    stage, _stage = hangs(visitor, ana, "follow")
    foyer, _foyer = hangs(visitor, ana, "follow")
    remote = ana.goes_to("/rotterdam/remote?workshop=1")
    sends(ana, f"{ACTS}/shows", mode="join")
    lines = remote.locator("[data-screen]").filter(has=remote.locator("select"))

    def shows(mode: str) -> None:
        lines.last.get_by_label("shows").select_option(mode)
        with remote.expect_navigation():
            lines.last.get_by_role("button", name="Show", exact=True).click()

    def expect_modes(*modes: str) -> None:
        for screen, mode in zip((stage, foyer), modes, strict=True):
            expect(screen.page.locator("body")).to_have_attribute("data-mode", mode)

    expect_modes("join", "join")
    shows("agenda")
    expect_modes("join", "agenda")
    sends(ana, f"{ACTS}/shows", mode="wall")
    expect_modes("wall", "agenda")
    foyer.page.reload()
    expect_modes("wall", "agenda")
    shows("follow")
    expect_modes("wall", "wall")
    sends(ana, f"{ACTS}/shows", mode="themes")
    expect_modes("themes", "themes")
