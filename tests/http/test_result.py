"""What came of a workshop: frozen when it is closed, by stakeholder group, beside the other one; a page and CSV."""

from __future__ import annotations

import csv
import io
import re

import pytest

from app.core.extensions import db
from app.ideas.actions.upvoting import upvote
from app.moderation.actions.merging import merge_ideas
from app.workshops.actions.tallying import tally
from app.workshops.models import WorkshopResult
from tests.boards import post, put_in_state, say, statements
from tests.pages import page_of, table_in
from tests.rooms import go_to, join, workshop_in

RESULT = "/rotterdam/workshops/1/result"


@pytest.fixture
def ana(city, make_moderator, clock):
    return make_moderator(city, "Ana")


@pytest.fixture
def room(city, clock, make_user, ana):
    """Three residents and two students; four ideas, of them one from weeks ago and one written on paper."""
    people = [make_user(name) for name in ("Rachid", "Rosa", "Ruth")]
    people += [make_user(name, "student") for name in ("Sam", "Sue")]
    old = post(city, make_user("Olga"), "Posted weeks ago", themes=(4,))
    made = workshop_in(city, question="What would you change first?")
    join(made, *people)
    go_to(made, "collect")
    ideas = [
        post(city, people[0], "Shade at tram stops", themes=(1,)),
        post(city, people[3], "Night bus", themes=(1, 2)),
    ]
    ideas += [post(city, people[4], "Safer crossings", themes=(2,)), old]
    go_to(made, "discuss")
    say(ideas[0], people[3])
    say(ideas[0], people[4])
    go_to(made, "vote")
    for voter in (1, 2, 3, 4):
        upvote(ideas[0], by=people[voter], at=clock.now())
    for voter in (0, 4):
        upvote(ideas[1], by=people[voter], at=clock.now())
    upvote(old, by=people[1], at=clock.now())
    tally(made, ideas[2], 3, by=ana, at=clock.now())
    made.ideas, made.people = ideas, people
    return made


def sums(page) -> list[str]:
    """People, ideas, comments, upvotes."""
    return re.findall(r"<dd>(.*?)</dd>", page.text)


def test_before_it_is_closed_only_moderators_see_a_preview(room, client, signed_in, ana, make_user):
    assert client.get(RESULT).status_code == client.get(f"{RESULT}.csv").status_code == 404
    assert signed_in(room.people[0]).get(RESULT).status_code == 404
    preview = signed_in(ana).get(RESULT)
    assert "A preview, for moderators only" in preview.text and "Shade at tram stops" in preview.text
    assert preview.headers["Cache-Control"] == "no-store"


def test_a_preview_tells_nothing_of_hidden_counts(city, clock, make_user, signed_in, ana):
    mara, tom = make_user("Mara"), make_user("Tom")
    made = workshop_in(city, hides_counts=True)
    join(made, mara, tom)
    go_to(made, "collect")
    first, second = post(city, mara, "First idea of all"), post(city, mara, "Second idea of all")
    go_to(made, "vote")
    upvote(first, by=tom, at=clock.now())
    tally(made, first, 4, by=ana, at=clock.now())
    text = signed_in(ana).get(RESULT).text
    assert text.index(second.title) < text.index(first.title)
    assert "Upvotes are counted from the reveal on" in text
    rows = table_in(signed_in(ana).get(RESULT), "Ideas by the upvotes")
    assert {cell for row in rows[1:] for cell in row[2:]} == {"0"}
    go_to(made, "closed")
    text = signed_in(ana).get(RESULT).text
    assert text.index(first.title) < text.index(second.title) and "4 of them on paper" in text


def test_the_result_lists_ideas_by_upvotes_with_those_on_paper_apart(room, client):
    go_to(room, "closed")
    rows = table_in(client.get(RESULT), "Ideas by the upvotes")
    assert rows[0] == ["Place", "Idea", "Upvotes", "Resident", "Student", "On paper", "Comments"]
    short = [
        [row[0].split()[-1], row[1].split(" Challenge")[0].split(" Opportunity")[0], *row[2:]]
        for row in rows[1:]
    ]
    assert [row[1][:12] for row in short] == ["Shade at tra", "Safer crossi", "Night bus", "Posted weeks"]
    assert [row[2:] for row in short] == [
        ["4", "2", "2", "0", "2"],
        ["3", "0", "0", "3", "0"],
        ["2", "1", "1", "0", "0"],
        ["1", "1", "0", "0", "0"],
    ]
    assert "posted before" in rows[4][1] and "posted before" not in rows[1][1]


