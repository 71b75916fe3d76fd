"""A workshop in real browsers: two remotes, phones that follow, one clock, and a vote nobody sees before its time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select, update

from app.accounts.models import User
from app.cities.actions.moderating import appoint
from app.cities.models import Attendance, City, Workshop
from app.core.clock import now
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.workshops.actions.driving import open_workshop
from tests.browser.conftest import DESK, PHONE, Person, application_of
from tests.browser.steps import card, count_of, is_live, opens, sends, sends_comment, sends_idea
from tests.browser.test_every_page import SMALL_TARGETS
from tests.clients import apart

Arrive = Callable[..., Person]
SMALL = {"width": 360, "height": 740}
REMOTE = "/rotterdam/remote?workshop=1"
ACTS = "/rotterdam/workshops/1"
AN_HOUR_AHEAD = """
    const real = Date, shift = 3_600_000;
    globalThis.Date = class extends real {
        constructor(...given) { given.length ? super(...given) : super(real.now() + shift); }
        static now() { return real.now() + shift; }
    };
"""
SERVER_NOW = """async () => {
    const names = performance.getEntriesByType("resource").map((one) => one.name);
    const module = names.find((name) => name.endsWith("/clock.js"));
    return (await import(module)).serverNow();
}"""


@pytest.fixture
def room(person: Arrive) -> Person:
    """Olga, who organises; workshop 1 of Rotterdam begins anew, with nobody in it and nothing in the light."""
    olga = person("Olga", organiser=True)
    apart(_begin, olga)
    olga.goes_to(REMOTE)
    return olga


def _begin(somebody: Person) -> None:
    with application_of(somebody.board).app_context():
        city = db.session.scalars(select(City).where(City.slug == "rotterdam")).one()
        workshop = db.session.scalars(
            select(Workshop).where(Workshop.city_id == city.id, Workshop.number == 1)
        ).one()
        with unit_of_work():
            db.session.execute(Attendance.__table__.delete())
            db.session.execute(
                update(Workshop)
                .where(Workshop.id == workshop.id)
                .values(opened_at=None, closed_at=None, phase="lobby", spotlight_id=None, upvote_budget=None,
                        hides_counts=False, timer_ends_at=None, timer_left_ms=None)
            )  # fmt: skip
        open_workshop(workshop, by=None, at=now())


def rules(somebody: Person, **given: Any) -> None:
    """Change the workshop's rules behind the remote's back, as its settings do."""

    def change() -> None:
        with application_of(somebody.board).app_context(), unit_of_work():
            db.session.execute(update(Workshop).where(Workshop.id == _workshop_id()).values(**given))

    apart(change)


def _workshop_id() -> int:
    query = (
        select(Workshop.id)
        .join(City, City.id == Workshop.city_id)
        .where(City.slug == "rotterdam", Workshop.number == 1)
    )
    return db.session.scalars(query).one()


@pytest.fixture
def moderator(person: Arrive) -> Arrive:
    """`moderator("Ana")`: somebody who drives Rotterdam's workshops."""

    def arrive(name: str, **options: Any) -> Person:
        somebody = person(name, **options)

        def make() -> None:
            with application_of(somebody.board).app_context():
                city = db.session.scalars(select(City).where(City.slug == "rotterdam")).one()
                appoint(city, db.session.get_one(User, somebody.id), now())

        apart(make)
        return somebody

    return arrive


@pytest.fixture
def phone(person: Arrive, room: Person) -> Arrive:
    """`phone("Mara")`: somebody who has joined workshop 1, at a phone."""

    def arrive(name: str, **options: Any) -> Person:
        options.setdefault("viewport", PHONE)
        somebody = person(name, **options)

        def join() -> None:
            with application_of(somebody.board).app_context(), unit_of_work():
                db.session.add(Attendance(workshop_id=_workshop_id(), user_id=somebody.id, joined_at=now()))

        apart(join)
        return somebody

    return arrive


def goes_to(olga: Person, *phases: str) -> None:
    """The room goes through these phases."""
    for phase in phases:
        sends(olga, f"{ACTS}/phase", to=phase, sure=1)


