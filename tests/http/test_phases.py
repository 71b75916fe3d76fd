"""Phases drive the room: what they let people do, what the pages say, and that nothing typed is lost."""

from __future__ import annotations

import re
import time
import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest

from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Idea, Upvote
from tests.boards import at_once, post, rows, statements
from tests.clients import ORIGIN, Client
from tests.rooms import go_to, join, workshop_in

SCRIPT = {"Accept": "application/json"}
BOARD, NEW = "/rotterdam", "/rotterdam/ideas/new"


@pytest.fixture
def room(city, clock, make_user):
    """A workshop with a budget of two, Mara and Tom in it, and an idea of Tom's."""
    made = workshop_in(city, upvote_budget=2)
    made.people = make_user("Mara"), make_user("Tom")
    made.ideas = [post(city, made.people[1], f"Idea number {number}") for number in range(4)]
    join(made, *made.people)
    return made


@pytest.fixture
def mara(room, signed_in):
    return signed_in(room.people[0])


def posts(client, script: bool = False):
    fields = {
        "kind": "challenge",
        "title": "Trams wait for cars",
        "text": "At each crossing.",
        "themes": ["1"],
    }
    key = {"submission_key": str(uuid.uuid4())}
    return client.post_form("/rotterdam/ideas", {**fields, **key}, headers=SCRIPT if script else {})


def comments(client, idea, script: bool = False):
    return client.post_form(
        f"/ideas/{idea.id}/comments", {"text": "I would use it."}, headers=SCRIPT if script else {}
    )


def upvotes(client, idea, script: bool = True):
    return client.post_form(f"/ideas/{idea.id}/upvote", {"upvote": "on"}, headers=SCRIPT if script else {})


def _browser_of(client: Client) -> Client:
    """Another connection of the same browser: a test client keeps its cookies to itself, so each thread has one."""
    copied = client.application.test_client()
    copied.set_cookie("session", client.get_cookie("session").value)
    return copied


def page_of(idea) -> str:
    return f"/rotterdam/ideas/{idea.id}-{idea.title.lower().replace(' ', '-')}"


def test_each_phase_takes_its_own_and_refuses_the_rest(room, mara):
    taken = {}
    for phase in ("lobby", "collect", "discuss", "vote", "reveal", "closed"):
        go_to(room, phase)
        another = room.ideas[phase in ("reveal", "closed")]
        answers = posts(mara, True), comments(mara, room.ideas[0], True), upvotes(mara, another)
        taken[phase] = [answer.status_code for answer in answers]
        assert {answer.status_code for answer in answers} <= {200, 201, 403}
    assert taken == {
        "lobby": [403, 403, 403],
        "collect": [201, 403, 403],
        "discuss": [403, 201, 403],
        "vote": [403, 403, 200],
        "reveal": [403, 403, 403],
        "closed": [403, 403, 403],
    }


def test_a_refused_idea_keeps_everything_typed_beside_the_reason(room, mara):
    go_to(room, "vote")
    refused = posts(mara)
    assert refused.status_code == 403
    assert 'value="Trams wait for cars"' in refused.text and "At each crossing." in refused.text
    assert refused.text.count("Now is the vote: give your upvotes.") >= 2, "in the message and in the words"
    assert posts(mara, script=True).get_json()["message"].startswith("Now is the vote")


def test_a_refused_comment_keeps_its_text_beside_the_reason(room, mara):
    go_to(room, "collect")
    refused = comments(mara, room.ideas[0])
    assert refused.status_code == 403 and "I would use it.</textarea>" in refused.text
    assert 'aria-invalid="true"' in refused.text
    assert (
        comments(mara, room.ideas[0], script=True).get_json()["errors"]["text"][0].startswith("Now ideas are")
    )


def test_nobody_puts_an_idea_into_a_workshop_without_having_joined_it(
    room, city, clock, signed_in, make_user
):
    with unit_of_work():
        room.starts_at, room.ends_at = clock.now(), clock.now() + timedelta(hours=3)
    go_to(room, "vote")
    stan = signed_in(make_user("Stan"))
    assert 'name="workshop"' not in stan.get(NEW).text
    fields = {
        "kind": "challenge",
        "title": "From home",
        "text": "",
        "themes": ["1"],
        "workshop": str(room.id),
    }
    made = stan.post_form("/rotterdam/ideas", {**fields, "submission_key": str(uuid.uuid4())}, headers=SCRIPT)
    assert made.status_code == 201
    assert db.session.get_one(Idea, made.get_json()["id"]).workshop_id is None


