"""Rehearsals: simulated people follow the phases, everything of theirs is marked, and they leave without a trace."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
from sqlalchemy import func, select

from app.accounts.models import User
from app.cities.models import Attendance, Participation, Workshop
from app.cities.queries import all_themes
from app.core.announce import after
from app.core.config import LANGUAGES
from app.core.errors import AlreadyDone
from app.core.extensions import db
from app.ideas.actions.sampling import load_sample, remove_sample
from app.ideas.actions.upvoting import upvote
from app.ideas.events import BoardChanged
from app.ideas.models import TITLE_MAX, TITLE_MIN, Comment, Idea, Upvote
from app.moderation.actions.merging import merge_ideas
from app.moderation.models import QueueItem
from app.notices.models import Notice
from app.workshops import play
from app.workshops.actions.clearing import remove_rehearsal
from app.workshops.actions.driving import spotlight
from app.workshops.actions.rehearsing import GONE_AFTER, start_rehearsal, stop_rehearsal
from app.workshops.actions.tallying import tally
from app.workshops.cast import LANGUAGES as SPOKEN
from app.workshops.cast import parts, sample_comments, sample_ideas
from app.workshops.models import PaperTally, Rehearsal, WorkshopResult
from tests.boards import at_once, post, say
from tests.rooms import go_to, join, workshop_in

PAGE = "/rotterdam/workshops/1/rehearsal"
ALL = (Idea, Comment, Upvote, User, Participation, Attendance, QueueItem, Notice)


@pytest.fixture
def workshop(city, clock) -> Workshop:
    return workshop_in(city, upvote_budget=3)


@pytest.fixture
def ana(make_moderator, city):
    return make_moderator(city, "Ana")


@pytest.fixture
def moderator(ana, signed_in):
    return signed_in(ana)


@pytest.fixture
def heard():
    """The board's changes from now on."""
    found: list[BoardChanged] = []
    after(BoardChanged)(found.append)
    return found


def begin(workshop, city, clock, *, people: int = 12, minutes: int = 10) -> play.Play:
    run = start_rehearsal(workshop, people=people, minutes=minutes, by=None, at=clock.now())
    return play.prepare(city, workshop.id, run, people=people, minutes=minutes, chance=Random(1))


def go(rehearsal, clock, seconds: int) -> bool:
    """For so long; a beat every five seconds, or every second of a short time. Returns whether the run goes on."""
    goes_on, step = True, 5 if seconds > 60 else 1
    for _beat in range(0, seconds, step):
        clock.advance(step)
        goes_on = play.beat(rehearsal, clock.now())
    db.session.rollback()
    return goes_on


def practise(workshop, city, clock, *, to: str = "reveal", people: int = 12) -> play.Play:
    """A whole rehearsal, up to the phase `to`."""
    rehearsal = begin(workshop, city, clock, people=people)
    for phase in ("collect", "discuss", "vote", "reveal", "closed"):
        if phase == "collect":
            go(rehearsal, clock, 100)
        go_to(workshop, phase)
        go(rehearsal, clock, 80)
        if phase == to:
            break
    return rehearsal


def count(table: type, *conditions) -> int:
    return db.session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def counts() -> list[int]:
    db.session.rollback()
    return [count(table) for table in ALL]


def simulated() -> list[User]:
    return list(db.session.scalars(select(User).where(User.origin == "sample").order_by(User.id)))


# what they say ---------------------------------------------------------------------------------------


def test_the_texts_are_complete_in_five_languages_and_within_the_limits():
    assert set(SPOKEN) == set(LANGUAGES) == {idea.language for idea in sample_ideas()}
    for language in SPOKEN:
        assert sum(idea.language == language for idea in sample_ideas()) == 8
        assert sum(comment.language == language for comment in sample_comments()) == 8
    assert len({idea.title for idea in sample_ideas()}) == 40
    for idea in sample_ideas():
        assert TITLE_MIN <= len(idea.title) <= TITLE_MAX and 1 <= len(idea.themes) <= 3
    people = parts(60, "nl")
    assert len({one.name for one in people}) == 60
    assert {one.language for one in people} == set(SPOKEN)
    assert sum(one.language == "nl" for one in people) >= 30


