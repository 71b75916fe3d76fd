"""The network goes, comes back late, or lets no websocket through: nothing is lost, nothing doubled, pages catch up."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, TimeoutError, WebSocketRoute, expect

from app.accounts.models import User
from app.cities.models import City
from app.core.clock import now
from app.core.extensions import db
from app.ideas.actions.posting import edit_idea, post_idea
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Idea
from tests.boards import draft
from tests.browser.conftest import Person, application_of
from tests.browser.steps import (
    board_as_shown,
    card,
    comment,
    comments,
    count_of,
    figures_as_shown,
    fill_idea,
    idea_as_shown,
    opens,
    sends,
    sends_comment,
    sends_edit,
    sends_idea,
)
from tests.clients import apart
from tests.conftest import add_person
from tests.servers import Board

Arrive = Callable[..., Person]
OFFLINE = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "ERR_NETWORK", "WebSocket connection")
SOCKET = re.compile(r"/socket\.io/")


@pytest.fixture
def mara(person: Arrive) -> Person:
    """Somebody whose network is good."""
    return person("Mara")


@pytest.fixture
def jonas(person: Arrive) -> Person:
    """Somebody whose network is not."""
    somebody = person("Jonas")
    somebody.foresees(*OFFLINE)
    return somebody


def retries(waiting: Locator) -> None:
    """Press the button of what waits, unless it has gone out by itself in the meantime."""
    with suppress(TimeoutError):
        waiting.get_by_role("button", name="Retry now").click(timeout=2_000)


class Wire:
    """The websocket of a page, with somebody's hand on it."""

    def __init__(self, somebody: Person) -> None:
        self.is_cut = False
        self._open: list[WebSocketRoute] = []
        somebody.page.route_web_socket(SOCKET, self._connect)

    def _connect(self, page_side: WebSocketRoute) -> None:
        if self.is_cut:
            page_side.close()
            return
        server_side = page_side.connect_to_server()
        page_side.on_message(lambda message: None if self.is_cut else server_side.send(message))
        server_side.on_message(lambda message: None if self.is_cut else page_side.send(message))
        self._open = [page_side]

    def cut(self) -> None:
        """From now on nothing comes through, and nobody is told."""
        self.is_cut = True

    def mend(self) -> None:
        """The old connection turns out to be dead; a new one would work."""
        self.is_cut = False
        for one in self._open:
            one.close()


def unanswered(page: Page, pattern: str) -> Callable[[], None]:
    """POSTs to `pattern` do not reach the server; call what is returned to let them."""

    def refuse(route: Route) -> None:
        if route.request.method == "POST":
            route.abort()
        else:
            route.fallback()

    page.route(pattern, refuse)
    return lambda: page.unroute(pattern, refuse)


# --- sending ----------------------------------------------------------------------------------------------------


def test_a_comment_waits_visibly_survives_a_reload_and_goes_out_once(mara: Person, jonas: Person) -> None:
    mara.goes_to("/rotterdam")
    idea = sends_idea(mara, "Wider pavements on the Nieuwe Binnenweg")
    theirs, page = opens(mara, idea["url"]), opens(jonas, idea["url"])
    page.wait_for_load_state("networkidle")
    jonas.context.set_offline(True)
    page.get_by_label("Your comment").fill("Two prams cannot pass each other there.")
    page.get_by_role("button", name="Comment", exact=True).click()
    waiting = page.locator("#outbox")
    expect(waiting).to_contain_text("Two prams cannot pass each other there.")
    expect(page.locator("#live")).to_have_attribute("data-state", "offline")
    expect(page.get_by_label("Your comment")).to_have_value("")

    let_through = unanswered(page, "**/comments")
    jonas.context.set_offline(False)
    page.reload()
    expect(waiting).to_contain_text("Two prams cannot pass each other there.")
    expect(comment(page, "Two prams cannot pass each other there.")).to_have_count(0)

    let_through()
    retries(waiting)
    expect(comment(page, "Two prams cannot pass each other there.")).to_have_count(1)
    expect(comment(theirs, "Two prams cannot pass each other there.")).to_have_count(1)
    expect(waiting).to_be_hidden()
    page.reload()
    expect(comment(page, "Two prams cannot pass each other there.")).to_have_count(1)
    expect(waiting).to_be_hidden()


