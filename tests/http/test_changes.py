"""What a page has missed: nothing (204), the latest state of each thing once, or: load anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.cities.models import City
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.commenting import edit_comment, withdraw_comment
from app.ideas.actions.posting import edit_idea, withdraw_idea
from app.ideas.actions.upvoting import upvote
from tests.boards import draft, numbers_of, post, put_in_state, run_sql, say, statements


@pytest.fixture
def mara(make_user):
    return make_user("Mara")


@pytest.fixture
def tom(make_user):
    return make_user("Tom", group="student")


def asked(client, query: str, city: str = "rotterdam"):
    response = client.get(f"/{city}/changes?{query}")
    assert response.status_code in (200, 204), response.status_code
    return None if response.status_code == 204 else response.get_json()


def test_a_page_that_is_up_to_date_gets_an_empty_answer(client, city, mara, tom):
    idea = post(city, mara)
    upvote(idea, by=tom, at=idea.created_at)
    response = client.get(f"/rotterdam/changes?since=1&shown={idea.id}:1")
    assert (response.status_code, response.data) == (204, b"")


def test_about_one_idea_or_many_the_database_is_asked_in_the_same_words(city, mara, tom, signed_in):
    ideas = [post(city, mara, f"Idea number {number}") for number in range(3)]
    toms = signed_in(tom)
    upvote(ideas[1], by=tom, at=ideas[1].created_at)
    with statements() as of_one:
        asked(toms, f"since=3&shown={ideas[1].id}:0")
    with statements() as of_many:
        answer = asked(toms, "since=3&shown=" + ",".join(f"{idea.id}:0" for idea in ideas))
    assert answer["counts"] == {str(ideas[1].id): 1} and answer["mine"] == [ideas[1].id]
    assert of_many and set(of_many) <= set(of_one)  # what is kept is not asked for again


def test_one_entry_an_idea_showing_it_as_it_is_now(client, city, mara, tom, clock):
    first, second = post(city, mara, "The first idea here"), post(city, mara, "The second idea here")
    say(first, tom)
    edit_idea(first, draft("The first idea, better"), by=mara, at=clock.now())
    answer = asked(client, "since=0")
    assert answer["seq"] == 4
    assert [(one["seq"], one["idea"], one["kind"]) for one in answer["changes"]] == [
        (2, second.id, "idea_posted"),
        (4, first.id, "idea_posted"),  # to a page that has never seen it, it is new
    ]
    assert "The first idea, better" in answer["changes"][1]["card"]
    assert "The first idea here" not in answer["changes"][1]["card"]
    assert answer["figures"] == {"ideas": 2, "upvotes": 0, "people": 2}
    assert "groups" not in answer


def test_a_gap_is_filled_from_where_the_page_was(client, city, mara):
    for number in range(5):
        post(city, mara, f"Idea number {number}")
    assert [one["seq"] for one in asked(client, "since=3")["changes"]] == [4, 5]


def test_a_change_is_named_as_what_it_was(client, city, mara, tom, clock):
    idea = post(city, mara)
    seen = {
        "comment_posted": lambda: say(idea, tom),
        "idea_edited": lambda: edit_idea(idea, draft("A better title"), by=mara, at=clock.now()),
        "idea_withdrawn": lambda: withdraw_idea(idea, by=mara, at=clock.now()),
    }
    for since, (kind, act) in enumerate(seen.items(), start=1):
        act()
        [change] = asked(client, f"since={since}")["changes"]
        assert (change["kind"], change["prev"], change["seq"]) == (kind, since, since + 1)


def test_a_withdrawn_idea_leaves_nothing_but_its_number_and_only_to_who_saw_it(client, city, mara, clock):
    idea = post(city, mara, "Secret shortcut")
    withdraw_idea(idea, by=mara, at=clock.now())
    [change] = asked(client, "since=1")["changes"]
    assert (change["kind"], change["idea"]) == ("idea_withdrawn", idea.id)
    assert change["card"] is change["title"] is change["facts"] is None
    assert asked(client, "since=0")["changes"] == []


@pytest.mark.parametrize("state", ["held", "hidden", "merged"])
def test_what_is_not_public_is_not_in_any_answer(client, city, mara, tom, state):
    idea = post(city, mara, "Secret shortcut", text="Through the harbour")
    say(idea, tom, "Whispered behind the door")
    upvote(idea, by=tom, at=idea.created_at)
    put_in_state(idea, state)
    for query in (
        "since=0",
        f"since=0&shown={idea.id}:0",
        f"since=0&idea={idea.id}&shown={idea.id}:0",
        f"since=0&idea={idea.id}",
    ):
        response = client.get(f"/rotterdam/changes?{query}")
        words = response.get_data(as_text=True)
        assert response.status_code == 200
        assert "Secret" not in words and "harbour" not in words and "Whispered" not in words
        answer = response.get_json()
        assert answer["counts"] == {} and "groups" not in answer
        assert {one["kind"] for one in answer["changes"]} <= {"idea_withdrawn"}
    assert [one["kind"] for one in asked(client, "since=1")["changes"]] == ["idea_withdrawn"]


def test_counts_that_differ_are_told_and_no_others(client, city, mara, tom):
    liked, quiet = post(city, mara, "A well liked idea"), post(city, mara, "A quiet idea")
    upvote(liked, by=tom, at=liked.created_at)
    assert asked(client, f"since=2&shown={liked.id}:0,{quiet.id}:0")["counts"] == {str(liked.id): 1}
    assert asked(client, f"since=2&shown={liked.id}:1,{quiet.id}:0") is None


def test_counts_of_another_city_are_not_told(client, city, mara, tom):
    idea = post(city, mara)
    upvote(idea, by=tom, at=idea.created_at)
    assert asked(client, f"since=0&shown={idea.id}:0", city="berlin") is None
    assert asked(client, f"since=0&idea={idea.id}&shown={idea.id}:0", city="berlin") is None


def test_my_upvotes_among_those_shown_are_told_to_me_alone(client, signed_in, city, mara, tom):
    idea = post(city, mara)
    upvote(idea, by=tom, at=idea.created_at)
    toms = signed_in(tom)
    assert asked(toms, f"since=1&shown={idea.id}:1")["mine"] == [idea.id]
    assert asked(toms, f"since=1&shown={idea.id}:1&mine={idea.id}") is None
    assert asked(client, f"since=0&shown={idea.id}:1")["mine"] == []
    assert asked(toms, "since=0")["mine"] == []


def test_an_ideas_page_is_told_its_text_comments_and_groups(client, city, mara, tom, clock):
    idea, other = post(city, mara), post(city, mara, "Another idea here")
    first, second = say(idea, tom, "What about trams?"), say(idea, tom, "And buses?")
    reply = say(idea, mara, "Trams have their own lane.", under=first)
    say(other, tom, "Not on this page.")
    edit_comment(first, "What about *fast* trams?", stance="concern", by=tom, at=clock.now())
    seen = asked(client, f"since=1&idea={idea.id}")["seq"]
    withdraw_comment(second, by=tom, at=clock.now())
    upvote(idea, by=tom, at=clock.now())
    [gone] = asked(client, f"since={seen}&idea={idea.id}&shown={idea.id}:1")["changes"]
    assert (gone["kind"], gone["comment"], gone["comment_html"]) == ("comment_withdrawn", second.id, None)
    answer = asked(client, f"since=1&idea={idea.id}&shown={idea.id}:0")
    assert {one["idea"] for one in answer["changes"]} == {idea.id}
    by_comment = {one["comment"]: one for one in answer["changes"]}
    assert len(by_comment) == len(answer["changes"]) == 2, "one that came and went was never seen"
    assert "<em>fast</em>" in by_comment[first.id]["comment_html"]
    assert by_comment[reply.id]["parent"] == first.id
    assert answer["groups"]["student"] == 1 and answer["counts"] == {str(idea.id): 1}
    edit_idea(idea, draft(text="Now with **trees**"), by=mara, at=clock.now())
    [change] = asked(client, f"since={answer['seq']}&idea={idea.id}&shown={idea.id}:1")["changes"]
    assert "<strong>trees</strong>" in change["article"]


def test_an_ideas_page_is_told_that_its_idea_is_gone(client, city, mara, clock):
    idea = post(city, mara)
    withdraw_idea(idea, by=mara, at=clock.now())
    [change] = asked(client, f"since=1&idea={idea.id}&shown={idea.id}:0")["changes"]
    assert (change["kind"], change["article"]) == ("idea_withdrawn", None)


def test_what_happened_to_other_ideas_still_moves_the_number_of_an_ideas_page(client, city, mara):
    idea = post(city, mara)
    post(city, mara, "Another idea here")
    answer = asked(client, f"since=1&idea={idea.id}&shown={idea.id}:0")
    assert (answer["seq"], answer["changes"]) == (2, [])


@pytest.mark.parametrize("since", ["", "x", "-1", "1.5", "٣", "9" * 30])
def test_a_number_that_is_none_means_load_anew(client, city, since):
    assert asked(client, f"since={since}") == {"reload": True}


def test_a_page_from_before_the_database_was_restored_loads_anew(client, city, mara):
    post(city, mara)
    assert asked(client, "since=2") == {"reload": True}
    assert asked(client, "") == {"reload": True}


@pytest.mark.settings(changes_kept=5)
def test_a_page_away_for_longer_than_changes_are_kept_loads_anew(client, city, mara, tom):
    idea = post(city, mara)
    for _ in range(99):
        say(idea, tom)
    assert numbers_of(city) == [96, 97, 98, 99, 100]
    assert asked(client, "since=94") == {"reload": True}
    assert asked(client, "since=0") == {"reload": True}
    [change] = asked(client, "since=95")["changes"]
    assert change["seq"] == 100
    assert asked(client, "since=100") is None


def test_where_every_change_has_been_forgotten_pages_load_anew(client, city, mara):
    post(city, mara)
    run_sql("DELETE FROM changes")
    assert asked(client, "since=0") == {"reload": True}
    assert asked(client, "since=1") is None


ODD = [
    "shown=",
    "shown=x",
    "shown=1:1,,2:",
    "shown=1:-1",
    "shown=" + "9" * 4000,
    "shown=1:99999999999999999999",
    "idea=0",
    "idea=-1",
    "idea=x",
    "idea=99999999999999999999",
    "mine=x,,1,٣",
    "shown=%00%FF",
    "shown=" + ",".join(f"{n}:0" for n in range(1, 1200)),
]


def test_no_question_is_a_fault(client, city, mara):
    post(city, mara)
    for query in ODD:
        assert client.get(f"/rotterdam/changes?since=0&{query}").status_code == 200, query


def test_at_most_three_hundred_counts_are_compared(client, city, mara, tom):
    idea = post(city, mara)
    upvote(idea, by=tom, at=idea.created_at)
    others = ",".join(f"{n}:0" for n in range(1000, 1300))
    assert asked(client, f"since=1&shown={others},{idea.id}:0") is None


def test_the_fragments_speak_the_readers_language(client, city, mara):
    post(city, mara)
    answer = client.get("/rotterdam/changes?since=0", headers={"Accept-Language": "de"}).get_json()
    assert "Stau" in answer["changes"][0]["card"]


def test_an_author_who_leaves_is_nobody_in_what_pages_are_told(client, city, mara, tom, clock):
    from app.accounts.actions.erasing import erase

    idea = post(city, mara)
    comment = say(idea, mara, "My own words")
    erase(mara, clock.now())
    answer = asked(client, "since=2")
    assert "Mara" not in answer["changes"][0]["card"] and "Former participant" in answer["changes"][0]["card"]
    on_idea = asked(client, f"since=2&idea={idea.id}")["changes"]
    assert {one["comment"] for one in on_idea} == {None, comment.id}
    assert all("Mara" not in str(one) for one in on_idea)


def test_the_answer_is_nobodys_to_keep(client, city, mara):
    post(city, mara)
    assert "no" in client.get("/rotterdam/changes?since=0").headers["Cache-Control"]


def test_a_city_that_is_not_there_has_no_changes(client):
    assert client.get("/atlantis/changes?since=0").status_code == 404


def test_a_board_with_a_number_ahead_of_its_changes_loads_anew(client, city):
    with unit_of_work():
        db.session.execute(update(City).where(City.id == city.id).values(seq=7))
    assert asked(client, "since=3") == {"reload": True}


def test_watching_is_told(client, socket, city, mara):
    socket().watch("rotterdam")
    post(city, mara)
    assert asked(client, "since=0")["watching"] == 1


def test_times_do_not_matter_to_the_numbers(client, city, mara, clock):
    late = post(city, mara, "Posted with a late clock", at=clock.now() + timedelta(hours=2))
    early = post(city, mara, "Posted with an early clock", at=clock.now() - timedelta(hours=2))
    assert [one["idea"] for one in asked(client, "since=0")["changes"]] == [late.id, early.id]