def test_their_themes_are_those_of_the_boards(app):
    with app.test_request_context():
        known = {theme.key for theme in all_themes()}
    assert {theme for idea in sample_ideas() for theme in idea.themes} <= known


# at work ---------------------------------------------------------------------------------------------


def test_they_follow_the_phases_and_keep_the_rules(workshop, city, clock):
    rehearsal = begin(workshop, city, clock)
    go(rehearsal, clock, 100)
    assert count(Attendance) == len(simulated()) == 12, "all have come"
    assert [count(table) for table in (Idea, Comment, Upvote)] == [0, 0, 0], "nobody acts in the lobby"
    go_to(workshop, "collect")
    go(rehearsal, clock, 80)
    assert 5 <= count(Idea) <= 24 and count(Comment) == count(Upvote) == 0
    assert count(Idea, Idea.workshop_id != workshop.id) == 0
    go_to(workshop, "discuss")
    lit = db.session.scalars(select(Idea)).first()
    spotlight(workshop, lit, by=None)
    go(rehearsal, clock, 80)
    ideas, comments = count(Idea), count(Comment)
    assert comments >= 8 and count(Upvote) == 0
    assert count(Comment, Comment.idea_id == lit.id) > comments / 2, "most speak of what is in the light"
    go_to(workshop, "vote")
    go(rehearsal, clock, 120)
    assert (count(Idea), count(Comment)) == (ideas, comments)
    given = (
        db.session.execute(select(func.count()).select_from(Upvote).group_by(Upvote.user_id)).scalars().all()
    )
    assert len(given) >= 8 and max(given) <= 3, "within the budget"
    for idea in db.session.scalars(select(Idea)):
        assert idea.upvote_count == count(Upvote, Upvote.idea_id == idea.id)


def test_they_wait_at_the_door_until_the_workshop_is_open(city, clock):
    workshop = city.workshops[0]
    rehearsal = begin(workshop, city, clock, minutes=1)
    assert go(rehearsal, clock, 300) and count(User) == 0, "the time does not run yet"
    workshop_in(city)
    assert go(rehearsal, clock, 40) and count(Attendance) == 12
    assert not go(rehearsal, clock, 30)


def test_they_do_not_wait_for_ever(city, clock):
    rehearsal = begin(city.workshops[0], city, clock)
    clock.advance(29 * 60)
    assert go(rehearsal, clock, 1)
    clock.advance(60)
    assert not go(rehearsal, clock, 1)


def test_a_run_ends_by_itself_after_its_minutes(workshop, city, clock):
    rehearsal = begin(workshop, city, clock, people=3, minutes=1)
    assert go(rehearsal, clock, 60) and not go(rehearsal, clock, 2)
    assert db.session.get(Rehearsal, workshop.id).ended_at is not None


def test_some_drop_off_the_network_and_come_back(workshop, city, clock, moderator):
    rehearsal = begin(workshop, city, clock, people=20)
    silent, told = [], 0
    go_to(workshop, "collect")
    for _step in range(30):
        go(rehearsal, clock, 10)
        silent.append({player.part.number for player in rehearsal.players if player.is_silent})
        told += "off the network" in moderator.get(PAGE).text
    assert told > 10 and any(gone - later for gone, later in pairwise(silent))
    assert count(Attendance) == 20, "who comes back is who was there"


def test_one_run_a_workshop_and_an_older_one_notices_that_it_is_over(workshop, city, clock):
    first = begin(workshop, city, clock)
    with pytest.raises(AlreadyDone):
        begin(workshop, city, clock)
    stop_rehearsal(workshop, by=None, at=clock.now())
    assert not go(first, clock, 1)
    second = begin(workshop, city, clock)
    assert go(second, clock, 1) and not go(first, clock, 1)