def test_an_idea_posted_offline_goes_out_by_itself_when_the_network_is_back(
    mara: Person, jonas: Person
) -> None:
    board = opens(mara, "/rotterdam")
    page = jonas.goes_to("/rotterdam/ideas/new")
    page.wait_for_load_state("networkidle")
    fill_idea(page, "A roof for the bus stop at Zuidplein")
    jonas.foresees("Failed to fetch")  # the look for similar ideas may still be under way
    jonas.context.set_offline(True)
    page.get_by_role("button", name="Post idea").click()
    expect(page.locator("#outbox")).to_contain_text("A roof for the bus stop at Zuidplein")
    jonas.context.set_offline(False)
    expect(page.locator("#outbox")).to_be_hidden()
    expect(board.locator("#new-ideas")).to_have_text("1 new idea")
    board.goto(mara.board.url + "/rotterdam?sort=newest")
    expect(card(board, "A roof for the bus stop at Zuidplein")).to_have_count(1)


def test_a_comment_whose_answer_is_lost_is_not_posted_twice(mara: Person, jonas: Person) -> None:
    mara.goes_to("/rotterdam")
    idea = sends_idea(mara, "A crossing at the Kleiweg")
    page = opens(jonas, idea["url"])
    sent: list[str] = []

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        sent.append(route.request.post_data or "")
        route.abort()

    page.route("**/comments", lose_the_answer, times=1)
    page.get_by_label("Your comment").fill("My mother crosses there with a walker.")
    page.get_by_role("button", name="Comment", exact=True).click()
    waiting = page.locator("#outbox")
    expect(waiting).to_contain_text("My mother crosses there with a walker.")
    retries(waiting)
    expect(waiting).to_be_hidden()
    assert len(sent) == 1
    page.reload()
    expect(comment(page, "My mother crosses there with a walker.")).to_have_count(1)


def test_an_upvote_given_offline_waits_and_counts_once(mara: Person, jonas: Person) -> None:
    mara.goes_to("/rotterdam")
    sends_idea(mara, "Silent asphalt on the ring")
    page = opens(jonas, "/rotterdam")
    page.wait_for_load_state("networkidle")
    button = card(page, "Silent asphalt on the ring").get_by_role("button")
    with page.expect_response("**/js-*/outbox.js"):  # fetched ahead, because offline it could not be
        pass
    jonas.context.set_offline(True)
    button.click()
    expect(button).to_have_attribute("data-waiting", "")
    expect(page.locator("#outbox")).to_contain_text("Silent asphalt on the ring")
    jonas.context.set_offline(False)
    expect(page.locator("#outbox")).to_be_hidden()
    expect(button).to_have_accessible_name("Take back upvote")
    page.reload()
    expect(count_of(page, "Silent asphalt on the ring")).to_have_text("1")


def test_drafts_survive_a_reload(mara: Person, jonas: Person) -> None:
    page = jonas.goes_to("/rotterdam/ideas/new")
    fill_idea(
        page,
        "A tram to the beach at Hoek",
        text="In summer, **every** ten minutes.",
        theme="Public transport",
    )
    expect(page.locator("#preview strong")).to_have_text("every")
    page.reload()
    expect(page.get_by_label("Title", exact=True)).to_have_value("A tram to the beach at Hoek")
    expect(page.get_by_label("Text", exact=True)).to_have_value("In summer, **every** ten minutes.")
    expect(page.get_by_label("Public transport")).to_be_checked()
    expect(page.get_by_text("Your draft is back.")).to_be_visible()
    page.get_by_role("button", name="Discard draft").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("")

    mara.goes_to("/rotterdam")
    idea = sends_idea(mara, "Trees before parking")
    page = jonas.goes_to(idea["url"])
    page.get_by_label("Your comment").press_sequentially("Our street lost")
    page.reload()
    expect(page.get_by_label("Your comment")).to_have_value("Our street lost")


