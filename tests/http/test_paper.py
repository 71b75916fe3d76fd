"""People without a device: their ideas and upvotes are typed in, marked “on paper”, and counted apart and together."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.core import clock as core_clock
from app.core.extensions import db
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Idea
from app.moderation.actions.deciding import hide
from app.moderation.actions.merging import merge_ideas, unmerge
from app.moderation.actions.rules import change_rules
from app.workshops.actions.joining import name_helper
from app.workshops.models import PaperTally
from app.workshops.queries.paper import counted_on_paper_in
from tests.boards import at_once, post
from tests.pages import cards_on, page_of
from tests.rooms import go_to, join, workshop_in

DESK = "/rotterdam/workshops/1/paper"
TYPED = {
    "group": "student",
    "kind": "challenge",
    "title": "No room to lock a bicycle",
    "text": "At the station",
    "themes": ["1", "2"],
}


@pytest.fixture
def room(city):
    return workshop_in(city, "collect")


@pytest.fixture
def ana(city, make_moderator, signed_in):
    return signed_in(make_moderator(city))


@pytest.fixture
def idea(city, room, make_user):
    """Somebody's idea, posted online."""
    return post(city, make_user("Ines"))


def count(client, idea, hands: int | str, **more: str):
    """Type in so many hands for an idea."""
    return client.post_form(f"{DESK}/ideas/{idea.id}/tallies", {"upvotes": str(hands), **more})


def standing(idea) -> tuple[int, int]:
    """All its upvotes, and those of them on paper."""
    db.session.refresh(idea)
    return idea.upvote_count, idea.paper_upvotes


def tallies() -> list[PaperTally]:
    return list(db.session.scalars(select(PaperTally).order_by(PaperTally.id)))


def take_back(client, row: PaperTally):
    return client.post_form(f"{DESK}/tallies/{row.id}/removal")


# --- ideas --------------------------------------------------------------------------------------------------------


def test_ana_types_in_what_a_student_wrote(ana, client, room):
    answer = ana.post_form(f"{DESK}/ideas", TYPED)

    assert answer.location == f"{DESK}?group=student"
    idea = db.session.scalars(select(Idea)).one()
    assert (idea.title, idea.on_paper, idea.workshop_id, idea.state) == (
        TYPED["title"],
        True,
        room.id,
        "published",
    )
    assert (idea.author.group, idea.author.origin) == ("student", "imported")
    card = page_of(client.get("/rotterdam")).words
    assert "Op papier · studenten" in card and "on paper" in card  # a name in the language of the city


def test_each_group_of_a_workshop_has_one_voice(ana, room):
    for number, group in enumerate(("student", "student", "resident")):
        ana.post_form(f"{DESK}/ideas", {**TYPED, "group": group, "title": f"Idea number {number}"})

    voices = db.session.scalars(
        select(User.import_key).where(User.import_key.like("paper/%")).order_by(User.id)
    )
    assert list(voices) == [f"paper/{room.id}/student", f"paper/{room.id}/resident"]


def test_the_board_of_a_city_is_told_in_its_own_language(ana, cities, make_moderator, signed_in):
    workshop_in(cities["berlin"], "collect")
    dora = signed_in(make_moderator(cities["berlin"], "Dora"))
    dora.post_form("/berlin/workshops/1/paper/ideas", TYPED)

    assert db.session.scalars(select(Idea)).one().author.language == "de"


def test_a_form_sent_twice_posts_once(ana, room):
    typed = {**TYPED, "submission_key": "0b5a2ac1-6f0e-4a6a"}
    for _again in range(2):
        assert ana.post_form(f"{DESK}/ideas", typed).status_code == 303

    assert len(db.session.scalars(select(Idea)).all()) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": "Short"}, "Write a title of 8 to 120 characters."),
        ({"themes": []}, "Choose one to three themes."),
        ({"group": ""}, "Choose the stakeholder group that it comes from."),
        ({"kind": ""}, "Choose whether it is a challenge or an opportunity."),
    ],
)
def test_what_is_missing_is_said_and_the_text_is_kept(ana, room, change, said):
    answer = ana.post_form(f"{DESK}/ideas", {**TYPED, **change})

    assert answer.status_code == 422 and said in answer.text
    assert "At the station" in answer.text


def test_after_the_end_nothing_is_typed_in(ana, room):
    go_to(room, "closed")
    assert page_of(ana.get(DESK)).all("input", name="title") == []

    answer = ana.post_form(f"{DESK}/ideas", TYPED)

    assert answer.status_code == 422
    assert db.session.scalars(select(Idea)).all() == []