def test_of_many_who_begin_at_once_one_does(app, workshop, clock):
    begins = lambda: start_rehearsal(  # noqa: E731
        db.session.get(Workshop, workshop_id), people=3, minutes=1, by=None, at=clock.now()
    )
    workshop_id = workshop.id
    came = at_once(app, *[begins] * 5)
    assert sorted(type(one).__name__ for one in came) == ["AlreadyDone"] * 4 + ["str"]


def test_a_run_whose_process_ended_can_be_begun_again_with_the_same_people(workshop, city, clock, moderator):
    go(begin(workshop, city, clock), clock, 100)
    clock.advance(GONE_AFTER.total_seconds() + 1)
    assert "cut off" in moderator.get(PAGE).text
    go(begin(workshop, city, clock), clock, 100)
    assert len(simulated()) == 12


def test_a_paused_board_takes_nothing_from_them_either(workshop, city, clock):
    city.posting_is_open = False
    db.session.commit()
    go_to(workshop, "collect")
    assert go(begin(workshop, city, clock), clock, 120)
    assert count(Idea) == 0


def test_where_moderators_look_first_their_ideas_wait_too(workshop, city, clock):
    city.moderation = "before"
    db.session.commit()
    go_to(workshop, "collect")
    go(begin(workshop, city, clock), clock, 120)
    assert count(Idea, Idea.state == "held") == count(Idea) > 0


def test_the_ideas_of_others_outside_the_workshop_are_left_alone(workshop, city, clock, make_user):
    tom = make_user("Tom")
    before = post(city, tom, "Posted weeks ago")
    practise(workshop, city, clock)
    assert count(Comment, Comment.idea_id == before.id) == count(Upvote, Upvote.idea_id == before.id) == 0
    assert count(Notice, Notice.user_id == tom.id) == 0


def test_everything_of_theirs_is_marked(workshop, city, clock, client):
    practise(workshop, city, clock)
    for user in simulated():
        assert user.import_key.startswith(f"rehearsal/{workshop.id}/")
        assert any(mark in user.name for mark in ("rehearsal", "Probe", "répétition", "repetitie", "排练"))
    for table in (Idea, Comment):
        keys = db.session.scalars(select(table.import_key)).all()
        assert keys and all(key.startswith(f"rehearsal/{workshop.id}/") for key in keys)
    board = client.get("/rotterdam").text
    assert "invented sample content" in board
    assert board.count('<span class="sample">') > board.count("<article"), "the board and every card"
    idea = db.session.scalars(select(Idea).order_by(Idea.comment_count.desc())).first()
    page = client.get(f"/rotterdam/ideas/{idea.id}", follow_redirects=True).text
    assert page.count('<span class="sample">') >= 2


def test_a_room_full_of_them_raises_no_alarm(workshop, city, clock):
    practise(workshop, city, clock, people=40)
    assert count(QueueItem, QueueItem.subject == "alert") == 0


# removed ---------------------------------------------------------------------------------------------


def test_removed_they_leave_no_trace(workshop, city, clock, make_user, moderator, heard):
    tom = make_user("Tom")
    own = post(city, tom, "Tom's own idea")
    was = counts()
    practise(workshop, city, clock)
    gone = set(db.session.scalars(select(Idea.id).where(Idea.author_id != tom.id)))
    heard.clear()
    answer = moderator.post_form(PAGE, {"act": "remove"}, follow_redirects=True)
    assert f"The rehearsal is removed, {len(gone)} ideas with it." in answer.text
    assert counts() == was
    assert {event.idea_id for event in heard} == gone
    assert {event.kind for event in heard} == {"idea_withdrawn"}
    db.session.refresh(own)
    assert own.is_published and own.upvote_count == own.comment_count == 0
    assert db.session.get(Rehearsal, workshop.id) is None
    assert "sample content" not in moderator.get("/rotterdam").text
    assert moderator.get("/rotterdam/moderate").status_code == 200


