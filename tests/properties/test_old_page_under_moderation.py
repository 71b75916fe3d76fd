"""Old page + messages = fresh page, while moderators hide, restore, merge and take apart, and people go on talking."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import clock as core_clock
from app.moderation.actions.deciding import hide, restore
from tests.boards import post, say
from tests.properties.acts import few
from tests.properties.moderating_machine import Both
from tests.properties.twin import fresh_board, fresh_idea

pytestmark = pytest.mark.settings(reports_to_hold=2)
NUMBER, FEW = st.integers(0, 59), settings(few, max_examples=10)
DECISION = st.sampled_from(["hide", "hide", "restore", "restore", "hold", "approve"])
MARK = st.sampled_from(["pin", "unpin", "lock", "retag", "answer"])
MOVES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["comment", "reply", "upvote", "take_back", "unmerge", "undo"]), NUMBER, NUMBER),
        st.tuples(st.just("merge"), NUMBER, NUMBER, NUMBER, st.just(False)),
        st.tuples(st.just("decide"), DECISION, NUMBER, NUMBER, st.booleans()),
        st.tuples(st.just("mark"), MARK, NUMBER, NUMBER, NUMBER, st.booleans()),
        st.tuples(st.just("set_aside"), st.sets(NUMBER, min_size=1, max_size=2), NUMBER, st.booleans()),
        st.tuples(st.sampled_from(["edit", "withdraw", "leave", "remove_sample"]), NUMBER),
    ),
    max_size=14,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _clock_runs_again():
    yield
    core_clock.release()


@pytest.fixture
def in_a_request(app):
    """Fragments hold addresses, which are made in a request only."""
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def do(both: Both, moves) -> None:
    """Make each of these moves, where it is possible."""
    for name, *how in moves:
        getattr(both, name)(*how)


@given(before=MOVES, after=MOVES)
@FEW
def test_pages_that_heard_everything_equal_fresh_ones(city, socket, settle, in_a_request, before, after):
    both = Both(city)
    do(both, before)
    settle()
    ideas = [one.key[1] for one in both.twin.ideas.values() if one.state == "published"][:3]
    ears = {None: socket(), **{idea: socket() for idea in ideas}}
    for idea, ear in ears.items():
        assert ear.watch(city.slug, **({"idea": idea} if idea else {}))["ok"]
    pages = {None: fresh_board(city), **{idea: fresh_idea(city, idea) for idea in ideas}}
    do(both, after)
    settle()
    for idea, page in pages.items():
        for name, message in ears[idea].heard():
            page.hear(name, message)
        ears[idea].disconnect(namespace="/live")
        if idea is not None and (page.is_gone or idea not in both.twin.ideas):
            assert page.is_gone and not page.parts
            continue
        fresh = fresh_idea(city, idea) if idea else fresh_board(city)
        assert not page.held
        assert page.parts == fresh.parts
        assert page.counts == fresh.counts
        if idea is None:
            assert (page.last, page.figures) == (fresh.last, fresh.figures)


@given(before=MOVES, after=MOVES)
@FEW
def test_pages_that_were_away_for_all_of_it_catch_up_in_one_answer(
    city, client, settle, in_a_request, before, after
):
    both = Both(city)
    do(both, before)
    ideas = [one.key[1] for one in both.twin.ideas.values() if one.state == "published"][:3]
    board, pages = fresh_board(city), {idea: fresh_idea(city, idea) for idea in ideas}
    do(both, after)
    assert board.catch_up(client, city.slug)
    fresh = fresh_board(city)
    assert (board.parts, board.counts) == (fresh.parts, fresh.counts)
    for idea, page in pages.items():
        if page.catch_up(client, city.slug):  # otherwise it loads anew
            assert page.parts == (fresh_idea(city, idea).parts if idea in both.twin.ideas else {})


def test_a_page_that_slept_while_its_idea_was_hidden_shows_no_comment_that_was_hidden_meanwhile(
    city, client, make_user, make_moderator, in_a_request
):
    ana, mara = make_moderator(city, "Ana"), make_user("Mara")
    idea = post(city, mara)
    rude = say(idea, mara, "Cyclists are idiots.")
    page = fresh_idea(city, idea.id)
    because = {"because": 1, "sentence": "", "by": ana}
    hide(idea, at=core_clock.now(), **because)
    hide(rude, at=core_clock.now(), **because)
    restore(idea, by=ana, at=core_clock.now())
    assert not page.catch_up(client, city.slug), "it must load anew: the comment's end has no number"
