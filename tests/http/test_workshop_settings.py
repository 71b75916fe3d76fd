"""How a workshop is set up: by its moderators and organisers, by page and by command; fair to those who have voted."""

from __future__ import annotations

import pytest

from app.cities.models import Workshop
from app.core import clock as core_clock
from app.core.extensions import db
from app.ideas.actions.upvoting import upvote
from tests.boards import post
from tests.pages import page_of
from tests.rooms import go_to, join, workshop_in

ADDRESS = "/rotterdam/workshops/1/settings"
ASKED = {
    "question": "What stands in the way of your bicycle?",
    "upvote_budget": "5",
    "hides_counts": "y",
    "email_is_optional": "y",
    "agenda": "13:00 Welcome\n13:15 Ideas",
}


@pytest.fixture
def room(city):
    return workshop_in(city)


@pytest.fixture
def ana(city, make_moderator, signed_in):
    return signed_in(make_moderator(city))


def settings(workshop: Workshop) -> tuple:
    db.session.refresh(workshop)
    return (
        workshop.question,
        workshop.upvote_budget,
        workshop.hides_counts,
        workshop.email_is_optional,
        workshop.agenda,
    )


SET = ("What stands in the way of your bicycle?", 5, True, True, "13:00 Welcome\n13:15 Ideas")


def voted(city, room, make_user, upvotes: int = 1):
    """Ben gives so many upvotes in the workshop."""
    ben, others = make_user("Ben"), make_user("Ines")
    ideas = [post(city, others, f"Idea number {number}") for number in range(upvotes)]
    join(room, ben)
    go_to(room, "vote")
    for idea in ideas:
        upvote(idea, by=ben, at=core_clock.now())


def test_ana_sets_her_workshop_up(ana, room):
    assert ana.post_form(ADDRESS, ASKED).location == ADDRESS

    assert settings(room) == SET
    page = page_of(ana.get(ADDRESS))
    assert page.one("input", name="upvote_budget")["value"] == "5"
    assert "checked" in page.one("input", name="hides_counts")


def test_what_is_left_empty_is_taken_back(ana, room):
    ana.post_form(ADDRESS, ASKED)
    ana.post_form(ADDRESS, {"question": " ", "upvote_budget": "", "agenda": ""})

    assert settings(room) == (None, None, False, False, "")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"upvote_budget": "0"}, "A budget is from 1 to 20 upvotes."),
        ({"upvote_budget": "21"}, "A budget is from 1 to 20 upvotes."),
        ({"upvote_budget": "five"}, "Not a valid integer value."),
        ({"question": "x" * 201}, "Shorten this to 200 characters."),
        ({"agenda": "x" * 2001}, "Shorten this to 2000 characters."),
    ],
)
def test_what_cannot_be_is_explained(ana, room, change, said):
    answer = ana.post_form(ADDRESS, {**ASKED, **change})

    assert answer.status_code == 422 and said in answer.text
    assert settings(room) == (None, None, False, False, "")


def test_once_somebody_has_voted_hidden_counts_stay_hidden_and_shown_ones_shown(ana, city, room, make_user):
    voted(city, room, make_user)
    assert page_of(ana.get(ADDRESS)).all("input", name="hides_counts") == []
    assert "Upvotes have been given, so this stays." in ana.get(ADDRESS).text

    ana.post_form(ADDRESS, ASKED)

    assert settings(room)[:3] == (ASKED["question"], 5, False)


def test_hands_that_were_counted_are_votes_too(ana, city, room, make_user):
    idea = post(city, make_user("Ines"))
    go_to(room, "vote")
    ana.post_form(f"/rotterdam/workshops/1/paper/ideas/{idea.id}/tallies", {"upvotes": "9"})

    ana.post_form(ADDRESS, ASKED)

    assert settings(room)[2] is False


def test_the_budget_does_not_become_lower_than_what_somebody_has_given(ana, city, room, make_user):
    voted(city, room, make_user, upvotes=3)

    refused = ana.post_form(ADDRESS, {**ASKED, "upvote_budget": "2"})
    assert refused.status_code == 422 and "Somebody has given 3 upvotes already" in refused.text

    assert ana.post_form(ADDRESS, {**ASKED, "upvote_budget": "3"}).status_code == 303


def test_phones_in_the_room_hear_of_a_new_budget(ana, room):
    before = room.state_seq
    ana.post_form(ADDRESS, ASKED)
    ana.post_form(ADDRESS, ASKED)

    db.session.refresh(room)
    assert room.state_seq == before + 1


def test_others_find_no_settings(client, room, make_user, make_moderator, cities, signed_in):
    for stranger in (make_user("Ben"), make_moderator(cities["berlin"], "Tom")):
        assert signed_in(stranger).get(ADDRESS).status_code == 404
        assert signed_in(stranger).post_form(ADDRESS, ASKED).status_code == 404
    assert client.get(ADDRESS).location.startswith("/sign-in")
    assert settings(room)[0] is None


def test_an_organiser_finds_the_same_on_the_workshops_page(room, make_user, signed_in):
    olga = signed_in(make_user("Olga", organiser=True))
    address = "/organise/cities/rotterdam/workshops/1"

    answer = olga.post_form(address, {**ASKED, "audience": "students", "title": "The morning"})

    assert answer.status_code == 303
    assert settings(room) == SET and room.title == "The morning"
    assert page_of(olga.get(address)).one("input", name="upvote_budget")["value"] == "5"


def test_an_organiser_cannot_uncover_counts_either(city, room, make_user, signed_in):
    voted(city, room, make_user)
    olga = signed_in(make_user("Olga", organiser=True))
    olga.post_form("/organise/cities/rotterdam/workshops/1", {**ASKED, "audience": "students"})

    assert settings(room)[2] is False


def test_the_command_says_all_of_it(app, city, room, make_user):
    def run(*words: str) -> tuple[int, str]:
        result = app.test_cli_runner().invoke(args=["set-workshop", "rotterdam", "1", *words])
        return result.exit_code, result.output

    code, _said = run(
        "--question", SET[0], "--budget", "5", "--hide-counts", "--email-optional", "--agenda", SET[4]
    )
    assert code == 0 and settings(room) == SET
    run("--budget", "0", "--email-required", "--question", "")
    assert settings(room) == (None, None, True, False, SET[4])

    voted(city, room, make_user)
    code, said = run("--show-counts")
    assert code == 1 and "stays as it is" in said


def test_moderators_name_helpers_among_those_who_have_joined(ana, room, make_user, signed_in):
    ben, stranger = make_user("Ben"), make_user("Stan")
    join(room, ben)
    paper = "/rotterdam/workshops/1/paper"
    assert signed_in(ben).get(paper).status_code == 404

    ana.post_form(f"/rotterdam/workshops/1/helpers/{ben.id}")
    assert signed_in(ben).get(paper).status_code == 200
    assert page_of(signed_in(ben).get("/rotterdam")).all("a", href=paper)
    assert "helper" in page_of(ana.get(ADDRESS)).words
    assert signed_in(ben).post_form(f"/rotterdam/workshops/1/helpers/{ben.id}/removal").status_code == 404
    assert ana.post_form(f"/rotterdam/workshops/1/helpers/{stranger.id}").status_code == 404

    ana.post_form(f"/rotterdam/workshops/1/helpers/{ben.id}/removal")
    assert signed_in(ben).get(paper).status_code == 404