def test_what_real_people_did_on_their_ideas_goes_with_them_and_their_own_stays(
    workshop, city, clock, make_user
):
    mara, tom = make_user("Mara"), make_user("Tom")
    join(workshop, mara, tom)
    go_to(workshop, "collect")
    mine = post(city, mara, "Mara's idea of the workshop")
    rehearsal = practise(workshop, city, clock)
    theirs = db.session.scalars(select(Idea).where(Idea.author_id != mara.id)).first()
    say_under(theirs, tom, clock)
    upvote_in(workshop, theirs, tom, clock)
    assert count(Upvote, Upvote.idea_id == mine.id) + count(Comment, Comment.idea_id == mine.id) > 0
    stop_rehearsal(workshop, by=None, at=clock.now())
    assert remove_rehearsal(workshop, by=None, at=clock.now()) > 5
    assert not go(rehearsal, clock, 1)
    db.session.refresh(mine)
    assert (mine.upvote_count, mine.comment_count, count(Idea)) == (0, 0, 1)
    assert [count(table) for table in (Comment, Upvote)] == [0, 0]
    assert count(Notice) == 0, "nothing to read of what is gone"
    assert set(db.session.scalars(select(Participation.user_id))) == {mara.id}
    assert set(db.session.scalars(select(Attendance.user_id))) == {mara.id, tom.id}


def say_under(idea, user, clock):
    """Behind the back of the phase."""
    db.session.add(
        Comment(idea_id=idea.id, author_id=user.id, text="Mine.", language="en", created_at=clock.now())
    )
    db.session.commit()


def upvote_in(workshop, idea, user, clock):
    db.session.add(Upvote(idea_id=idea.id, user_id=user.id, created_at=clock.now(), workshop_id=workshop.id))
    db.session.commit()


def test_the_reply_of_somebody_real_moves_up_when_the_comment_above_leaves(workshop, city, clock, make_user):
    mara = make_user("Mara")
    join(workshop, mara)
    go_to(workshop, "collect")
    mine = post(city, mara, "Mara's idea of the workshop")
    rehearsal = begin(workshop, city, clock)
    go_to(workshop, "discuss")
    spotlight(workshop, mine, by=None)
    go(rehearsal, clock, 150)
    above = db.session.scalars(select(Comment).where(Comment.parent_id.is_(None))).first()
    reply = say(mine, mara, "Thank you.", under=above)
    remove_rehearsal(workshop, by=None, at=clock.now())
    db.session.refresh(reply)
    assert reply.parent_id is None and reply.state == "published"
    assert db.session.get(Idea, mine.id).comment_count == count(Comment) == 1


def test_a_merge_with_somebodys_idea_is_taken_apart_first(workshop, city, clock, make_user, ana):
    mara = make_user("Mara")
    join(workshop, mara)
    go_to(workshop, "collect")
    mine = post(city, mara, "Mara's idea of the workshop")
    practise(workshop, city, clock)
    theirs = db.session.scalars(select(Idea).where(Idea.author_id != mara.id)).all()
    merge_ideas(mine, into=theirs[0], by=ana, at=clock.now())
    merge_ideas(theirs[1], into=theirs[2], by=ana, at=clock.now())
    remove_rehearsal(workshop, by=None, at=clock.now())
    db.session.refresh(mine)
    assert (mine.state, mine.upvote_count, mine.comment_count, count(Idea)) == ("published", 0, 0, 1)


def test_the_light_goes_out_and_the_room_is_empty(workshop, city, clock, moderator):
    practise(workshop, city, clock, to="discuss")
    spotlight(workshop, db.session.scalars(select(Idea)).first(), by=None)
    seen = workshop.state_seq
    remove_rehearsal(workshop, by=None, at=clock.now())
    room = moderator.get_json("/rotterdam/workshops/1/room.json")
    assert room["spotlight"] is None and room["seq"] > seen
    assert room["people"]["joined"] == room["people"]["posted"] == 0