def lights(olga: Person, idea: dict[str, Any] | None) -> None:
    """An idea comes into the light, or goes out of it."""
    sends(olga, f"{ACTS}/spotlight", idea=idea["id"] if idea else "")


def bar(page: Page) -> Locator:
    """The words of the room on a phone."""
    return page.locator(".room-strip, .room-more")


def test_a_phone_is_driven_by_the_remote_within_a_second(
    room: Person, moderator: Arrive, phone: Arrive
) -> None:
    ana, mara = moderator("Ana", viewport=SMALL, has_touch=True), phone("Mara")
    remote, page = opens(ana, REMOTE), opens(mara, "/rotterdam")
    expect(bar(page)).to_contain_text(["Lobby", "Welcome."])
    for phase, now_ in (
        ("Collect", "Post your ideas"),
        ("Discuss", "Talk about"),
        ("Vote", "Give your upvotes"),
    ):
        button = remote.get_by_role("button", name="Next phase")
        expect(button).to_contain_text(phase)
        button.click()
        pressed = time.monotonic()
        expect(bar(page)).to_contain_text([phase, now_])
        assert time.monotonic() - pressed < 3  # a second, on a machine that does nothing else
        expect(remote.locator("#r-phase-title")).to_have_text(phase)
    expect(remote.locator("[data-people=joined]")).to_have_text("1")


def test_two_remotes_follow_each_other_and_the_slower_one_is_told(room: Person, moderator: Arrive) -> None:
    ana, bo = moderator("Ana"), moderator("Bo", viewport=SMALL)
    hers, his = opens(ana, REMOTE), opens(bo, REMOTE)
    hers.get_by_role("button", name="Next phase").click()
    hers.get_by_role("button", name="Blank").click()  # at once: her own act is not in her way
    expect(his.locator("#r-phase-title")).to_have_text("Collect")
    expect(his.get_by_role("button", name="Blank")).to_have_attribute("aria-pressed", "true")

    bo.foresees("409", "ERR_FAILED", "WebSocket")
    his.route("**/remote?*", lambda route: route.abort())  # he does not see it yet
    his.evaluate("document.addEventListener('cip:room', (event) => event.stopImmediatePropagation(), true)")
    hers.get_by_role("button", name="Next phase").click()
    expect(hers.locator("#r-phase-title")).to_have_text("Discuss")
    his.get_by_role("button", name="Next phase").click()
    expect(his.locator("#messages")).to_contain_text("Somebody was faster: the phase is “Discuss” now.")
    his.unroute("**/remote?*")
    his.get_by_role("button", name="Next phase").click()
    expect(his.locator("#r-phase-title")).to_have_text("Discuss")
    expect(hers.locator("#r-phase-title")).to_have_text("Discuss")


def test_a_thumb_that_meets_a_button_just_changed_moves_nothing(room: Person, moderator: Arrive) -> None:
    ana, bo = moderator("Ana"), moderator("Bo")
    hers, his = opens(ana, REMOTE), opens(bo, REMOTE)
    his.evaluate(
        """() => new MutationObserver(() => {
            const button = document.querySelector(".r-next");
            if (button.textContent.includes("Discuss")) button.click();  // the moment it is there
        }).observe(document.getElementById("remote"), { childList: true })"""
    )
    hers.get_by_role("button", name="Next phase").click()
    expect(his.locator("#r-phase-title")).to_have_text("Collect")
    his.wait_for_timeout(1_000)
    expect(hers.locator("#r-phase-title")).to_have_text("Collect")