def test_where_moderators_look_first_a_helpers_typing_waits_and_a_moderators_does_not(
    ana, city, room, make_user, signed_in
):
    change_rules(city, by=None, at=core_clock.now(), moderation="before")
    ben = make_user("Ben")
    join(room, ben)
    name_helper(room, ben.id, True)

    ana.post_form(f"{DESK}/ideas", TYPED)
    signed_in(ben).post_form(f"{DESK}/ideas", {**TYPED, "title": "Another from the stack"})

    assert list(db.session.scalars(select(Idea.state).order_by(Idea.id))) == ["published", "held"]


def test_the_board_shows_what_came_on_paper_by_itself(ana, client, idea, room):
    ana.post_form(f"{DESK}/ideas", TYPED)

    noted = db.session.scalars(select(Idea.id).where(Idea.on_paper.is_(True))).one()
    assert cards_on(client.get("/rotterdam?workshop=paper")) == [noted]


# --- upvotes ------------------------------------------------------------------------------------------------------


def test_raised_hands_are_counted_together_with_the_others_and_apart_from_them(
    ana, client, city, idea, room, make_user
):
    upvote(idea, by=make_user("Ben", group="student"), at=core_clock.now())
    page = page_of(client.get(f"/rotterdam/ideas/{idea.id}", follow_redirects=True))
    assert "hidden" in page.one("div", data_group="paper")
    go_to(room, "vote")

    count(ana, idea, 12)

    assert standing(idea) == (13, 12)
    page = page_of(client.get(f"/rotterdam/ideas/{idea.id}", follow_redirects=True))
    assert "hidden" not in page.one("div", data_group="paper")
    assert "Student 1" in page.words and "On paper 12" in page.words


def test_the_room_hears_the_new_count(ana, idea, room, socket, settle):
    page = socket()
    page.watch("rotterdam", idea=idea.id)
    go_to(room, "vote")
    count(ana, idea, 12)
    settle()

    assert page.heard("counts")[-1]["counts"] == {str(idea.id): 12}
    assert page.heard("groups")[-1]["groups"]["paper"] == 12


def test_a_tally_is_taken_back_and_leaves_nothing(ana, idea, room):
    go_to(room, "vote")
    for hands in (12, 3):
        count(ana, idea, hands)

    take_back(ana, tallies()[0])

    assert standing(idea) == (3, 3)
    assert [row.upvotes for row in tallies()] == [3]
    assert take_back(ana, tallies()[0]).status_code == 303
    assert standing(idea) == (0, 0)


def test_a_tally_sent_twice_counts_once_and_a_second_round_counts_again(ana, app, idea, room):
    go_to(room, "vote")
    after = page_of(ana.get(DESK)).all("input", name="after")[0]["value"]
    for _again in range(2):
        assert count(ana, idea, 12, after=after).status_code == 303
    assert standing(idea) == (12, 12)

    count(ana, idea, 12, after=str(tallies()[-1].id))

    assert standing(idea) == (24, 24)


def test_many_hands_typed_in_at_once_are_all_there(app, city, idea, room, make_moderator, signed_in):
    go_to(room, "vote")
    desks = [signed_in(make_moderator(city, f"Ana {number}")) for number in range(6)]

    address = f"{DESK}/ideas/{idea.id}/tallies"

    answers = at_once(
        app, *[lambda desk=desk: desk.post_form(address, {"upvotes": "5"}).status_code for desk in desks]
    )

    assert answers == [303] * 6
    assert standing(idea) == (30, 30)


@pytest.mark.parametrize("typed", ["0", "501", "-3", "many", ""])
def test_a_number_that_cannot_be_is_explained(ana, idea, room, typed):
    go_to(room, "vote")
    answer = count(ana, idea, typed)

    assert answer.status_code == 422
    assert page_of(answer).all("p", id="tally-error")
    assert tallies() == []


@pytest.mark.parametrize("phase", ["collect", "discuss", "closed"])
def test_outside_of_the_vote_no_hands_are_counted(ana, idea, room, phase):
    go_to(room, phase)

    assert count(ana, idea, 12).status_code == 422
    assert standing(idea) == (0, 0)


def test_hands_are_counted_for_public_ideas_of_the_board_only(ana, cities, idea, room, make_user):
    elsewhere = post(cities["berlin"], make_user("Dora"))
    hide(idea, because=1, sentence="", by=None, at=core_clock.now())
    go_to(room, "vote")

    assert count(ana, idea, 3).status_code == 404
    assert count(ana, elsewhere, 3).status_code == 404


def test_the_idea_is_found_by_a_word_of_it(ana, city, idea, room, make_user):
    post(city, make_user("Ben"), "Ferries at night too")
    go_to(room, "vote")

    part = ana.get(f"{DESK}?q=ferr", headers={"HX-Request": "true"}).text

    assert "Ferries at night too" in part and idea.title not in part and "<html" not in part


# --- hidden counts ------------------------------------------------------------------------------------------------


@pytest.fixture
def covered(city):
    """A workshop that hides its counts until the reveal, in the vote."""
    return workshop_in(city, "vote", hides_counts=True)