# --- hearing ----------------------------------------------------------------------------------------------------


def test_where_websockets_are_blocked_the_page_asks_and_says_so(mara: Person, jonas: Person) -> None:
    opens(mara, "/rotterdam")
    idea = sends_idea(mara, "Cargo bikes to rent by the hour")
    Wire(jonas).cut()
    page = jonas.goes_to("/rotterdam")
    expect(page.locator("#live")).to_have_attribute("data-state", "polling", timeout=20_000)
    expect(page.locator("#live")).to_contain_text("checking every 5 s")
    sends(mara, f"/ideas/{sends_idea(jonas, 'A pump at every bridge')['id']}/upvote", upvote="on")
    sends_edit(mara, idea["id"], "Cargo bikes to rent by the day")
    expect(card(page, "Cargo bikes to rent by the day")).to_be_visible(timeout=20_000)
    expect(card(page, "A pump at every bridge")).to_be_visible()
    expect(count_of(page, "A pump at every bridge")).to_have_text("1", timeout=20_000)


def _much_happens(mara: Person, ines: Person, ideas: list[dict[str, Any]]) -> None:
    """New ideas, edits, comments, upvotes given and taken back, and an idea withdrawn."""
    first, second, third = (idea["id"] for idea in ideas)
    sends(ines, f"/ideas/{first}/upvote", upvote="on")
    sends(ines, f"/ideas/{second}/upvote", upvote="on")
    sends(ines, f"/ideas/{second}/upvote", upvote="off")
    sends_edit(mara, first, "Ferries all night, also in winter")
    said = sends_comment(ines, first, "Also on Sundays?")
    sends_comment(mara, first, "On Sundays from nine.", parent=said["id"])
    sends(ines, f"/comments/{said['id']}/edit", text="Also on Sundays, please?")
    sends(mara, f"/ideas/{third}/withdrawal")
    fresh = sends_idea(ines, "A ferry for bicycles only", city="los-angeles")
    sends(mara, f"/ideas/{fresh['id']}/upvote", upvote="on")


def _equals_a_fresh_load(away: Person, path: str, shown: Callable[[Page], Any]) -> None:
    """The page that was away shows what the same person sees in a new tab."""
    fresh = away.context.new_page()
    fresh.goto(away.board.url + path)
    expect(fresh.locator("#live")).to_have_attribute("data-state", "live")
    assert shown(away.page) == shown(fresh)
    fresh.close()


def _everything(page: Page) -> Any:
    return board_as_shown(page), figures_as_shown(page)


def _start(mara: Person, ines: Person) -> list[dict[str, Any]]:
    mara.goes_to("/los-angeles")
    ines.goes_to("/los-angeles")
    titles = ("Ferries all night", "A bus without timetable", "A street without cars")
    return [sends_idea(mara, title, city="los-angeles") for title in titles]


def test_a_page_that_was_cut_off_for_a_while_catches_up(mara: Person, jonas: Person, person: Arrive) -> None:
    ines = person("Ines")
    ideas = _start(mara, ines)
    wire = Wire(jonas)
    page = opens(jonas, "/los-angeles")
    wire.cut()
    _much_happens(mara, ines, ideas)
    expect(card(page, "A street without cars")).to_be_visible()  # it has not heard yet
    wire.mend()
    expect(page.locator("#new-ideas")).to_have_text("1 new idea", timeout=20_000)
    expect(card(page, "Ferries all night, also in winter")).to_contain_text("2 comments")
    page.locator("#new-ideas").click()
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    _equals_a_fresh_load(jonas, "/los-angeles", _everything)


