"""Many at the same moment: nothing is doubled, nothing is lost, numbers have no gaps. On either database."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.accounts.actions.erasing import erase
from app.accounts.events import EmailConfirmed
from app.accounts.models import User
from app.cities.models import Change, City, Participation
from app.core import clock
from app.core.announce import announce
from app.core.errors import NotAllowed, NotThere, Refusal
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.posting import withdraw_idea
from app.ideas.actions.upvoting import take_back_upvote, upvote
from app.ideas.models import Comment, Idea, Upvote
from tests.boards import at_once, later, numbers_of, post, rows, say, slowly
from tests.rooms import join, workshop_in


def upvotes_by(user_id: int, idea_id: int):
    def act() -> None:  # the count it returns is another one in each race
        upvote(db.session.get_one(Idea, idea_id), by=db.session.get_one(User, user_id), at=clock.now())

    return act


def takes_back(user_id: int, idea_id: int):
    return lambda: take_back_upvote(
        db.session.get_one(Idea, idea_id), by=db.session.get_one(User, user_id), at=clock.now()
    )


def test_fifty_identical_upvotes_at_once_are_one(app, city, make_user):
    idea_id, tom = post(city, make_user("Mara")).id, make_user("Tom").id
    results = at_once(app, *[upvotes_by(tom, idea_id)] * 50)
    assert results == [None] * 50
    assert rows(Upvote, idea_id=idea_id, user_id=tom) == 1
    assert db.session.get_one(Idea, idea_id).upvote_count == 1


def test_thirty_people_at_once_are_thirty(app, city, make_user):
    idea_id = post(city, make_user("Mara")).id
    room = [make_user(f"Student {number}", group="student").id for number in range(30)]
    assert at_once(app, *[upvotes_by(student, idea_id) for student in room]) == [None] * 30
    idea = db.session.get_one(Idea, idea_id)
    assert idea.upvote_count == rows(Upvote, idea_id=idea_id) == 30
    assert rows(Participation, city_id=idea.city_id) == 31


def test_upvoting_and_taking_back_at_once_leaves_counter_and_row_equal(app, city, make_user):
    idea_id, tom = post(city, make_user("Mara")).id, make_user("Tom").id
    assert at_once(app, *[upvotes_by(tom, idea_id), takes_back(tom, idea_id)] * 12) == [None] * 24
    idea = db.session.get_one(Idea, idea_id)
    assert idea.upvote_count == rows(Upvote, idea_id=idea_id)
    assert (idea.heat > 0) == (idea.upvote_count == 1)


def test_fifty_upvotes_of_fifty_ideas_at_once_keep_to_the_budget(app, city, make_user):
    ideas = [post(city, make_user(f"Author {number}"), f"Idea number {number}").id for number in range(50)]
    room = workshop_in(city, "vote", upvote_budget=3)
    mara = make_user("Mara", "student")
    join(room, mara)
    room_id, mara_id = room.id, mara.id
    results = at_once(app, *[upvotes_by(mara_id, idea_id) for idea_id in ideas])
    assert results.count(None) == 3, results
    assert sum(isinstance(result, NotAllowed) for result in results) == 47, results
    given = {idea_id for idea_id, result in zip(ideas, results, strict=True) if result is None}
    assert set(db.session.scalars(select(Upvote.idea_id).where(Upvote.user_id == mara_id))) == given
    assert rows(Upvote) == rows(Upvote, workshop_id=room_id, is_counted=True) == 3
    assert set(db.session.scalars(select(Idea.id).where(Idea.upvote_count == 1))) == given
    assert sum(db.session.scalars(select(Idea.upvote_count))) == 3


def test_one_form_sent_many_times_at_once_makes_one_idea(app, city, make_user):
    mara, city_id = make_user("Mara").id, city.id

    def send() -> int:
        return post(
            db.session.get_one(City, city_id), db.session.get_one(User, mara), key="form-of-mara-1"
        ).id

    results = at_once(app, *[send] * 12)
    assert len(set(results)) == 1 and isinstance(results[0], int), results
    assert rows(Idea) == 1 and rows(Change) == 1 and numbers_of(city) == [1]


def test_one_comment_sent_many_times_at_once_is_one(app, city, make_user):
    idea_id, tom = post(city, make_user("Mara")).id, make_user("Tom").id

    def send() -> int:
        return say(db.session.get_one(Idea, idea_id), db.session.get_one(User, tom), key="form-of-tom-1").id

    results = at_once(app, *[send] * 12)
    assert len(set(results)) == 1 and isinstance(results[0], int), results
    assert rows(Comment) == 1 and db.session.get_one(Idea, idea_id).comment_count == 1
    assert numbers_of(city) == [1, 2]


def test_the_same_form_again_later_returns_what_it_made(city, make_user):
    mara, tom = make_user("Mara"), make_user("Tom")
    first = post(city, mara, key="form-of-mara-1")
    again = post(city, mara, "Changed in between", key="form-of-mara-1")
    assert again.id == first.id and again.title == "Bike lane on Coolsingel"
    comment = say(first, tom, key="form-of-tom-1")
    assert say(first, tom, "Changed in between", key="form-of-tom-1").id == comment.id
    assert post(city, tom, key="form-of-mara-1").id != first.id  # another person's key is another key
    assert (rows(Idea), rows(Comment), numbers_of(city)) == (2, 1, [1, 2, 3])


def test_numbers_have_no_gaps_under_many_writers(app, cities, make_user):
    rotterdam, berlin = cities["rotterdam"].id, cities["berlin"].id
    people = [make_user(f"Writer {number}").id for number in range(10)]

    def write(user_id: int, city_id: int):
        def act() -> None:
            by, place = db.session.get_one(User, user_id), db.session.get_one(City, city_id)
            idea = post(place, by, f"An idea of writer {user_id}")
            say(idea, by, "And one more word.")
            withdraw_idea(idea, by=by, at=clock.now())

        return act

    results = at_once(app, *[write(one, place) for one in people for place in (rotterdam, berlin)])
    assert results == [None] * 20, results
    assert numbers_of(cities["rotterdam"]) == list(range(1, 31))
    assert numbers_of(cities["berlin"]) == list(range(1, 31))


def test_replies_and_upvotes_at_once_are_all_counted(app, city, make_user):
    idea = post(city, make_user("Mara"))
    idea_id, comment_id = idea.id, say(idea, make_user("Tom")).id
    people = [make_user(f"Resident {number}").id for number in range(12)]

    def reply(user_id: int):
        def act() -> None:
            by = db.session.get_one(User, user_id)
            say(db.session.get_one(Idea, idea_id), by, under=db.session.get_one(Comment, comment_id))

        return act

    done = [act for one in people for act in (reply(one), upvotes_by(one, idea_id))]
    assert at_once(app, *done) == [None] * 24
    found = db.session.get_one(Idea, idea_id)
    assert (found.upvote_count, found.comment_count) == (12, 13)
    assert found.last_change == max(numbers_of(city)) == 14


def test_an_upvote_that_meets_a_withdrawal_is_refused_or_counted_never_lost(app, city, make_user):
    mara = make_user("Mara")
    idea_id, mara_id = post(city, mara).id, mara.id
    people = [make_user(f"Resident {number}").id for number in range(8)]

    def withdraw() -> None:
        withdraw_idea(db.session.get_one(Idea, idea_id), by=db.session.get_one(User, mara_id), at=clock.now())

    results = at_once(app, withdraw, *[upvotes_by(one, idea_id) for one in people])
    assert all(result is None or isinstance(result, NotThere) for result in results), results
    idea = db.session.get_one(Idea, idea_id)
    counted = sum(result is None for result in results[1:])
    assert idea.state == "withdrawn" and idea.upvote_count == counted == rows(Upvote, idea_id=idea_id)


@pytest.mark.settings(confirm_email=True)
def test_confirming_while_upvoting_counts_each_upvote_once(app, city, make_user):
    mara, newcomer = make_user("Mara"), make_user("Nia", confirmed=False).id
    ideas = [post(city, mara, f"Idea number {number}").id for number in range(6)]

    def confirm() -> None:
        with unit_of_work():
            user = db.session.get_one(User, newcomer, with_for_update=True)
            user.confirmed_at = clock.now()
            db.session.flush()
            announce(EmailConfirmed(newcomer))

    results = at_once(app, confirm, *[upvotes_by(newcomer, one) for one in ideas])
    assert not [one for one in results if isinstance(one, Exception) and not isinstance(one, Refusal)], (
        results
    )
    for idea_id in ideas:
        counted = rows(Upvote, idea_id=idea_id, is_counted=True)
        assert db.session.get_one(Idea, idea_id).upvote_count == counted
        assert counted == rows(Upvote, idea_id=idea_id) == 1


def test_one_key_on_two_boards_at_once_makes_one_idea(app, cities, make_user):
    mara, boards = make_user("Mara").id, [cities["rotterdam"].id, cities["berlin"].id]

    def send(city_id: int):
        return lambda: (
            post(db.session.get_one(City, city_id), db.session.get_one(User, mara), key="form-of-mara-1").id
        )

    results = at_once(app, *[send(city_id) for city_id in boards * 6])
    assert len(set(results)) == 1 and isinstance(results[0], int), results
    assert rows(Idea) == rows(Change) == 1


def test_one_key_under_two_ideas_at_once_makes_one_comment(app, city, make_user):
    mara, tom = make_user("Mara"), make_user("Tom").id
    first, second = (post(city, mara, f"Idea number {number}").id for number in range(2))

    def send(idea_id: int) -> int:
        return say(db.session.get_one(Idea, idea_id), db.session.get_one(User, tom), key="form-of-tom-1").id

    results = at_once(app, slowly(lambda: send(first)), lambda: later(lambda: send(second)))
    assert results[0] is not None and results[0] == results[1], results
    assert rows(Comment) == 1


def test_who_leaves_while_others_comment_is_shown_anew_and_no_comment_is_lost(app, cities, make_user):
    mara, tom, boards = make_user("Mara"), make_user("Tom").id, [cities["berlin"], cities["rotterdam"]]
    ideas = [post(place, mara, f"Idea number {number}").id for number in range(6) for place in boards]
    mara_id, before = mara.id, {idea_id: db.session.get_one(Idea, idea_id).version for idea_id in ideas}

    def speak(idea_id: int):
        def act() -> None:
            say(db.session.get_one(Idea, idea_id), db.session.get_one(User, tom))

        return act

    def leave() -> None:
        erase(db.session.get_one(User, mara_id), clock.now())

    results = at_once(app, leave, *[speak(idea_id) for idea_id in ideas])
    assert results == [None] * 13, results
    for idea_id in ideas:
        idea = db.session.get_one(Idea, idea_id)
        assert (idea.comment_count, idea.version) == (1, before[idea_id] + 2)  # her name, his comment
        assert idea.last_change == db.session.scalar(
            select(func.max(Change.number)).where(Change.city_id == idea.city_id, Change.idea_id == idea_id)
        )


@pytest.mark.settings(confirm_email=True)
def test_confirming_while_taking_back_counts_nothing_that_is_gone(app, city, make_user):
    idea_id, newcomer = post(city, make_user("Mara")).id, make_user("Nia", confirmed=False).id
    upvotes_by(newcomer, idea_id)()

    def confirm() -> None:
        with unit_of_work():
            user = db.session.get_one(User, newcomer, with_for_update=True)
            user.confirmed_at = clock.now()
            db.session.flush()
            announce(EmailConfirmed(newcomer))

    assert at_once(app, slowly(takes_back(newcomer, idea_id)), lambda: later(confirm)) == [None, None]
    assert db.session.get_one(Idea, idea_id).upvote_count == rows(Upvote, idea_id=idea_id) == 0
