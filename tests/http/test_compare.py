"""A board before its workshops, in each of them and since: every act in exactly one column, hidden counts in none."""

from __future__ import annotations

import pytest

from app.core.extensions import db
from app.ideas.actions.sampling import load_sample
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Idea
from app.workshops.actions.papering import note_idea
from app.workshops.actions.tallying import tally
from tests.boards import draft, post, put_in_state, say, statements
from tests.pages import cards_on, page_of, table_in
from tests.rooms import go_to, join, workshop_in

PAGE = "/rotterdam/compare"


@pytest.fixture
def way(city, clock, make_user, make_moderator):
    """Something said online, in workshop 1, between, and in workshop 2, which hides its counts and votes now."""
    people = [
        make_user("Rosa"),
        make_user("Sam", "student"),
        make_user("Sue", "student"),
        make_user("Carl", "company"),
    ]
    rosa, sam, sue, carl = people
    online = post(city, rosa, "Said online before", themes=(1,))
    upvote(online, by=sam, at=clock.now())
    say(online, carl)
    clock.advance(3600)
    first = workshop_in(city)
    join(first, sam, sue)
    go_to(first, "collect")
    shade = post(city, sam, "Shade at tram stops", themes=(1, 2))
    night = post(city, sue, "Night bus", themes=(2,))
    go_to(first, "vote")
    upvote(shade, by=sue, at=clock.now())
    upvote(online, by=sue, at=clock.now())
    tally(first, night, 5, by=make_moderator(city, "Ana"), at=clock.now())
    go_to(first, "closed")
    clock.advance(3600)
    upvote(night, by=carl, at=clock.now())
    second = workshop_in(city, number=2, hides_counts=True)
    join(second, carl)
    go_to(second, "collect")
    cargo = post(city, carl, "Cargo bikes for all", themes=(3,))
    go_to(second, "vote")
    upvote(shade, by=carl, at=clock.now())
    return {"first": first, "second": second, "people": people, "ideas": (online, shade, night, cargo)}


def sums(client) -> dict[str, list[str]]:
    rows = table_in(client.get(PAGE), "Ideas, upvotes, comments and people")
    return {row[0]: row[1:] for row in rows}


def test_every_act_is_in_exactly_one_column(way, client):
    found = sums(client)
    assert found[""] == [
        "Online, before the workshops", "Workshop 1 · students", "Workshop 2 · students", "Online, since then",
    ]  # fmt: skip
    assert found["Ideas"] == ["1", "2", "1", "0"]
    assert found["Upvotes"] == ["1", "7", "0", "1"], "those of workshop 2 are hidden"
    assert found["Comments"] == ["1", "0", "0", "0"]
    assert found["People who posted, commented or upvoted"] == ["3", "2", "1", "1"]
    assert found["Student"] == ["1", "2", "0", "0"] and found["Company"] == ["1", "0", "1", "1"]


def test_hidden_counts_come_with_the_reveal(way, client):
    page = client.get(PAGE).text
    assert "are counted from its reveal on" in page
    places = {row[0]: row[1:] for row in table_in(client.get(PAGE), "among the first five")[1:]}
    assert places["Shade at tram stops"][2] == "no upvote"
    go_to(way["second"], "reveal")
    assert "are counted from its reveal on" not in client.get(PAGE).text
    assert sums(client)["Upvotes"] == ["1", "7", "1", "1"]
    places = {row[0]: row[1:] for row in table_in(client.get(PAGE), "among the first five")[1:]}
    assert places["Shade at tram stops"] == ["no upvote", "place 2 1 upvote", "place 1 1 upvote", "no upvote"]
    assert places["Night bus"][1] == "place 1 5 upvotes"


def test_the_shares_of_themes_and_what_rose_and_fell(way, client):
    page = client.get(PAGE)
    rows = [row[1:] for row in table_in(page, "In how many of the ideas of each part")[1:]]
    assert sorted(rows) == [
        ["0 of 1, 0%", "0 of 2, 0%", "1 of 1, 100%", "–"],
        ["0 of 1, 0%", "2 of 2, 100%", "0 of 1, 0%", "–"],
        ["1 of 1, 100%", "1 of 2, 50%", "0 of 1, 0%", "–"],
    ]
    text = page_of(page).words
    assert "From “Online, before the workshops” to “Workshop 1 · students”" in text
    assert "100 points more" in text and "50 points less" in text


def test_what_is_not_public_is_in_no_column(way, client):
    put_in_state(way["ideas"][1], "hidden")
    assert "Shade" not in client.get(PAGE).text
    assert sums(client)["Ideas"] == ["1", "1", "1", "0"]


def test_without_workshops_held_everything_is_before_them(city, client, clock):
    assert "Nobody has said anything yet" in client.get(PAGE).text
    load_sample(clock.now())
    found = sums(client)
    assert found["Upvotes"][0] != "0" and len(found[""]) in (3, 4)
    assert "invented sample content" in client.get(PAGE).text


def test_the_filter_of_the_board_leads_here_and_sorts_online_and_paper_rightly(
    way, client, city, make_moderator, clock
):
    go_to(way["second"], "reveal")
    note_idea(
        way["second"],
        draft("Read from a card"),
        group="resident",
        by=make_moderator(city, "Bo"),
        at=clock.now(),
    )
    assert f'href="{PAGE}"' in client.get("/rotterdam").text

    def shown(workshop: str) -> set[str]:
        found = cards_on(client.get(f"/rotterdam?workshop={workshop}"))
        return {db.session.get(Idea, idea_id).title for idea_id in found}

    assert shown("online") == {"Said online before"}
    assert shown("1") == {"Shade at tram stops", "Night bus"}
    assert shown("2") == {"Cargo bikes for all", "Read from a card"}
    assert shown("paper") == {"Read from a card"}
    assert sums(client)["of them on paper"] is not None
    assert "Resident" in sums(client) and sums(client)["Resident"] == ["1", "0", "0", "0"], "paper is nobody"


def test_a_members_board_is_compared_for_its_members(way, city, client, signed_in):
    city.is_public = False
    db.session.commit()
    assert client.get(PAGE).status_code == 303
    assert signed_in(way["people"][0]).get(PAGE).status_code == 200


def test_its_queries_do_not_grow_with_the_board(way, city, client, make_user, clock):
    client.get(PAGE)
    with statements() as few:
        client.get(PAGE)
    for number in range(15):
        writer = make_user(f"Writer {number}")
        idea = post(city, writer, f"Another idea {number}")
        upvote(way["ideas"][0], by=writer, at=clock.now())
        say(idea, writer)
    with statements() as many:
        client.get(PAGE)
    assert len(many) == len(few)
