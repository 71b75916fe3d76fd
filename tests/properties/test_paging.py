"""Paging by key walks every idea exactly once, for every sort, also while people upvote in between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text, update

from app.cities.models import City
from app.core import clock as core_clock
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.models import Idea
from app.ideas.queries import board as boards
from app.ideas.queries.board import board_page
from app.ideas.queries.filters import SORTS, BoardFilter, board_filter
from tests.boards import post
from tests.conftest import NOON
from tests.properties.acts import EMPTY, few

IDEAS = 17
NUMBERS = st.lists(st.integers(0, 3), min_size=IDEAS, max_size=IDEAS)


@pytest.fixture
def walk(app, monkeypatch):
    """`walk(city, filter)` -> the ids on all pages, one after the other; five ideas a page."""
    monkeypatch.setattr(boards, "PAGE_SIZE", 5)

    def through(city: City, chosen: BoardFilter) -> list[int]:
        seen: list[int] = []
        after = ""
        for _ in range(IDEAS):
            with app.test_request_context():
                page = board_page(city, chosen, after=after)
            assert len(page.cards) <= 5
            seen += [card.id for card in page.cards]
            if page.next_url is None:
                return seen
            with app.test_request_context(page.next_url) as context:
                after = context.request.args["after"]
                assert board_filter(city.slug, context.request.args) == chosen
        raise AssertionError("the pages never end")

    return through


def begin(city: City, make_user, upvotes, comments, heats, ages) -> list[Idea]:
    """Seventeen ideas with many equal values: ties are where paging goes wrong."""
    with unit_of_work():
        for statement in EMPTY:
            db.session.execute(text(statement))
    db.session.expire_all()
    core_clock.freeze(NOON)
    mara = make_user("Mara")
    with unit_of_work():
        ideas = [post(city, mara, f"Idea number {number}") for number in range(IDEAS)]
        for number, idea in enumerate(ideas):
            db.session.execute(
                update(Idea)
                .where(Idea.id == idea.id)
                .values(
                    upvote_count=upvotes[number],
                    comment_count=comments[number],
                    heat=heats[number] / 7,
                    created_at=core_clock.now().replace(microsecond=ages[number]),
                )
            )
    core_clock.release()
    db.session.expire_all()
    return ideas


@given(
    upvotes=NUMBERS, comments=NUMBERS, heats=NUMBERS, ages=NUMBERS, kept=st.sampled_from(["", "challenge"])
)
@few
def test_every_idea_is_seen_exactly_once(city, make_user, walk, upvotes, comments, heats, ages, kept):
    ideas = begin(city, make_user, upvotes, comments, heats, ages)
    with unit_of_work():
        db.session.execute(
            update(Idea).where(Idea.id.in_([idea.id for idea in ideas[::2]])).values(kind="challenge")
        )
    db.session.expire_all()
    expected = [idea for idea in ideas if not kept or idea.kind == kept]
    by = {
        "top": lambda idea: idea.upvote_count,
        "trending": lambda idea: idea.heat,
        "newest": lambda idea: idea.created_at,
        "discussed": lambda idea: idea.comment_count,
    }
    for sort in SORTS:
        seen = walk(city, BoardFilter(city.slug, sort=sort, kind=kept))
        order = sorted(expected, key=lambda idea: (by[sort](idea), idea.id), reverse=True)
        assert seen == [idea.id for idea in order], sort


def test_an_upvote_between_two_pages_hides_no_other_idea(app, city, make_user, monkeypatch):
    monkeypatch.setattr(boards, "PAGE_SIZE", 5)
    ideas = begin(city, make_user, [3] * IDEAS, [0] * IDEAS, [0] * IDEAS, [0] * IDEAS)
    chosen, after, seen = BoardFilter(city.slug), "", set()
    for number in range(4):
        with app.test_request_context():
            page = board_page(city, chosen, after=after)
        seen |= {card.id for card in page.cards}
        with unit_of_work():  # one that was seen already rises
            db.session.execute(update(Idea).where(Idea.id == ideas[-1 - number].id).values(upvote_count=9))
        if page.next_url:
            with app.test_request_context(page.next_url) as context:
                after = context.request.args["after"]
    assert seen == {idea.id for idea in ideas}