def test_only_what_cannot_be_undone_is_asked_about(room: Person, moderator: Arrive) -> None:
    rules(room, hides_counts=True)
    goes_to(room, "collect", "discuss", "vote")
    page = opens(moderator("Ana", viewport=SMALL), REMOTE)
    page.get_by_role("button", name="Next phase").click()
    asked = page.get_by_role("dialog", name="Are you sure?")
    asked.get_by_role("link", name="Cancel").click()
    expect(asked).to_be_hidden()
    expect(page.locator("#r-phase-title")).to_have_text("Vote")
    page.get_by_role("button", name="Next phase").click()
    asked.get_by_role("button", name="Reveal the counts").click()
    expect(page.locator("#r-phase-title")).to_have_text("Reveal")
    page.get_by_role("button", name="Next phase").click()
    asked.get_by_role("button", name="Close the workshop").click()
    expect(page.get_by_role("link", name="See the result")).to_be_visible()


def test_timers_agree_where_a_clock_is_an_hour_wrong(room: Person, moderator: Arrive, phone: Arrive) -> None:
    ana, mara, tom = moderator("Ana"), phone("Mara"), phone("Tom")
    tom.context.add_init_script(AN_HOUR_AHEAD)
    remote, right, wrong = opens(ana, REMOTE), opens(mara, "/rotterdam"), opens(tom, "/rotterdam")
    remote.get_by_label("Minutes").fill("7")
    remote.get_by_role("button", name="Start", exact=True).click()
    for page in (remote, right, wrong):
        expect(page.locator("[data-timer]")).to_have_text(re.compile(r"6:5\d"))
        said = page.evaluate(SERVER_NOW) - time.time() * 1000
        assert abs(said) < 250, said
    assert wrong.evaluate("Date.now()") / 1000 - time.time() > 3_500, "its own clock is wrong indeed"
    remote.get_by_role("button", name="Pause").click()
    stopped = remote.locator("[data-timer]")
    expect(remote.get_by_role("button", name="Go on")).to_be_visible()
    for page in (right, wrong):
        expect(page.locator("[data-timer]")).to_have_text(stopped.inner_text())
    remote.get_by_role("button", name="+1 minute").click()
    for page in (right, wrong):
        expect(page.locator("[data-timer]")).to_have_text(re.compile(r"7:\d\d"))
    remote.get_by_role("button", name="Clear").click()
    expect(wrong.locator("[data-timer]")).to_be_hidden()


def test_the_end_of_the_timer_sounds_for_who_chose_it(room: Person, moderator: Arrive) -> None:
    ana = moderator("Ana")
    ana.context.add_init_script(
        "const start = OscillatorNode.prototype.start; globalThis.tones = 0;"
        "OscillatorNode.prototype.start = function (...given) { tones += 1; return start.apply(this, given); };"
    )
    page = opens(ana, REMOTE)
    page.get_by_role("button", name="Sound at the end: off").click()
    expect(page.get_by_role("button", name="Sound at the end: on")).to_be_visible()
    tried = page.evaluate("tones")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    rules(room, timer_ends_at=now() + timedelta(seconds=3))
    sends(room, f"{ACTS}/shows", mode="wall")  # so that everybody hears of it
    expect(page.locator("[data-over]")).to_be_visible(timeout=10_000)
    expect(page.locator("[data-timer]")).to_have_text("0:00")
    assert page.evaluate("tones") == tried + 3


def test_phones_that_follow_go_to_the_idea_in_the_light(room: Person, phone: Arrive) -> None:
    first, second = sends_idea(room, "The first in the light"), sends_idea(room, "The second in the light")
    goes_to(room, "collect", "discuss")
    mara, tom = phone("Mara"), phone("Tom")
    page, his = opens(mara, "/rotterdam"), opens(tom, "/rotterdam")
    his.get_by_role("button", name="Stop following").click()
    expect(his.get_by_role("button", name="Follow the wall")).to_be_visible()
    lights(room, first)
    expect(page.get_by_role("heading", level=1)).to_have_text("The first in the light")
    expect(his.get_by_role("heading", level=1)).to_have_text("Rotterdam")
    his.get_by_role("link", name="Open the idea on the wall").click()
    expect(his.get_by_role("heading", level=1)).to_have_text("The first in the light")

    page.goto(mara.board.url + "/rotterdam")
    expect(is_live(page).get_by_role("heading", level=1)).to_have_text("Rotterdam")
    page.goto(mara.board.url + first["url"])
    is_live(page).get_by_label("Your comment").fill("I am in the middle of a")
    lights(room, second)
    expect(page.get_by_role("link", name="Open the idea on the wall")).to_be_visible()
    expect(page.get_by_label("Your comment")).to_have_value("I am in the middle of a")
    expect(page.get_by_role("heading", level=1)).to_have_text("The first in the light")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("article.comment")).to_contain_text("I am in the middle of a")