def test_people_tops_shared_ideas_and_themes_by_group(room, client):
    go_to(room, "closed")
    page = client.get(RESULT)
    assert table_in(page, "Who was there") == [
        ["Stakeholder group", "People", "Ideas", "Comments", "Upvotes"],
        ["Resident", "3", "1", "0", "4"],
        ["Student", "2", "2", "2", "3"],
    ]
    shared = table_in(page, "What two groups share")
    assert (
        shared[1][0] == "Resident and Student"
        and "Shade at tram stops" in shared[1][1]
        and "Night bus" in shared[1][1]
    )
    themes = table_in(page, "Ideas posted in the workshop by theme")
    assert [row[1:] for row in themes[1:]] == [["2", "1", "1"], ["2", "0", "2"]]
    text = page_of(page).words
    assert "What would you change first?" in text and "3 of them on paper" in text


def test_the_result_stays_whatever_becomes_of_the_board(room, client, clock, make_user):
    go_to(room, "closed")
    was = db.session.get(WorkshopResult, room.id).result
    before = page_of(client.get(RESULT)).words
    clock.advance(30 * 24 * 3600)
    upvote(room.ideas[1], by=make_user("Late"), at=clock.now())
    say(room.ideas[1], make_user("Later"))
    db.session.rollback()
    assert db.session.get(WorkshopResult, room.id).result == was
    assert page_of(client.get(RESULT)).words == before


def test_nothing_kept_is_a_title_or_a_name(room):
    go_to(room, "closed")
    kept = str(db.session.get(WorkshopResult, room.id).result)
    for word in ("Shade", "Night", "Rachid", "Sam"):
        assert word not in kept


@pytest.mark.parametrize("state", ["hidden", "held", "withdrawn"])
def test_an_idea_that_is_not_public_any_more_is_not_named(room, client, state):
    go_to(room, "closed")
    figures = sums(client.get(RESULT))
    put_in_state(room.ideas[0], state)
    page = client.get(RESULT)
    assert "Shade at tram stops" not in page.text and "1 idea is not shown any more." in page.text
    assert sums(page) == figures, "the sums stay as they were"
    assert "Shade" not in client.get(f"{RESULT}.csv").text
    put_in_state(room.ideas[0], "published")
    assert "Shade at tram stops" in client.get(RESULT).text


def test_an_idea_merged_since_is_not_named(room, client, ana, clock):
    go_to(room, "closed")
    merge_ideas(room.ideas[1], into=room.ideas[0], by=ana, at=clock.now())
    text = client.get(RESULT).text
    assert "Night bus" not in text and "1 idea is not shown any more." in text


def test_a_retitled_idea_has_its_present_title(room, client, clock):
    go_to(room, "closed")
    room.ideas[0].title = "Trees at tram stops"
    db.session.commit()
    assert "Trees at tram stops" in client.get(RESULT).text


def test_the_difference_between_two_closed_workshops(room, city, client, clock, make_user):
    go_to(room, "closed")
    assert "What moved" not in client.get(RESULT).text
    clock.advance(24 * 3600)
    second = workshop_in(city, number=2)
    vera, vic = make_user("Vera"), make_user("Vic")
    join(second, vera, vic)
    go_to(second, "collect")
    new = post(city, vera, "Cargo bikes for all", themes=(2,))
    go_to(second, "vote")
    for idea in (new, room.ideas[1]):
        upvote(idea, by=vic, at=clock.now())
    upvote(room.ideas[1], by=vera, at=clock.now())
    assert "What moved" not in client.get(RESULT).text, "not before both are closed"
    go_to(second, "closed")
    for number in (1, 2):
        page = client.get(f"/rotterdam/workshops/{number}/result")
        themes = table_in(page, "in how many of the ideas posted")
        assert [row[1:3] for row in themes[1:]] == [
            ["2 of 3, 67%", "1 of 1, 100%"],
            ["2 of 3, 67%", "0 of 1, 0%"],
        ]
        assert "33 points more" in themes[1][3] and "67 points less" in themes[2][3]
        ideas = {row[0]: row[1:] for row in table_in(page, "among the first ten")[1:]}
        assert ideas["Night bus"] == ["place 3 2 upvotes", "place 1 2 upvotes"]
        assert ideas["Cargo bikes for all"] == ["no upvote", "place 2 1 upvote"]
        assert ideas["Shade at tram stops"] == ["place 1 4 upvotes", "no upvote"]