def test_hidden_upvotes_of_theirs_leave_the_counts_as_they_are(city, clock, make_user):
    workshop = workshop_in(city, hides_counts=True)
    mara = make_user("Mara")
    join(workshop, mara)
    go_to(workshop, "collect")
    mine = post(city, mara, "Mara's idea of the workshop")
    practise(workshop, city, clock, to="vote")
    upvote(mine, by=simulated()[0], at=clock.now())
    assert db.session.get(Upvote, (mine.id, simulated()[0].id)).is_counted is False
    remove_rehearsal(workshop, by=None, at=clock.now())
    db.session.refresh(mine)
    assert mine.upvote_count == 0 == count(Upvote)


def test_an_open_queue_hears_that_nothing_of_theirs_waits(
    workshop, city, clock, moderator, socket, settle, ana
):
    practise(workshop, city, clock, to="collect")
    page = socket(ana)
    page.watch("rotterdam", queue=True)
    rows = moderator.get_json("/rotterdam/moderate/items?since=0")["rows"]
    page.heard()
    remove_rehearsal(workshop, by=None, at=clock.now())
    told, latest = set(), time.monotonic() + 5
    while not told and time.monotonic() < latest:
        settle()
        told = {item for message in page.heard("queue") for item in message["items"]}
    assert {row["id"] for row in rows} <= told
    ids = ",".join(str(row["id"]) for row in rows)
    now = moderator.get_json(f"/rotterdam/moderate/items?ids={ids}")
    assert now["waiting"]["all"] == 0
    assert now["rows"] == [{"id": row["id"], "html": None, "settled": None} for row in rows]


def test_removing_all_samples_takes_them_along_and_ends_the_run(workshop, city, clock):
    load_sample(clock.now())
    rehearsal = practise(workshop, city, clock)
    assert remove_sample(clock.now()) > 70
    assert counts() == [0] * len(ALL)
    assert not go(rehearsal, clock, 1) and db.session.get(Rehearsal, workshop.id).ended_at
    assert count(User) == 0


def test_removing_a_rehearsal_leaves_the_sample_of_the_board(workshop, city, clock):
    load_sample(clock.now())
    was = counts()
    practise(workshop, city, clock)
    remove_rehearsal(workshop, by=None, at=clock.now())
    assert counts() == was


def test_a_kept_result_is_made_anew_without_them(workshop, city, clock, make_user):
    mara = make_user("Mara", "student")
    join(workshop, mara)
    go_to(workshop, "collect")
    post(city, mara, "Mara's idea of the workshop")
    practise(workshop, city, clock, to="closed")
    assert db.session.get(WorkshopResult, workshop.id).result["sample"] == 12
    remove_rehearsal(workshop, by=None, at=clock.now())
    result = db.session.get(WorkshopResult, workshop.id).result
    assert (result["people"], result["sample"], result["upvotes"]) == ({"student": 1}, 0, 0)
    assert len(result["ideas"]) == 1


# afresh ----------------------------------------------------------------------------------------------


def test_started_afresh_the_workshop_was_never_opened(
    workshop, city, clock, moderator, client, ana, make_user
):
    real = post(city, make_user("Tom"), "Posted weeks ago")
    code = workshop.join_code
    rehearsal = begin(workshop, city, clock)
    go_to(workshop, "vote")
    go(rehearsal, clock, 100)
    tally(workshop, real, 7, by=ana, at=clock.now())
    go_to(workshop, "closed")
    assert client.get("/rotterdam/workshops/1/result").status_code == 200
    answer = moderator.post_form(PAGE, {"act": "afresh"}, follow_redirects=True)
    assert "as if for the first time" in answer.text
    db.session.refresh(workshop)
    db.session.refresh(real)
    assert (workshop.phase, workshop.opened_at, workshop.closed_at) == ("lobby", None, None)
    assert count(WorkshopResult) == count(PaperTally) == real.upvote_count == real.paper_upvotes == 0
    assert client.get("/rotterdam/workshops/1/result").status_code == 404
    assert moderator.post_form("/rotterdam/workshops/1/opening").status_code == 303
    db.session.refresh(workshop)
    assert workshop.join_code and workshop.join_code != code
    assert client.get(f"/j/{code}").status_code == 404