def test_a_budget_stands_on_every_card_and_counts_wait_for_the_reveal(room: Person, phone: Arrive) -> None:
    rules(room, upvote_budget=2, hides_counts=True)
    ideas = [sends_idea(room, f"Voted on, number {number}") for number in range(3)]
    mara, tom = phone("Mara"), phone("Tom")
    mara.foresees("403")
    goes_to(room, "collect", "discuss")
    page, his = opens(mara, "/rotterdam"), opens(tom, "/rotterdam")
    goes_to(room, "vote")
    mine = card(page, "Voted on, number 0")
    expect(mine.locator(".upvote-left")).to_have_text("2 of 2 left")
    mine.get_by_role("button", name="Upvote").click()
    expect(page.locator(".room-left")).to_have_text("1 of 2 left")
    expect(card(page, "Voted on, number 2").locator(".upvote-left")).to_have_text("1 of 2 left")
    expect(mine.get_by_role("button", name="Take back upvote")).to_be_visible()
    expect(bar(page).last).to_contain_text("1 of 2 who joined has voted")
    expect(count_of(page, "Voted on, number 0")).to_have_text("0")
    card(page, "Voted on, number 1").get_by_role("button", name="Upvote").click()
    card(page, "Voted on, number 2").get_by_role("button", name="Upvote").click()
    expect(page.locator("#messages")).to_contain_text("You have given all your 2 upvotes.")
    expect(page.locator(".room-left")).to_have_text("0 of 2 left")
    mine.get_by_role("button", name="Take back upvote").click()
    expect(page.locator(".room-left")).to_have_text("1 of 2 left")
    his.locator(".upvote-count").evaluate_all(
        """(counts) => { window.seen = []; new MutationObserver(() => window.seen.push(
            document.querySelector("#ideas article .card-title").textContent.trim()
            + document.querySelector("#ideas .upvote-count").textContent,
        )).observe(document.getElementById("board"), { subtree: true, childList: true, characterData: true }); }"""
    )
    expect(count_of(his, "Voted on, number 1")).to_have_text("0")
    goes_to(room, "reveal")
    expect(count_of(his, "Voted on, number 1")).to_have_text("1")
    expect(his.locator("#ideas article .card-title").first).to_have_text("Voted on, number 1")
    others = {"Voted on, number 2" + "1", "Voted on, number 0" + "1"}
    assert not others & set(his.evaluate("window.seen"))
    expect(his.locator(".upvote-left")).to_have_count(0)
    assert ideas


def test_forms_open_and_shut_with_the_phase_and_lose_nothing(room: Person, phone: Arrive) -> None:
    idea = sends_idea(room, "Commented in its time")
    goes_to(room, "collect")
    mara, tom = phone("Mara"), phone("Tom")
    mara.foresees("403")
    tom.foresees("403")
    page, his = opens(mara, "/rotterdam/ideas/new"), opens(tom, idea["url"])
    expect(page.locator("[data-room-closed=post]")).to_be_hidden()
    expect(his.locator("[data-room-closed=comment]")).to_contain_text("Now ideas are collected")
    page.get_by_label("Title", exact=True).fill("Too late for this phase")
    page.get_by_label("Opportunity", exact=True).check()
    page.get_by_label("Safety", exact=True).check()
    his.get_by_label("Your comment").fill("Too early for this phase")
    his.get_by_role("button", name="Comment", exact=True).click()
    expect(his.locator(".errors-summary")).to_contain_text("Now ideas are collected")
    goes_to(room, "discuss")
    expect(page.locator("[data-room-closed=post]")).to_contain_text("Now ideas are discussed")
    page.get_by_role("button", name="Post idea").click()
    expect(page.locator("#messages")).to_contain_text("Now ideas are discussed")
    expect(page.get_by_label("Title", exact=True)).to_have_value("Too late for this phase")
    expect(his.locator("[data-room-closed=comment]")).to_be_hidden()
    expect(his.get_by_label("Your comment")).to_have_value("Too early for this phase")
    his.get_by_role("button", name="Comment", exact=True).click()
    expect(his.locator("article.comment")).to_contain_text("Too early for this phase")