def test_an_ideas_page_that_was_cut_off_catches_up(mara: Person, jonas: Person, person: Arrive) -> None:
    ines = person("Ines")
    ideas = _start(mara, ines)
    wire = Wire(jonas)
    page = opens(jonas, ideas[0]["url"])
    comments(page, "I would take it to work.")
    page.get_by_label("Your comment").fill("And back, if")
    wire.cut()
    _much_happens(mara, ines, ideas)
    wire.mend()
    expect(comment(page, "On Sundays from nine.")).to_be_visible(timeout=20_000)
    expect(comment(page, "Also on Sundays, please?")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ferries all night, also in winter")
    expect(page.get_by_label("Your comment").last).to_have_value("And back, if")
    _equals_a_fresh_load(jonas, page.url.removeprefix(jonas.board.url), idea_as_shown)


@pytest.fixture(scope="module")
def forgetful(serve: Callable[..., Board]) -> Board:
    """A board that keeps only its last three changes."""
    return serve(changes_kept=3)


def test_a_page_that_was_away_longer_than_changes_are_kept_renews_itself(
    forgetful: Board, person: Arrive, visitor: Arrive
) -> None:
    mara, jonas, ines = (person(name, board=forgetful) for name in ("Mara", "Jonas", "Ines"))
    jonas.foresees(*OFFLINE)
    ideas = _start(mara, ines)
    wire = Wire(jonas)
    page = opens(jonas, "/los-angeles")
    wire.cut()
    apart(_edit_often, forgetful, ideas[1]["id"], 110)
    _much_happens(mara, ines, ideas)
    answers: list[Any] = []
    page.on("response", lambda answer: answers.append(answer.url) if "/changes?" in answer.url else None)
    wire.mend()
    # a renewed list holds nothing back; socket.io may take seconds until it tries again
    expect(card(page, "A ferry for bicycles only")).to_be_visible(timeout=20_000)
    expect(card(page, "Edited 109 times by now")).to_be_visible()
    assert answers
    _equals_a_fresh_load(jonas, "/los-angeles", _everything)


def _edit_often(board: Board, idea_id: int, times: int) -> None:
    """Edits that this board's sockets do not hear of: it happened while nobody could."""
    with application_of(board).app_context():
        for time in range(times):
            idea = db.session.get_one(Idea, idea_id)
            author = db.session.get_one(User, idea.author_id)
            edit_idea(idea, draft(f"Edited {time} times by now"), by=author, at=now())


def test_a_page_that_shows_hundreds_of_ideas_has_all_their_counts_within_seconds(
    visitor: Callable[..., Person], live_server: Board
) -> None:
    apart(_post_many, live_server, MANY)
    somebody = visitor()
    somebody.foresees(*OFFLINE)
    wire = Wire(somebody)
    page = opens(somebody, "/melbourne?sort=newest")
    cards = page.locator("#ideas article.card", has_text="Idea of many")
    while cards.count() < MANY:
        shown = cards.count()
        page.get_by_role("link", name="Show more").click()
        expect(cards).not_to_have_count(shown)
    wire.cut()
    apart(_upvote_each, live_server)
    wire.mend()
    right = cards.filter(has=page.locator(".upvote-count", has_text=re.compile("^1$")))
    expect(right).to_have_count(MANY, timeout=20_000)


MANY = 320  # more than one question carries


def _post_many(board: Board, how_many: int) -> None:
    with application_of(board).app_context():
        author = add_person("Ana")
        melbourne = db.session.scalars(db.select(City).filter_by(slug="melbourne")).one()
        for number in range(how_many):
            post_idea(melbourne, draft(f"Idea of many {number}"), by=author, at=now())


def _upvote_each(board: Board) -> None:
    """Upvotes that this board's sockets do not hear of."""
    with application_of(board).app_context():
        voter = add_person("Mara")
        for idea in db.session.scalars(db.select(Idea).where(Idea.title.startswith("Idea of many"))).all():
            upvote(idea, by=voter, at=now())