def test_where_somebody_real_has_joined_it_is_not_set_back(workshop, city, clock, moderator, make_user):
    join(workshop, make_user("Mara"))
    practise(workshop, city, clock)
    was = counts()
    assert "it cannot be set back" in moderator.get(PAGE).text
    refused = moderator.post_form(PAGE, {"act": "afresh"})
    assert refused.status_code == 422 and "1 person who is not simulated has joined" in refused.text
    assert counts() == was and db.session.get(Workshop, workshop.id).phase == "reveal"


# the page, and the command ---------------------------------------------------------------------------


def test_the_page_begins_a_run_in_the_background_and_stops_it(workshop, moderator, monkeypatch):
    monkeypatch.setattr(play, "BEAT_SECONDS", 0.02)
    assert "Begin the rehearsal" in moderator.get(PAGE).text
    began = moderator.post_form(PAGE, {"act": "start", "people": "3", "minutes": "1"})
    assert began.status_code == 303
    again = moderator.post_form(PAGE, {"act": "start", "people": "3", "minutes": "1"})
    assert again.status_code == 409 and "at work in this workshop already" in again.text
    page = moderator.get(PAGE, headers={"HX-Request": "true"}).text
    assert page.startswith("<section") and "At work" in page and "every 3s" in page
    assert moderator.post_form(PAGE, {"act": "stop"}).status_code == 303
    latest = time.monotonic() + 10
    names = lambda: {thread.name for thread in play.threading.enumerate()}  # noqa: E731
    while f"rehearsal-{workshop.id}" in names() and time.monotonic() < latest:
        time.sleep(0.05)
    assert f"rehearsal-{workshop.id}" not in names(), "the thread has ended"
    assert "At work" not in moderator.get(PAGE).text


@pytest.mark.parametrize(
    ("people", "minutes"), [("0", "5"), ("61", "5"), ("20", "0"), ("20", "61"), ("", "x")]
)
def test_numbers_out_of_bounds_are_refused_beside_their_field(workshop, moderator, people, minutes):
    refused = moderator.post_form(PAGE, {"act": "start", "people": people, "minutes": minutes})
    assert refused.status_code == 422 and 'aria-invalid="true"' in refused.text
    assert count(Rehearsal) == 0


def test_it_is_for_moderators_of_the_city(workshop, client, signed_in, make_user, make_moderator, cities):
    assert client.get(PAGE).status_code == 303
    for other in (make_user("Mara"), make_moderator(cities["berlin"], "Bo")):
        assert signed_in(other).get(PAGE).status_code == 404
        assert signed_in(other).post_form(PAGE, {"act": "start"}).status_code == 404
    assert count(Rehearsal) == 0


def test_an_act_nobody_knows_is_refused(workshop, moderator):
    assert moderator.post_form(PAGE, {"act": "dance"}).status_code == 422


def test_the_command_rehearses_and_another_removes(app, workshop, clock, monkeypatch):
    monkeypatch.setattr(time, "sleep", clock.advance)
    done = app.test_cli_runner().invoke(
        args=["rehearse", "rotterdam", "1", "--people", "4", "--minutes", "1"]
    )
    assert done.exit_code == 0, done.output
    assert "4 simulated people rehearse for 1 min." in done.output and "remove-rehearsal" in done.output
    assert len(simulated()) == 4 and db.session.get(Rehearsal, workshop.id).ended_at
    done = app.test_cli_runner().invoke(args=["remove-rehearsal", "rotterdam", "1", "--afresh"])
    assert done.exit_code == 0 and simulated() == []
    assert db.session.get(Workshop, workshop.id).opened_at is None
    assert "has no workshop 9" in app.test_cli_runner().invoke(args=["rehearse", "rotterdam", "9"]).output


def test_nobody_is_simulated_for_longer_than_asked(workshop, city, clock):
    rehearsal = practise(workshop, city, clock, to="collect")
    clock.advance(timedelta(minutes=30).total_seconds())
    was = counts()
    assert not play.beat(rehearsal, clock.now()) and counts() == was
