"""The board's sorting and filters live in its address."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ideas.queries.filters import SORTS, BoardFilter, board_filter

FULL = {
    "sort": "newest",
    "theme": "air-climate",
    "kind": "challenge",
    "status": "shortlisted",
    "workshop": "2",
    "group": "student",
    "q": "停车 & more",
}


def test_a_plain_board_has_a_plain_address():
    assert board_filter("rotterdam", {}).url() == "/rotterdam"
    assert not board_filter("rotterdam", {}).is_filtered


def test_a_shared_address_shows_what_was_shared():
    chosen = board_filter("rotterdam", FULL)
    again = board_filter("rotterdam", dict(parse_qsl(urlsplit(chosen.url()).query)))
    assert again == chosen and chosen.active_count == 6


def test_changing_one_thing_keeps_the_others():
    chosen = board_filter("rotterdam", FULL)
    without_kind = dict(parse_qsl(urlsplit(chosen.url(kind="")).query))
    assert without_kind == {name: value for name, value in FULL.items() if name != "kind"}


def test_the_default_sort_stays_out_of_the_address():
    assert board_filter("berlin", {"sort": "top"}).url() == "/berlin"
    assert board_filter("berlin", {"sort": "newest"}).url(sort="top") == "/berlin"


def test_sorting_is_no_filter():
    assert not board_filter("berlin", {"sort": "trending"}).is_filtered


def test_scripts_are_told_the_facts_that_decide_whether_a_new_idea_belongs():
    assert "sort" not in board_filter("berlin", FULL).facts()
    assert board_filter("berlin", FULL).facts()["theme"] == "air-climate"


@pytest.mark.parametrize("name", ["sort", "kind", "status", "group"])
@pytest.mark.parametrize("value", ["x", "", "TOP", "top ", "'; DROP TABLE ideas", "\x00", "<script>"])
def test_words_it_does_not_know_count_as_not_said(name, value):
    assert board_filter("rotterdam", {name: value}) == BoardFilter("rotterdam")


@pytest.mark.parametrize("value", ["-1", "99999", "１", "one", "1; --", "²"])
def test_a_workshop_that_cannot_be_is_not_said(value):
    assert board_filter("rotterdam", {"workshop": value}).workshop == ""


@given(st.dictionaries(st.sampled_from([*FULL, "after", "x"]), st.text(max_size=200)))
def test_any_address_is_read_without_a_fault_and_written_back_the_same(args):
    chosen = board_filter("rotterdam", args)
    assert chosen.sort in SORTS and len(chosen.q) <= 100
    again = board_filter("rotterdam", dict(parse_qsl(urlsplit(chosen.url()).query)))
    assert again == chosen