def test_without_a_socket_a_phone_asks(room: Person, phone: Arrive) -> None:
    mara = phone("Mara")
    mara.context.add_init_script("delete globalThis.WebSocket")
    mara.foresees("websocket", "WebSocket")
    page = mara.goes_to("/rotterdam")
    expect(page.locator("#live")).to_have_attribute("data-state", "polling", timeout=10_000)
    goes_to(room, "collect")
    expect(bar(page).first).to_contain_text("Collect", timeout=10_000)


def test_the_newest_ideas_are_lit_and_hidden_from_the_remote(
    room: Person, moderator: Arrive, phone: Arrive
) -> None:
    goes_to(room, "collect")
    ana, mara = moderator("Ana", viewport=SMALL, has_touch=True), phone("Mara")
    page = opens(ana, REMOTE)
    mara.goes_to("/rotterdam")
    idea = sends_idea(mara, "Fresh from the room")
    entry = page.locator(".r-ideas li").filter(has_text="Fresh from the room")
    entry.get_by_role("button", name="Spotlight").click()
    expect(page.locator(".r-lit")).to_have_text("Fresh from the room")
    entry.get_by_role("link", name="Hide").click()
    panel = page.get_by_role("dialog", name="Fresh from the room")
    panel.get_by_label("Reason").select_option(label="Advertising or spam")
    panel.get_by_role("button", name="Hide").click()
    expect(page.locator("#messages")).to_contain_text("Hidden.")
    expect(entry).to_have_count(0)
    assert idea


def test_the_remote_works_without_javascript(room: Person, moderator: Arrive) -> None:
    rules(room, hides_counts=True)
    page = moderator("Ana", java_script_enabled=False, viewport=SMALL).goes_to(REMOTE)
    for phase in ("Collect", "Discuss", "Vote"):
        page.get_by_role("button", name="Next phase").click()
        expect(page.locator("#r-phase-title")).to_have_text(phase)
    page.get_by_label("Minutes").fill("3")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("[data-timer]")).to_have_text(re.compile(r"3:00|2:59"))
    page.get_by_role("button", name="Next phase").click()
    page.get_by_role("button", name="Reveal the counts").click()
    expect(page.locator("#r-phase-title")).to_have_text("Reveal")


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_remote_and_phone(
    room: Person, moderator: Arrive, phone: Arrive, width: int, scheme: str
) -> None:
    rules(room, upvote_budget=5, hides_counts=True)
    idea = sends_idea(room, "Looked at by axe")
    viewport = {"width": width, "height": DESK["height"]}
    ana = moderator("Ana", viewport=viewport, color_scheme=scheme)
    mara = phone("Mara", viewport=viewport, color_scheme=scheme)
    goes_to(room, "collect", "discuss")
    lights(room, idea)
    sends(room, f"{ACTS}/timer", act="start", minutes=5)
    sends_comment(room, idea["id"], "And a comment.")
    page, hers = opens(ana, REMOTE), opens(mara, idea["url"])
    for phase in ("discuss", "vote"):
        if phase != "discuss":
            goes_to(room, phase)
            expect(hers.locator(".upvote-left").first).to_be_visible()
            expect(page.locator("#r-phase-title")).to_have_text("Vote")
        page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
        for somebody in (ana, mara):
            assert somebody.axe() == []
            assert somebody.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            if width == SMALL["width"]:
                assert somebody.page.evaluate(SMALL_TARGETS) == []
    page.get_by_role("button", name="Next phase").click()
    assert ana.axe() == []
