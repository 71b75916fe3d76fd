"""Trending's heat: half the weight every 48 hours, and an order that waiting does not change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ideas.heat import COLD, heat_of, score, warmed

NOON = datetime(2026, 9, 14, 12, tzinfo=UTC)
HOURS = st.floats(0, 24 * 365, allow_nan=False)


def hours_ago(hours: float) -> datetime:
    return NOON - timedelta(hours=hours)


def test_a_fresh_upvote_is_worth_one_and_half_of_it_after_two_days():
    heat = warmed(COLD, NOON)
    assert score(heat, NOON) == pytest.approx(1)
    assert score(heat, NOON + timedelta(hours=48)) == pytest.approx(0.5)
    assert score(heat, NOON + timedelta(hours=96)) == pytest.approx(0.25)


def test_two_fresh_upvotes_are_worth_two():
    assert score(warmed(warmed(COLD, NOON), NOON), NOON) == pytest.approx(2)


def test_an_idea_nobody_touched_is_cold():
    assert heat_of([]) == COLD
    assert score(COLD, NOON) == 0


def test_one_upvote_ever_is_warmer_than_none():
    assert warmed(COLD, datetime(1971, 1, 1, tzinfo=UTC)) > COLD


@given(st.lists(HOURS, min_size=1, max_size=40))
def test_the_score_is_the_documented_sum(ages):
    said = sum(2 ** (-age / 48) for age in ages)
    assert score(heat_of(hours_ago(age) for age in ages), NOON) == pytest.approx(said, rel=1e-6)


@given(st.lists(HOURS, min_size=1, max_size=40))
def test_warming_up_one_by_one_in_any_order_equals_working_it_out_anew(ages):
    heat = COLD
    for age in ages:
        heat = warmed(heat, hours_ago(age))
    assert heat == pytest.approx(heat_of(hours_ago(age) for age in ages), abs=1e-9)


@given(st.lists(HOURS, min_size=1, max_size=10), st.lists(HOURS, min_size=1, max_size=10), HOURS)
def test_waiting_never_changes_which_of_two_ideas_is_hotter(some, others, later):
    one, other = heat_of(map(hours_ago, some)), heat_of(map(hours_ago, others))
    if abs(one - other) < 1e-6:
        return
    after = NOON + timedelta(hours=later)
    assert (
        (score(one, NOON) > score(other, NOON)) == (score(one, after) > score(other, after)) == (one > other)
    )