def test_as_csv_with_harmless_cells(room, client, clock):
    room.ideas[0].title = "=HYPERLINK(evil) at tram stops"
    with_note = room.ideas[0]
    db.session.commit()
    go_to(room, "closed")
    answer = client.get(f"{RESULT}.csv")
    assert (
        answer.mimetype == "text/csv" and "rotterdam-workshop-1.csv" in answer.headers["Content-Disposition"]
    )
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["upvotes"] for row in rows] == ["4", "3", "2", "1"]
    assert rows[0]["title"] == "'" + with_note.title and rows[0]["address"].startswith("http")
    assert (rows[0]["upvotes_resident"], rows[0]["upvotes_student"], rows[1]["upvotes_on_paper"]) == (
        "2",
        "2",
        "3",
    )
    assert (rows[3]["posted_here"], rows[0]["posted_here"]) == ("no", "yes")


def test_the_line_of_the_board_and_the_room_lead_to_the_result(room, client, signed_in):
    link = 'href="/rotterdam/workshops/1/result"'
    assert link not in client.get("/rotterdam").text
    go_to(room, "closed")
    assert link in client.get("/rotterdam").text
    assert link in signed_in(room.people[0]).get("/rotterdam").text


def test_between_the_workshops_the_line_is_online_again(room, client):
    assert _line(client) == [
        ("Online", "past"), ("Workshop 1", "now"), ("Workshop 2", "next"), ("Report", "next")
    ]  # fmt: skip
    go_to(room, "closed")
    assert _line(client) == [
        ("Workshop 1", "past"), ("Online", "now"), ("Workshop 2", "next"), ("Report", "next")
    ]  # fmt: skip


def _line(client) -> list[tuple[str, str]]:
    """The stations by their first words, and their states."""
    found = re.findall(
        r'class="station station-(\w+)".*?station-label">(Online|Workshop \d|Report)',
        client.get("/rotterdam").text,
    )
    return [(label, state) for state, label in found]


def test_a_members_board_keeps_its_results_to_its_members(room, city, client, signed_in, make_user):
    go_to(room, "closed")
    city.is_public = False
    db.session.commit()
    assert client.get(RESULT).status_code == client.get(f"{RESULT}.csv").status_code == 303
    assert signed_in(make_user("Mara")).get(RESULT).status_code == 200


def test_what_is_not_there_is_not_there(city, client):
    for address in (
        "/rotterdam/workshops/9/result",
        "/rotterdam/workshops/99999999999/result",
        "/nowhere/workshops/1/result",
    ):
        assert client.get(address).status_code == 404


def test_a_workshop_in_which_nobody_spoke_has_a_result_too(city, client, clock):
    go_to(workshop_in(city), "closed")
    page = client.get(RESULT)
    assert page.status_code == 200 and "No idea was posted or upvoted" in page.text


def test_its_queries_do_not_grow_with_its_ideas(room, city, client, make_user, clock):
    go_to(room, "closed")
    client.get(RESULT)
    with statements() as few:
        client.get(RESULT)
    kept = db.session.get(WorkshopResult, room.id)
    more = [post(city, make_user(f"Writer {number}"), f"Another idea {number}") for number in range(20)]
    result = dict(kept.result)
    result["ideas"] = [*result["ideas"], *({**result["ideas"][0], "id": idea.id} for idea in more)]
    kept.result = result
    db.session.commit()
    with statements() as many:
        assert "Another idea 19" in client.get(RESULT).text
    assert len(many) == len(few)
