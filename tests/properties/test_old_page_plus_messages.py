"""Old page + messages = fresh page: in order, out of order, doubled, lost and asked for again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock as core_clock
from tests.properties.acts import Act, Board, acts, few
from tests.properties.twin import Twin, fresh_board, fresh_idea

pytestmark = pytest.mark.settings(confirm_email=True)
BEGINNING = [Act("post", 0, 0, "tram", 1), Act("post", 1, 0, "metro", 2), Act("comment", 1, 0, "bus", 2)]


@pytest.fixture(autouse=True)
def _clock_runs_again():
    yield
    core_clock.release()


@pytest.fixture
def in_a_request(app):
    """Fragments hold addresses, which are made in a request only."""
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def same(page: Twin, fresh: Twin) -> None:
    """What the two show is equal."""
    assert page.parts == fresh.parts
    assert page.counts == fresh.counts


@given(before=acts, after=acts)
@few
def test_a_board_that_heard_everything_equals_a_fresh_one(city, socket, settle, in_a_request, before, after):
    board = Board(city)
    board.do(*BEGINNING, *before)
    settle()
    ear = socket()
    assert ear.watch(city.slug)["ok"]
    page = fresh_board(city)
    board.do(*after)
    settle()
    for name, message in ear.heard():
        page.hear(name, message)
    ear.disconnect(namespace="/live")
    fresh = fresh_board(city)
    assert page.last == fresh.last and not page.held
    same(page, fresh)
    assert page.figures == fresh.figures


@given(before=acts, after=acts)
@few
def test_an_idea_that_heard_everything_equals_a_fresh_one(city, socket, settle, in_a_request, before, after):
    board = Board(city)
    board.do(*BEGINNING, *before)
    settle()
    public = [idea.id for idea in board.ideas() if idea.state == "published"]
    if not public:
        return
    ear = socket()
    assert ear.watch(city.slug, idea=public[0])["ok"]
    page = fresh_idea(city, public[0])
    board.do(*after)
    settle()
    for name, message in ear.heard():
        page.hear(name, message)
    ear.disconnect(namespace="/live")
    assert not page.held
    fresh = fresh_idea(city, public[0])
    assert page.is_gone or page.parts == fresh.parts
    if fresh.parts and not page.is_gone:
        assert page.counts == fresh.counts


@given(before=acts, after=acts, order=st.lists(st.integers(0, 999), max_size=40))
@few
def test_a_board_that_heard_things_late_twice_or_never_catches_up(
    city, socket, settle, client, in_a_request, before, after, order
):
    board = Board(city)
    board.do(*BEGINNING, *before)
    settle()
    ear = socket()
    ear.watch(city.slug)
    page = fresh_board(city)
    board.do(*after)
    settle()
    said = [one for one in ear.heard() if one[0] in ("change", "counts")]
    ear.disconnect(namespace="/live")
    arrived = [said[place % len(said)] for place in order] if said else []
    for name, message in arrived:
        page.hear(name, message)
    assert page.catch_up(client, city.slug)
    same(page, fresh_board(city))
    for name, message in said:  # what was on its way all the time comes last, and again
        if name == "change":
            page.hear(name, message)
    same(page, fresh_board(city))


@given(before=acts, after=acts)
@few
def test_a_page_that_was_away_for_all_of_it_catches_up_in_one_answer(
    city, client, settle, in_a_request, before, after
):
    board = Board(city)
    board.do(*BEGINNING, *before)
    idea_id = next((idea.id for idea in board.ideas() if idea.state == "published"), 0)
    page = fresh_board(city)
    article = fresh_idea(city, idea_id) if idea_id else None
    board.do(*after)
    assert page.catch_up(client, city.slug)
    same(page, fresh_board(city))
    if article:
        assert article.catch_up(client, city.slug)
        assert article.parts == fresh_idea(city, idea_id).parts
