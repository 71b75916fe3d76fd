"""Two people at two browsers see at once what the other one does, and nothing moves under their hands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from app.accounts.models import User
from app.core.clock import now
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from tests.browser.conftest import PHONE, Person, application_of
from tests.browser.steps import (
    card,
    comment,
    comments,
    count_of,
    is_live,
    opens,
    posts,
    sends,
    sends_comment,
    sends_edit,
    sends_idea,
)
from tests.clients import apart

Arrive = Callable[..., Person]


@pytest.fixture
def mara(person: Arrive) -> Person:
    """Somebody at a desk."""
    return person("Mara")


@pytest.fixture
def jonas(person: Arrive) -> Person:
    """Somebody with a phone."""
    return person("Jonas", group="student", viewport=PHONE)


def test_a_new_idea_waits_behind_a_button_and_the_list_does_not_move(mara: Person, jonas: Person) -> None:
    opens(mara, "/berlin")
    for street in ("Kottbusser Damm", "Sonnenallee", "Hermannstraße"):
        sends_idea(mara, f"Bus lane on {street}", city="berlin")
    board = opens(jonas, "/berlin")
    board.mouse.wheel(0, 120)
    first = board.locator("#ideas article.card").first
    before = first.bounding_box()

    posts(mara, "Trees along Karl-Marx-Straße", city="berlin")
    expect(board.locator("#new-ideas")).to_have_text("1 new idea")
    posts(mara, "Shade at every tram stop", city="berlin")
    expect(board.locator("#new-ideas")).to_have_text("2 new ideas")
    assert first.bounding_box() == before
    expect(card(board, "Shade at every tram stop")).to_have_count(0)

    board.locator("#new-ideas").click()
    titles = board.locator("#ideas .card-title")
    expect(titles.nth(0)).to_have_text("Shade at every tram stop")
    expect(titles.nth(1)).to_have_text("Trees along Karl-Marx-Straße")
    expect(board.locator("#new-ideas")).to_be_hidden()
    assert titles.count() == 5


def test_an_edit_shows_on_the_board_and_on_the_ideas_page(
    mara: Person, jonas: Person, person: Arrive
) -> None:
    path = posts(mara, "A ferry at night")
    board = opens(jonas, "/rotterdam")
    page = opens(person("Ines"), path)
    mara.page.get_by_role("link", name="Edit", exact=True).first.click()
    mara.page.get_by_label("Title", exact=True).fill("A ferry at night, and at dawn")
    mara.page.get_by_role("button", name="Save changes").click()
    expect(card(board, "A ferry at night, and at dawn")).to_contain_text("edited")
    expect(page.get_by_role("heading", level=1)).to_have_text("A ferry at night, and at dawn")
    expect(page.get_by_text("1 earlier version")).to_be_visible()


def test_an_upvote_counts_on_every_page_and_goes_when_it_is_taken_back(mara: Person, jonas: Person) -> None:
    path = posts(mara, "Benches on the Coolsingel")
    page = is_live(mara.page)
    board = opens(jonas, "/rotterdam")
    assert path.startswith("/rotterdam/ideas/")
    expect(page.locator("[data-figure]").first).to_have_count(0)  # an idea's page has no figures
    button = card(board, "Benches on the Coolsingel").get_by_role("button")
    expect(button).to_have_accessible_name("Upvote")
    button.click()
    expect(button).to_have_accessible_name("Take back upvote")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(count_of(board, "Benches on the Coolsingel")).to_have_text("1")
    expect(page.locator(".upvote-count")).to_have_text("1")
    expect(page.locator("#groups [data-group=student] [data-group-count]")).to_have_text("1")
    button.click()
    expect(button).to_have_accessible_name("Upvote")
    expect(page.locator(".upvote-count")).to_have_text("0")
    expect(page.locator("#groups [data-group=student] [data-group-count]")).to_have_text("0")


def test_comments_replies_and_their_ends_are_seen_by_the_other(mara: Person, jonas: Person) -> None:
    path = posts(mara, "A school street in Delfshaven")
    theirs, mine = opens(jonas, path), is_live(mara.page)
    comments(mine, "Half an hour in the morning is enough.")
    heard = comment(theirs, "Half an hour in the morning is enough.")
    expect(heard).to_be_visible()
    expect(theirs.locator("#discussion-title [data-comments]")).to_have_text("1")

    heard.get_by_role("link", name="Reply").click()
    theirs.get_by_label("Your comment").first.fill("And in the afternoon?")
    theirs.get_by_role("button", name="Reply", exact=True).click()
    expect(mine.locator(".replies").get_by_text("And in the afternoon?")).to_be_visible()

    comment(mine, "Half an hour in the morning is enough.").get_by_role("link", name="Edit").click()
    mine.get_by_label("Your comment").fill("An hour in the morning is enough.")
    mine.get_by_role("button", name="Save changes").click()
    expect(comment(theirs, "An hour in the morning is enough.")).to_contain_text("edited")

    comment(mine, "An hour in the morning is enough.").get_by_role("link", name="Withdraw").click()
    mine.get_by_role("button", name="Withdraw", exact=True).click()
    expect(theirs.get_by_text("This comment is not shown any more.")).to_be_visible()
    expect(theirs.get_by_text("And in the afternoon?")).to_be_visible()


def test_a_withdrawn_idea_leaves_a_mark_where_it_stood(mara: Person, jonas: Person, person: Arrive) -> None:
    path = posts(mara, "A bridge for bicycles only")
    board = opens(jonas, "/rotterdam")
    page = opens(person("Ines"), path)
    mara.page.get_by_role("link", name="Withdraw", exact=True).first.click()
    mara.page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(card(board, "A bridge for bicycles only")).to_have_count(0)
    expect(board.get_by_text("This idea is not on the board any more.")).to_be_visible()
    expect(page.locator("article").get_by_text("This idea is not on the board any more.")).to_be_visible()


def test_a_half_written_comment_survives_whatever_happens_around_it(mara: Person, jonas: Person) -> None:
    mara.goes_to("/rotterdam")
    idea = sends_idea(mara, "Green waves for bicycles")
    first = sends_comment(mara, idea["id"], "On which streets?")
    page = opens(jonas, idea["url"])
    field = page.get_by_label("Your comment")
    field.press_sequentially("I wait four times on my way, and each ")
    field.evaluate("field => field.setSelectionRange(7, 11)")

    sends_edit(mara, idea["id"], "Green waves for bicycles and trams")
    sends_comment(mara, idea["id"], "On the Westersingel, for example.")
    sends(mara, f"/comments/{first['id']}/edit", text="On which streets first?")
    expect(page.get_by_role("heading", level=1)).to_have_text("Green waves for bicycles and trams")
    expect(comment(page, "On the Westersingel, for example.")).to_be_visible()
    expect(comment(page, "On which streets first?")).to_be_visible()

    expect(field).to_be_focused()
    expect(field).to_have_value("I wait four times on my way, and each ")
    assert field.evaluate("field => [field.selectionStart, field.selectionEnd]") == [7, 11]


def test_a_page_says_how_many_watch(mara: Person, jonas: Person) -> None:
    board = opens(mara, "/melbourne")
    expect(board.locator("#watching")).to_have_text("1 watching")
    opens(jonas, "/melbourne")
    expect(board.locator("#watching")).to_have_text("2 watching")
    jonas.page.close()
    expect(board.locator("#watching")).to_have_text("1 watching")


def test_an_upvote_that_is_refused_goes_back_and_says_why(mara: Person, person: Arrive) -> None:
    mara.goes_to("/rotterdam")
    sends_idea(mara, "One ticket for all ferries")
    ines = person("Ines", confirmed=False)
    ines.foresees("403")
    board = opens(ines, "/rotterdam")
    apart(_register_long_ago, ines)
    button = card(board, "One ticket for all ferries").get_by_role("button")
    button.click()
    expect(board.locator("#messages")).to_contain_text("confirm")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(button).to_have_accessible_name("Upvote")
    expect(count_of(board, "One ticket for all ferries")).to_have_text("0")


def _register_long_ago(somebody: Person) -> None:
    """The time for taking part without a confirmed e-mail address is over."""
    with application_of(somebody.board).app_context(), unit_of_work():
        db.session.execute(
            update(User).where(User.id == somebody.id).values(created_at=now().replace(year=2020))
        )


def test_nobody_upvotes_their_own_idea(mara: Person) -> None:
    mara.goes_to("/rotterdam")
    sends_idea(mara, "My own idea of a tram")
    board = opens(mara, "/rotterdam")
    button = card(board, "My own idea of a tram").get_by_role("button")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    expect(board.locator("#messages")).to_contain_text("You cannot upvote your own idea.")
    expect(count_of(board, "My own idea of a tram")).to_have_text("0")


def test_signing_out_in_one_tab_ends_the_socket_of_the_other(mara: Person) -> None:
    with mara.page.expect_websocket() as opened:
        opens(mara, "/rotterdam")
    socket = opened.value
    other = mara.context.new_page()
    other.goto(mara.board.url + "/rotterdam")
    with socket.expect_event("close"):
        other.locator("details.menu > summary").click()
        other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("link", name="Sign in").first).to_be_visible()
