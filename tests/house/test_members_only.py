"""A board for members only: nobody else reads anything of it, by any route or socket; the home page has its figures."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest

from app.cities.actions.moderating import appoint
from app.core import clock
from app.ideas.actions.upvoting import upvote
from app.moderation.actions.deciding import hide
from app.moderation.actions.rules import change_rules
from tests.house.canary.asking import AS_FRAGMENT, AS_PAGE, AS_SCRIPT, Answer, addresses, ask
from tests.house.canary.planting import Planted, Planter, number_from
from tests.house.waiting import WITHIN, seconds_until

pytestmark = pytest.mark.settings(confirm_email=True)

FIRST_NUMBER = 7_000_001
OUTSIDERS = ("nobody", "late", "banned")


@pytest.fixture
def board(city, make_user):
    """Rotterdam for members, with public, hidden and upvoted ideas and an act in its log."""
    number_from(FIRST_NUMBER)
    planter = Planter(city, make_user)
    for item in ("hidden", "older", "newer"):
        planter.idea(item)
    planter.comment("onolder", planter.planted.items["older"])
    items = planter.planted.items
    upvote(items["older"], by=make_user("Uma"), at=clock.now())
    hide(items["hidden"], because=1, sentence="Zqlogsentence", by=None, at=clock.now())
    close(city)
    return planter.planted


def close(city, *, is_public: bool = False) -> None:
    change_rules(city, by=None, at=clock.now(), is_public=is_public)


@pytest.fixture
def late(make_user):
    """Lena has not confirmed her address within the first day."""
    return make_user("Lena", confirmed=False, created_at=clock.now() - timedelta(hours=24))


@pytest.fixture
def browser_of(app, board, late, make_user, signed_in):
    """`browser_of("late")` -> the browser of somebody of that kind."""

    def of(kind: str):
        if kind == "nobody":
            return app.test_client()
        if kind == "late":
            return signed_in(late)
        user = make_user("Bo", banned_until=clock.now() + timedelta(days=3) if kind == "banned" else None)
        return signed_in(user)

    return of


def test_an_outsider_reads_nothing_of_it_anywhere(app, board, browser_of):
    for kind in OUTSIDERS:
        client = browser_of(kind)
        for headers in (AS_PAGE, AS_SCRIPT, AS_FRAGMENT):
            for url in addresses(app, board):
                assert_says_nothing(kind, ask(client, url, headers), board)


def assert_says_nothing(kind: str, answer: Answer, board: Planted) -> None:
    assert answer.words == set(), f"{kind}: {answer.url}"
    assert answer.numbers == set(), f"{kind}: {answer.url}"


@pytest.mark.parametrize("kind", OUTSIDERS)
def test_an_outsider_writes_nothing_there(board, browser_of, kind):
    client, older = browser_of(kind), board.items["older"]
    idea = {"kind": "challenge", "title": "Trams wait for cars", "text": "", "themes": ["1"]}
    refused = (303,) if kind != "late" else (403, 404)
    assert client.post_form("/rotterdam/ideas", idea).status_code in refused
    assert client.post_form(f"/ideas/{older.id}/comments", {"text": "Hello"}).status_code in refused
    assert client.send("PUT", f"/ideas/{older.id}/upvote").status_code in refused
    assert client.post_form(f"/ideas/{older.id}/report", {"reason": "1"}).status_code in refused


@pytest.mark.parametrize("kind", OUTSIDERS)
def test_an_outsider_hears_nothing(board, browser_of, socket, make_user, settle, kind):
    older = board.items["older"]
    page = socket(client=browser_of(kind))
    assert page.watch("rotterdam") == {"ok": False}
    assert page.watch("rotterdam", idea=older.id) == {"ok": False}
    assert page.watch("rotterdam", queue=True) == {"ok": False}
    upvote(older, by=make_user("Tom"), at=clock.now())
    settle()
    assert page.heard() == []


def test_members_read_and_hear_it(board, browser_of, socket, make_user, settle):
    client, older = browser_of("resident"), board.items["older"]
    settle()
    page = socket(client=client)
    assert page.watch("rotterdam")["ok"]
    assert "zqoldertitle" in ask(client, "/rotterdam").words
    assert "Zqlogsentence" in client.get("/rotterdam/log").text
    upvote(older, by=make_user("Tom"), at=clock.now())
    settle()
    assert json.dumps(page.heard("counts")).count(str(older.id)) == 1


def test_the_home_page_shows_its_name_and_its_figures_to_everybody(board, app):
    answer = ask(app.test_client(), "/")
    assert (answer.words, answer.numbers) == (set(), set())
    assert "Rotterdam" in answer.text


def test_open_pages_of_outsiders_close_within_two_seconds_when_a_board_closes(
    city, make_user, signed_in, socket, late
):
    planter = Planter(city, make_user)
    idea = planter.idea("older")
    pages = [socket(), socket(client=signed_in(late))]
    pages[0].watch("rotterdam")
    pages[1].watch("rotterdam", idea=idea.id)
    closed_at = time.monotonic()
    close(city)
    assert seconds_until(lambda: not any(page.is_open for page in pages), since=closed_at) < WITHIN
    assert not socket().watch("rotterdam")["ok"]


def test_what_was_kept_while_it_was_public_is_shown_to_nobody(app, city, make_user):
    planter = Planter(city, make_user)
    idea = planter.idea("older")
    client = app.test_client()
    pages = [
        "/rotterdam",
        f"/rotterdam/ideas/{idea.id}",
        "/rotterdam/changes?since=0",
        "/rotterdam?q=lanterns",
    ]
    assert all("zqoldertitle" in ask(client, url).text.lower() for url in pages)
    close(city)
    assert all("zqoldertitle" not in ask(client, url).text.lower() for url in pages)
    close(city, is_public=True)
    assert all("zqoldertitle" in ask(client, url).text.lower() for url in pages)


def test_who_may_no_longer_take_part_does_not_read_titles_of_it_on_their_own_pages(
    city, make_user, signed_in, clock
):
    """Lena upvoted and commented on her first day; a day later, unconfirmed, she is no member any more."""
    planter = Planter(city, make_user)
    idea = planter.idea("older")
    close(city)
    lena = make_user("Lena", confirmed=False)
    lenas = signed_in(lena)
    upvote(idea, by=lena, at=clock.now())
    assert lenas.post_form(f"/ideas/{idea.id}/comments", {"text": "I would walk there"}).status_code == 303
    assert "zqoldertitle" in ask(lenas, "/me").words
    clock.advance(25 * 3600)
    for url in ("/me", "/me/notices"):
        assert ask(lenas, url).words == set(), url


def test_the_moderators_of_other_boards_read_it_and_curate_nothing(board, cities, make_user, signed_in):
    omar = make_user("Omar")
    appoint(cities["berlin"], omar, clock.now())
    client = signed_in(omar)
    assert "zqoldertitle" in ask(client, "/rotterdam").words
    assert "zqhiddentitle" not in ask(client, f"/rotterdam/ideas/{board.items['hidden'].id}").words
    assert client.get("/rotterdam/moderate").status_code == 404
