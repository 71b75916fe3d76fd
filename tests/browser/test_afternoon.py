"""A whole afternoon: both workshops in every phase, with a moderator's phone, two screens and three phones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.core.clock import now
from tests.browser.afternoon import (
    TV,
    Afternoon,
    a_phone,
    appointed,
    as_shown,
    as_stored,
    joins,
    posts_idea,
)
from tests.browser.conftest import PHONE, Person
from tests.browser.steps import card, comment, comments, count_of, is_live

Arrive = Callable[..., Person]


@pytest.fixture
def ana(person: Arrive) -> Person:
    """Moderates Rotterdam, on stage with a phone."""
    return appointed(
        person("Ana", viewport=PHONE),
        upvote_budget=2,
        hides_counts=True,
        email_is_optional=True,
        starts_at=now() - timedelta(minutes=10),
        ends_at=now() + timedelta(hours=3),
    )


@pytest.fixture
def screens(visitor: Arrive, ana: Person) -> list[Page]:
    """The stage's, opened by a link; the foyer's, paired with the code it shows."""
    stage, foyer = visitor(viewport=TV), visitor(viewport=TV)
    page = ana.goes_to("/rotterdam/remote?workshop=1")
    page.get_by_role("button", name="Open the workshop").click()
    page.goto(f"{ana.board.url}/rotterdam/screens?workshop=1")
    page.get_by_text("Make a link instead").click()
    page.get_by_label("Name of the screen").fill("Stage")
    page.get_by_role("button", name="Make a link").click()
    stage.page.goto(page.get_by_label("Link", exact=True).input_value())

    foyer.goes_to("/screen/")
    code = foyer.page.locator("#code").inner_text()
    page.goto(f"{ana.board.url}/rotterdam/remote?workshop=1")
    page.get_by_label("Code on the TV").fill(code.lower())
    page.get_by_role("button", name="Pair").click()
    for screen in (stage.page, foyer.page):
        expect(screen.locator("#freshness")).to_have_text("live")
        expect(screen.locator("body")).to_have_attribute("data-mode", "join")
    return [stage.page, foyer.page]


def test_an_afternoon_with_two_workshops(ana: Person, screens: list[Page], visitor: Arrive) -> None:
    first = Afternoon(ana, 1, screens)
    is_live(first.remote)
    in_the_first = [a_phone(visitor) for _ in range(3)]
    _workshop(first, in_the_first, ("Abe", "Bea", "Cas"), ("Company", "Resident", "City administration"))

    second = Afternoon(ana, 2, screens)
    second.begins()
    _screens_come_along(second)
    in_the_second = [a_phone(visitor) for _ in range(3)]
    _workshop(second, in_the_second, ("Dua", "Eli", "Fay"), ("Student", "Student", "Student"))

    _what_was_said(in_the_second[0])
    print(f"slowest phase on every phone and screen: {max(first.slowest, second.slowest):.1f} s")


def _screens_come_along(room: Afternoon) -> None:
    """Both screens follow the remote of the second workshop from now on."""
    for place in range(2):
        line = room.remote.locator("[data-screen]").nth(place)
        line.get_by_label("shows").select_option("follow")
        line.get_by_role("button", name="Show", exact=True).click()
    room.screens_show("join")
    for screen in room.screens:
        expect(screen.locator(".about")).to_contain_text("Workshop 2")


def _workshop(room: Afternoon, people: list[Person], names: tuple[str, ...], groups: tuple[str, ...]) -> None:
    a, b, c = (f"{name}'s idea of workshop {room.number}" for name in names)
    _lobby(room, people, names, groups)
    _collect(room, people, (a, b, c))
    _discuss(room, people, a)
    _vote(room, people, (a, b, c))
    _reveal_and_end(room, people, (a, b, c), names)


def _lobby(room: Afternoon, people: list[Person], names: tuple[str, ...], groups: tuple[str, ...]) -> None:
    code = room.code()
    for place, (phone, name, group) in enumerate(zip(people, names, groups, strict=True)):
        email = "" if place == 0 else f"{name.lower()}@example.org"
        page = joins(phone, name, group, code, types=place == 1, email=email)
        expect(page.locator("#room")).to_contain_text("Lobby")
        room.phones.append(page)
    for screen in room.screens:
        expect(screen.locator(".people b")).to_have_text("3")
    expect(room.remote.locator("[data-people=joined]")).to_have_text("3")


def _collect(room: Afternoon, people: list[Person], titles: tuple[str, ...]) -> None:
    room.goes_on("Collect", "wall")
    lost = people[1]
    lost.foresees("Failed to fetch", "ERR_INTERNET_DISCONNECTED")
    lost.page.locator(".post-button").click()
    lost.page.wait_for_load_state("networkidle")
    lost.context.set_offline(True)
    posts_idea(people[0].page, titles[0])
    lost.page.get_by_label("Title", exact=True).fill(titles[1])
    lost.page.get_by_label("Opportunity", exact=True).check()
    lost.page.get_by_label("Safety", exact=True).check()
    lost.page.get_by_role("button", name="Post idea").click()
    expect(lost.page.locator("#outbox")).to_contain_text(titles[1])
    posts_idea(people[2].page, titles[2])
    for screen in room.screens:
        expect(screen.locator(".stop").first).to_contain_text(titles[2])
        expect(screen.locator(".stop", has_text=titles[1])).to_have_count(0)
    lost.context.set_offline(False)
    for screen in room.screens:
        expect(screen.locator(".stop", has_text=titles[1])).to_have_count(1)
    expect(lost.page.locator("#outbox")).to_be_hidden()


def _discuss(room: Afternoon, people: list[Person], lit: str) -> None:
    for phone in people:
        phone.goes_to("/rotterdam")
        is_live(phone.page)
    room.goes_on("Discuss", "spotlight")
    own_way = people[2].page
    own_way.get_by_role("button", name="Stop following").click()
    expect(own_way.get_by_role("button", name="Follow the wall")).to_be_visible()
    room.lights(lit)
    for phone in people[:2]:
        expect(phone.page.get_by_role("heading", level=1)).to_have_text(lit)
    expect(own_way.get_by_role("heading", level=1)).to_have_text("Rotterdam")
    comments(is_live(people[1].page), "My street has waited for this.")
    expect(comment(people[0].page, "My street has waited for this.")).to_be_visible()
    for screen in room.screens:
        expect(screen.locator(".spot")).to_contain_text(lit)
        expect(screen.locator("blockquote")).to_contain_text("My street has waited for this.")


def _vote(room: Afternoon, people: list[Person], titles: tuple[str, ...]) -> None:
    for phone in people:
        phone.goes_to("/rotterdam?sort=newest")
        is_live(phone.page)
    room.goes_on("Vote", "top")
    before = [as_shown(screen) for screen in room.screens]
    greedy, second, third = (phone.page for phone in people)
    people[0].foresees("403")
    expect(card(greedy, titles[1]).locator(".upvote-left")).to_have_text("2 of 2 left")
    others = [one for one in reversed(as_titles(greedy)) if one != titles[0]]
    chosen = (titles[2], titles[1], next((one for one in others if one not in titles), ""))
    for title in chosen[:2]:
        card(greedy, title).get_by_role("button", name="Upvote").click()
        expect(card(greedy, title).get_by_role("button", name="Take back upvote")).to_be_visible()
    expect(greedy.locator(".room-left")).to_have_text("0 of 2 left")
    if chosen[2]:
        card(greedy, chosen[2]).get_by_role("button", name="Upvote").click()
        expect(greedy.locator("#messages")).to_contain_text("You have given all your 2 upvotes.")
    card(second, titles[2]).get_by_role("button", name="Upvote").click()
    card(third, titles[0]).get_by_role("button", name="Upvote").click()
    for screen, was in zip(room.screens, before, strict=True):
        expect(screen.locator(".people")).to_contain_text("3 / 3")
        assert as_shown(screen) == was, "nothing is counted before the reveal"
    for page in (greedy, second, third):
        expect(page.locator("#room")).to_contain_text("3 of 3 who joined have voted")
        for title in titles:
            expect(count_of(page, title)).to_have_text("0")


def as_titles(page: Page) -> list[str]:
    """The titles on a board, from the top."""
    return [title.strip() for title in page.locator("#ideas .card-title").all_text_contents()]


def _reveal_and_end(
    room: Afternoon, people: list[Person], titles: tuple[str, ...], names: tuple[str, ...]
) -> None:
    room.goes_on("Reveal", "top", sure="Reveal the counts")
    for phone in people:
        for title, count in zip(titles, ("1", "1", "2"), strict=True):
            expect(count_of(phone.page, title)).to_have_text(count)
    stored, given = as_stored(room.ana, room.number)
    assert given == dict(zip(names, (2, 1, 1), strict=True))
    for screen in room.screens:
        expect(screen.locator(".stop .title")).to_have_text([title for title, _ in stored[:7]])
        assert as_shown(screen) == stored[:7]
    room.goes_on("Closed", "thanks", sure="Close the workshop")
    for phone in people:
        expect(phone.page.get_by_role("link", name="See the result")).to_be_visible()
        expect(phone.page.locator(".post-button")).to_be_hidden()
    for screen in room.screens:
        expect(screen.locator(".stop .title")).to_have_text([titles[2], titles[1], titles[0]])
        assert [count for _title, count in as_shown(screen)] == [2, 1, 1]
    page = people[0].page
    page.get_by_role("link", name="See the result").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Workshop {room.number}")
    for title in titles:
        expect(page.get_by_role("link", name=title).first).to_be_visible()


def _what_was_said(somebody: Person) -> None:
    """Both results stand side by side."""
    page = somebody.goes_to("/rotterdam/workshops/2/result")
    expect(page.locator("main")).to_contain_text("Workshop 1")
    page = somebody.goes_to("/rotterdam/compare")
    for number in (1, 2):
        expect(page.locator("main")).to_contain_text(f"Workshop {number}")