def test_hidden_hands_show_nowhere_before_the_reveal_and_everywhere_with_it(
    ana, client, city, covered, make_user, socket, settle
):
    first, second = (
        post(city, make_user("Ines"), "The first idea"),
        post(city, make_user("Ben"), "The second idea"),
    )
    page = socket()
    page.watch("rotterdam")
    before = cards_on(client.get("/rotterdam"))
    count(ana, first, 12)
    settle()

    assert standing(first) == (0, 0)
    assert [one for one in page.heard("counts") if one["counts"]] == []
    assert cards_on(client.get("/rotterdam")) == before == [second.id, first.id]

    go_to(covered, "reveal")
    settle()

    assert standing(first) == (12, 12)
    assert page.heard("counts")[-1]["counts"][str(first.id)] == 12
    assert cards_on(client.get("/rotterdam")) == [first.id, second.id]


def test_before_the_reveal_each_sees_only_the_hands_they_have_counted(
    ana, city, covered, make_user, make_moderator, signed_in
):
    idea = post(city, make_user("Ines"))
    ben = signed_in(make_moderator(city, "Ben"))
    count(ana, idea, 37)

    assert "<b>37</b>" in ana.get(DESK).text
    assert "<b>37</b>" not in ben.get(DESK).text

    go_to(covered, "reveal")
    assert "<b>37</b>" in ben.get(DESK).text


def test_a_hidden_tally_that_was_taken_back_does_not_come_with_the_reveal(ana, city, covered, make_user):
    idea = post(city, make_user("Ines"))
    count(ana, idea, 12)
    take_back(ana, tallies()[0])
    go_to(covered, "reveal")

    assert standing(idea) == (0, 0)


def test_hidden_hands_and_hidden_upvotes_of_one_idea_come_together(ana, city, covered, make_user):
    idea, ben = post(city, make_user("Ines")), make_user("Ben")
    join(covered, ben)
    upvote(idea, by=ben, at=core_clock.now())
    count(ana, idea, 12)
    go_to(covered, "reveal")

    assert standing(idea) == (13, 12)


# --- merged ideas -------------------------------------------------------------------------------------------------


def merged(city, make_user):
    duplicate, target = post(city, make_user("Ines")), post(city, make_user("Ben"), "Bicycles have no room")
    return duplicate, target


def test_hands_go_along_when_ideas_become_one_and_come_back_when_they_part(ana, city, room, make_user):
    duplicate, target = merged(city, make_user)
    go_to(room, "vote")
    count(ana, duplicate, 4)
    count(ana, target, 7)
    merge_ideas(duplicate, into=target, by=None, at=core_clock.now())
    assert standing(target) == (11, 11)
    assert counted_on_paper_in(room.id) == {target.id: 11}

    take_back(ana, tallies()[0])
    assert standing(target) == (7, 7)

    unmerge(duplicate, by=None, at=core_clock.now())
    assert (standing(duplicate), standing(target)) == ((0, 0), (7, 7))


def test_hidden_hands_of_an_idea_that_became_part_of_another_show_there(ana, city, covered, make_user):
    duplicate, target = merged(city, make_user)
    count(ana, duplicate, 4)
    merge_ideas(duplicate, into=target, by=None, at=core_clock.now())
    go_to(covered, "reveal")
    assert standing(target) == (4, 4)

    unmerge(duplicate, by=None, at=core_clock.now())
    assert (standing(duplicate), standing(target)) == ((4, 4), (0, 0))


# --- who may ------------------------------------------------------------------------------------------------------


def test_helpers_type_in_too_and_others_find_nothing(
    client, city, idea, room, make_user, make_moderator, cities, signed_in
):
    ben, mara = make_user("Ben"), make_user("Mara")
    join(room, ben, mara)
    name_helper(room, ben.id, True)
    go_to(room, "vote")

    assert count(signed_in(ben), idea, 5).status_code == 303
    for other in (mara, make_user("Stan"), make_moderator(cities["berlin"], "Tom")):
        desk = signed_in(other)
        assert desk.get(DESK).status_code == 404
        assert desk.post_form(f"{DESK}/ideas", TYPED).status_code == 404
        assert count(desk, idea, 5).status_code == 404
        assert take_back(desk, tallies()[0]).status_code == 404
    assert client.get(DESK).location.startswith("/sign-in")
    assert standing(idea) == (5, 5)


def test_a_helper_of_one_workshop_takes_nothing_back_of_the_other(
    ana, city, idea, room, make_user, signed_in
):
    go_to(room, "vote")
    count(ana, idea, 5)
    second, ben = workshop_in(city, "vote", number=2), make_user("Ben")
    join(second, ben)
    name_helper(second, ben.id, True)

    answer = signed_in(ben).post_form(f"/rotterdam/workshops/2/paper/tallies/{tallies()[0].id}/removal")

    assert answer.status_code == 404 and standing(idea) == (5, 5)
