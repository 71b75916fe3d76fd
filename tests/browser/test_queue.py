"""Two moderators at one queue: by keyboard, live, without a double act, and nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import delete, select

from app.accounts.models import User
from app.cities.actions.moderating import appoint, dismiss
from app.cities.models import City
from app.core.clock import now
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.moderation.models import QueueItem
from tests.browser.conftest import PHONE, Person, application_of
from tests.browser.steps import is_live, opens, sends, sends_comment, sends_idea
from tests.clients import apart

Arrive = Callable[..., Person]
QUEUE = "/rotterdam/moderate"


@pytest.fixture
def moderator(person: Arrive) -> Arrive:
    """`moderator("Ana")`: somebody signed in who moderates Rotterdam."""

    def arrive(name: str, **options: Any) -> Person:
        somebody = person(name, **options)
        apart(_appoint, somebody)
        return somebody

    return arrive


def _appoint(somebody: Person) -> None:
    with application_of(somebody.board).app_context():
        city = db.session.scalars(select(City).where(City.slug == "rotterdam")).one()
        appoint(city, db.session.get_one(User, somebody.id), now())


@pytest.fixture
def mara(person: Arrive) -> Iterator[Person]:
    """Who posts; before her the queue is empty."""
    somebody = person("Mara")
    apart(_empty, somebody)
    somebody.goes_to("/rotterdam")
    yield somebody


def _empty(somebody: Person) -> None:
    with application_of(somebody.board).app_context(), unit_of_work():
        db.session.execute(delete(QueueItem))


def item(page: Page, title: str) -> Locator:
    """The row with this title."""
    return page.locator(".item").filter(has=page.get_by_role("link", name=title, exact=True))


def selected(page: Page) -> Locator:
    """The row that letters act on."""
    return page.locator(".item[aria-current]")


def title_of(row: Locator) -> Locator:
    return row.locator("[data-open]")


def test_a_queue_is_walked_and_decided_by_keyboard(mara: Person, moderator: Arrive) -> None:
    for title in (
        "First of four ideas",
        "Second of four ideas",
        "Third of four ideas",
        "Fourth of four ideas",
    ):
        sends_idea(mara, title)
    page = opens(moderator("Ana"), QUEUE)
    expect(page).to_have_title("(4) Queue · Rotterdam · Cities in Progress")
    expect(title_of(selected(page))).to_have_text("First of four ideas")
    page.keyboard.press("j")
    expect(title_of(selected(page))).to_have_text("Second of four ideas")
    expect(selected(page)).to_be_focused()
    page.keyboard.press("k")

    page.keyboard.press("h")
    page.get_by_label("Reason", exact=True).first.select_option(label="Advertising or spam")
    page.keyboard.press("Enter")
    hidden = item(page, "First of four ideas")
    expect(hidden).to_contain_text("hidden by you, just now · Advertising or spam")
    expect(title_of(selected(page))).to_have_text("Second of four ideas")
    page.keyboard.press("h")  # the reason used last is chosen already
    page.keyboard.press("Enter")
    expect(item(page, "Second of four ideas")).to_contain_text(
        "hidden by you, just now · Advertising or spam"
    )
    page.keyboard.press("r")
    expect(item(page, "Third of four ideas")).to_contain_text("looked at and kept by you")
    expect(title_of(selected(page))).to_have_text("Fourth of four ideas")
    expect(page).to_have_title("(1) Queue · Rotterdam · Cities in Progress")

    page.keyboard.press("u")
    expect(item(page, "Third of four ideas")).not_to_have_attribute("data-settled", "")
    page.keyboard.press("u")
    expect(item(page, "Second of four ideas")).not_to_have_attribute("data-settled", "")
    expect(page).to_have_title("(3) Queue · Rotterdam · Cities in Progress")

    page.keyboard.press("p")
    expect(item(page, "Second of four ideas")).to_contain_text("pinned")
    page.keyboard.press("l")
    expect(item(page, "Second of four ideas")).to_contain_text("comments locked")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second of four ideas")


def test_letters_can_be_switched_off(mara: Person, moderator: Arrive) -> None:
    sends_idea(mara, "An idea that stays")
    ana = moderator("Ana")
    page = opens(ana, QUEUE)
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Letters act at once").uncheck()
    page.get_by_role("button", name="Close", exact=True).click()
    page.keyboard.press("h")
    expect(page.locator("form.why")).to_have_count(0)
    page = opens(ana, QUEUE)
    page.keyboard.press("h")
    expect(page.locator("form.why")).to_have_count(0)


def test_the_second_moderator_sees_it_live_and_hears_who_was_faster(mara: Person, moderator: Arrive) -> None:
    idea = sends_idea(mara, "Two moderators look at this")
    ana, bo = moderator("Ana"), moderator("Bo", viewport=PHONE)
    bo.foresees("409")
    hers, his = opens(ana, QUEUE), opens(bo, QUEUE)
    sends(ana, f"/ideas/{idea['id']}/acts", act="hide", reason=3, seen=0)
    for page in (hers, his):
        row = item(page, "Two moderators look at this")
        expect(row).to_have_attribute("data-settled", "")
        expect(row.get_by_role("button", name="Restore")).to_be_visible()
    expect(item(his, "Two moderators look at this")).to_contain_text("hidden by Ana, just now")
    expect(his).to_have_title("Queue · Rotterdam · Cities in Progress")

    second = sends_idea(mara, "Both press at the same moment")
    expect(item(his, "Both press at the same moment")).to_be_visible()
    bo.context.set_offline(True)  # his page does not hear it any more
    sends(ana, f"/ideas/{second['id']}/acts", act="keep", seen=0)
    bo.foresees("ERR_INTERNET_DISCONNECTED", "WebSocket")
    his.route("**/moderate/items?*", lambda route: route.abort())
    bo.foresees("ERR_FAILED")
    bo.context.set_offline(False)
    row = item(his, "Both press at the same moment")
    row.get_by_role("button", name="Hide").click()
    row.get_by_role("button", name="Hide").last.click()
    expect(row).to_contain_text("Already looked at and kept by Ana, just now.")


def test_new_items_come_to_the_end_and_are_counted(mara: Person, moderator: Arrive) -> None:
    sends_idea(mara, "The first of the morning")
    page = opens(moderator("Ana"), QUEUE)
    before = item(page, "The first of the morning").bounding_box()
    idea = sends_idea(mara, "The second of the morning")
    expect(page.locator(".item [data-open]")).to_have_text(
        ["The first of the morning", "The second of the morning"]
    )
    expect(page.locator("#announcer")).to_contain_text("1 item has come.")
    expect(page).to_have_title("(2) Queue · Rotterdam · Cities in Progress")
    assert item(page, "The first of the morning").bounding_box() == before
    sends_comment(mara, idea["id"], "And a comment on it, a little later.")
    expect(page.locator(".item")).to_have_count(3, timeout=8_000)
    expect(page.locator("[data-waiting=new]")).to_have_text("3")


def test_what_is_typed_as_a_reason_survives_whatever_happens_to_the_item(
    mara: Person, moderator: Arrive
) -> None:
    idea = sends_idea(mara, "Typed about while it changes")
    ana, bo = moderator("Ana"), moderator("Bo")
    ana.foresees("409")
    bo.goes_to("/rotterdam")
    page = opens(ana, QUEUE)
    page.keyboard.press("h")
    field = page.get_by_label("In a sentence (optional), public").first
    field.press_sequentially("This is the third time that ")
    sends(bo, f"/ideas/{idea['id']}/acts", act="keep", seen=0)
    row = item(page, "Typed about while it changes")
    expect(row).to_contain_text("This has changed meanwhile.")
    expect(field).to_be_focused()
    expect(field).to_have_value("This is the third time that ")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Already looked at and kept by Bo")
    expect(field).to_have_value("This is the third time that ")
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_contain_text("looked at and kept by Bo")
    expect(row).to_have_attribute("data-settled", "")


def test_many_are_ticked_and_hidden_at_once(mara: Person, moderator: Arrive) -> None:
    titles = ["Buy cheap scooters", "Win a holiday in the mountains", "Loans without any questions"]
    for title in titles:
        sends_idea(mara, title)
    page = opens(moderator("Ana"), QUEUE)
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_text("2 ticked")).to_be_visible()
    bar = page.locator("#many")
    bar.get_by_label("Reason").select_option(label="Advertising or spam")
    bar.get_by_role("button", name="Hide").click()
    expect(page.locator("#messages")).to_contain_text("2 items decided.")
    expect(page.locator(".item[data-settled]")).to_have_count(2)
    expect(bar).to_be_hidden()
    expect(title_of(selected(page))).to_have_text(titles[2])


def test_longer_queues_are_walked_to_their_end_without_a_reload(mara: Person, moderator: Arrive) -> None:
    # Different words each: the board raises an alert where many texts say nearly the same.
    titles = [f"{number:02} {sha256(bytes([number])).hexdigest()}" for number in range(53)]
    for title in titles:
        sends_idea(mara, title)
    ana = moderator("Ana")
    page = opens(ana, QUEUE)
    page.evaluate("window.same = true")
    for title in titles:
        expect(title_of(selected(page))).to_have_text(title)
        page.keyboard.press("r")
    expect(page).to_have_title("Queue · Rotterdam · Cities in Progress")
    assert page.evaluate("window.same") is True
    assert not [url for url in ana.requests if "after=" in url][1:]


def test_acts_open_over_the_board_and_the_ideas_page(mara: Person, moderator: Arrive) -> None:
    idea = sends_idea(mara, "Moderated from its card")
    sends_comment(mara, idea["id"], "A comment on the card's idea.")
    page = opens(moderator("Ana"), "/rotterdam?sort=newest")
    card = page.locator(f"#idea-{idea['id']}")
    card.get_by_role("link", name="Moderate", exact=True).click()
    panel = page.get_by_role("dialog", name="Moderated from its card")
    panel.get_by_role("button", name="Pin", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("Pinned.")
    expect(panel).to_be_hidden()
    page.locator("#messages").get_by_role("button", name="Undo").click()
    expect(page.locator("#messages")).to_contain_text("Undone.")
    page.locator("#messages").get_by_role("button", name="Close").click()

    late = sends_idea(mara, "Pushed while the board is open")
    page.locator("#new-ideas").click()
    page.locator(f"#idea-{late['id']}").get_by_role("link", name="Moderate", exact=True).click()
    panel = page.get_by_role("dialog", name="Pushed while the board is open")
    panel.get_by_label("Reason").select_option(label="Knowingly false")
    panel.get_by_role("button", name="Hide").click()
    expect(page.locator("#messages")).to_contain_text("Hidden.")

    page.goto(page.url.split("/rotterdam")[0] + idea["url"])
    is_live(page)
    page.locator(".comment").get_by_role("link", name="Moderate", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Hide").click()
    expect(page.locator("#messages")).to_contain_text("Hidden.")


def test_who_is_dismissed_sees_nothing_new(mara: Person, moderator: Arrive) -> None:
    ana = moderator("Ana")
    ana.foresees("404", "WebSocket")
    page = opens(ana, QUEUE)
    page.context.set_offline(True)  # the board of this test runs in another process: its sockets are not told
    apart(_dismiss, ana)
    page.context.set_offline(False)
    expect(page.locator("#messages")).to_contain_text(
        "You do not moderate this board any more.", timeout=40_000
    )
    sends_idea(mara, "Not for her eyes before it is public")
    expect(page.locator(".item")).to_have_count(0)


def _dismiss(somebody: Person) -> None:
    with application_of(somebody.board).app_context():
        city = db.session.scalars(select(City).where(City.slug == "rotterdam")).one()
        dismiss(city, db.session.get_one(User, somebody.id))


def test_choosing_a_sound_is_kept(moderator: Arrive, mara: Person) -> None:
    ana = moderator("Ana")
    page = opens(ana, QUEUE)
    sound = page.get_by_role("button", name="Sound")
    expect(sound).to_have_attribute("aria-pressed", "false")
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "true")
    page = opens(ana, QUEUE)
    expect(page.get_by_role("button", name="Sound")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_queue(mara: Person, moderator: Arrive, width: int, scheme: str) -> None:
    idea = sends_idea(mara, "Looked at by axe")
    sends_comment(mara, idea["id"], "And a comment.")
    ana = moderator("Ana", viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = opens(ana, QUEUE)
    page.keyboard.press("h")
    page.locator("[name=items]").first.check()
    assert ana.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ana.goes_to(f"/ideas/{idea['id']}/moderate")
    assert ana.axe() == []