def test_what_one_has_written_is_corrected_until_the_vote_and_read_only_from_then_on(room, mara):
    go_to(room, "collect")
    made = posts(mara, script=True).get_json()["id"]
    changed = {
        "kind": "challenge",
        "title": "Trams wait for nobody",
        "text": "At each crossing.",
        "themes": ["1"],
    }
    done = {}
    for phase in ("collect", "discuss", "vote", "reveal", "closed"):
        go_to(room, phase)
        refused = mara.post_form(f"/ideas/{made}/edit", changed)
        done[phase] = refused.status_code
        if phase == "vote":
            assert "Now is the vote" in refused.text and 'value="Trams wait for nobody"' in refused.text
            gone = mara.post_form(f"/ideas/{made}/withdrawal", {})
            assert gone.status_code == 403 and "Now is the vote" in gone.text
    assert done == {"collect": 303, "discuss": 303, "vote": 403, "reveal": 403, "closed": 403}
    assert mara.get(f"/rotterdam/ideas/{made}-trams-wait-for-nobody").status_code == 200


def test_a_comment_is_read_only_once_the_workshop_is_closed(room, mara):
    go_to(room, "discuss")
    made = comments(mara, room.ideas[0], script=True).get_json()["id"]
    assert mara.post_form(f"/comments/{made}/edit", {"text": "Every day."}).status_code == 303
    go_to(room, "closed")
    refused = mara.post_form(f"/comments/{made}/edit", {"text": "Never."})
    assert refused.status_code == 403 and "Never.</textarea>" in refused.text
    assert mara.post_form(f"/comments/{made}/withdrawal", {}).status_code == 403


def test_forms_say_beforehand_that_they_are_not_open(room, mara):
    shut = 'data-room-closed="{}">'
    go_to(room, "collect")
    assert shut.format("post") not in mara.get(NEW).text
    assert shut.format("comment") in mara.get(page_of(room.ideas[0])).text
    go_to(room, "discuss")
    assert shut.format("post") in mara.get(NEW).text
    assert shut.format("comment") not in mara.get(page_of(room.ideas[0])).text


def test_a_budget_is_spent_and_given_back(room, mara):
    go_to(room, "vote")
    assert "2 of 2 left" in mara.get(BOARD).text
    assert [upvotes(mara, idea).status_code for idea in room.ideas] == [200, 200, 403, 403]
    assert "You have given all your 2 upvotes." in upvotes(mara, room.ideas[2]).get_json()["message"]
    assert "You have given all your 2 upvotes." in upvotes(mara, room.ideas[2], script=False).text
    assert upvotes(mara, room.ideas[0]).status_code == 200, "again changes nothing"
    bar = mara.get(BOARD).text
    assert "0 of 2 left" in bar and "1 of 2 who joined has voted" in bar
    assert mara.get_json(f"{BOARD}/workshops/1/room.json")["you"] == {
        "given": [room.ideas[0].id, room.ideas[1].id], "left": 0, "follows": True,
    }  # fmt: skip
    mara.send("DELETE", f"/ideas/{room.ideas[0].id}/upvote", headers=SCRIPT)
    assert "1 of 2 left" in mara.get(BOARD).text


def test_an_upvote_whose_answer_was_lost_is_said_to_be_there_when_the_vote_is_over(room, mara):
    go_to(room, "vote")
    upvotes(mara, room.ideas[0])
    go_to(room, "reveal")
    again = upvotes(mara, room.ideas[0])
    assert (again.status_code, again.get_json()["upvoted"]) == (200, True)
    assert upvotes(mara, room.ideas[1]).status_code == 403
    off = {
        where.id: mara.post_form(f"/ideas/{where.id}/upvote", {"upvote": "off"}, headers=SCRIPT)
        for where in room.ideas
    }
    assert [answer.status_code for answer in off.values()] == [403, 200, 200, 200]
    assert rows(Upvote, user_id=room.people[0].id) == 1


def test_fifty_upvotes_at_once_do_not_exceed_the_budget(app, room, city, make_user, signed_in, clock):
    posted = [post(city, make_user(f"Author {number}"), f"One of many, {number}") for number in range(10)]
    many = [SimpleNamespace(id=idea.id) for idea in posted]  # rows of the session are not shared by threads
    go_to(room, "vote")
    mara = signed_in(room.people[0])
    where = [f"/ideas/{idea.id}/upvote" for idea in many]
    token = {"X-CSRFToken": mara.csrf_token(), "Origin": ORIGIN, **SCRIPT}
    send = [lambda path=path: _browser_of(mara).put(path, headers=token).status_code for path in where * 5]
    assert set(at_once(app, *send)) == {200, 403}
    given = mara.get_json(f"{BOARD}/workshops/1/room.json")["you"]
    assert len(given["given"]) == 2 and given["left"] == 0


def test_the_bar_says_the_phase_and_what_to_do(room, mara, clock):
    for phase, now in (
        ("lobby", "It begins in a moment."),
        ("collect", "Post your ideas"),
        ("discuss", "Talk about"),
    ):
        go_to(room, phase)
        page = mara.get(BOARD).text
        assert f'data-phase="{phase}"' in page and now in page
    go_to(room, "closed")
    page = mara.get(BOARD).text
    assert "Thank you. This is what you said together." in page
    assert 'href="/rotterdam/workshops/1/result"' in page


def test_the_bar_is_for_those_in_the_workshop_alone(room, client, make_user, make_moderator, city, signed_in):
    for who in (client, signed_in(make_user("Stan")), signed_in(make_moderator(city))):
        page = who.get(BOARD).text
        assert 'id="room"' not in page and not re.search(r"<body[^>]*data-(workshop|phase)", page)


def test_who_follows_can_stop(room, mara):
    where = "/rotterdam/workshops/1/following"
    assert mara.post_form(where, {"follows": "off"}, headers=SCRIPT).get_json() == {"follows": False}
    assert "Follow the wall" in mara.get(BOARD).text
    went = mara.post_form(where, {"follows": "on", "next": "/rotterdam?sort=newest"})
    assert (went.status_code, went.location) == (303, "/rotterdam?sort=newest")
    assert mara.get_json("/rotterdam/workshops/1/room.json")["you"]["follows"] is True


def test_a_moderator_who_has_not_joined_follows_nothing(room, make_moderator, city, signed_in):
    ana = signed_in(make_moderator(city))
    assert ana.post_form("/rotterdam/workshops/1/following", {"follows": "on"}).status_code == 404


def test_everybody_in_the_room_hears_the_phase_and_who_voted(room, socket, settle, clock):
    pages = [socket(person) for person in room.people]
    for page in pages:
        assert page.watch("rotterdam", workshop=room.id)["ok"]
    go_to(room, "vote")
    settle()
    for page in pages:
        heard = page.heard("room")
        assert [message["phase"] for message in heard][-1] == "vote"
        assert heard[-1]["seq"] == room.state_seq


def test_the_room_hears_soon_how_many_have_voted(room, socket, clock):
    page = socket(room.people[0])
    assert page.watch("rotterdam", workshop=room.id)["ok"]
    go_to(room, "vote")
    upvote(room.ideas[0], by=room.people[0], at=clock.now())
    deadline = time.monotonic() + 5
    voted: list[int] = []
    while 1 not in voted and time.monotonic() < deadline:
        voted += [message["people"]["voted"] for message in page.heard("room")]
        time.sleep(0.05)
    assert voted[-1] == 1


def test_nobody_outside_the_room_hears_it(room, socket, settle, make_user, clock):
    nobody, stan = socket(), socket(make_user("Stan"))
    for page in (nobody, stan):
        assert page.watch("rotterdam", workshop=room.id)["ok"], "they hear the board"
    go_to(room, "vote")
    settle()
    assert nobody.heard("room") == stan.heard("room") == []


def test_a_bar_takes_two_questions_and_one_where_there_is_none(room, mara, signed_in, make_user):
    def cost(client) -> int:
        with statements() as sent:
            client.get(BOARD)
        return len(sent)

    stan = signed_in(make_user("Stan"))
    cost(stan), cost(mara)
    assert cost(mara) == cost(stan) + 1


def test_what_was_upvoted_before_the_workshop_costs_nothing(room, mara, clock, city, make_user):
    early = post(city, make_user("Olaf"), "Posted from home", at=clock.now())
    go_to(room, "vote")
    liv = make_user("Liv")
    upvote(early, by=liv, at=clock.now())
    join(room, liv)
    assert "2 of 2 left" in mara.get(BOARD).text
