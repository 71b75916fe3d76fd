"""The remote: phases, timer, screens and spotlight from a moderator's phone, with JavaScript and without."""

from __future__ import annotations

import pytest

from app.cities.models import Workshop
from app.core.extensions import db
from app.ideas.actions.upvoting import upvote
from tests.boards import at_once, post, put_in_state, statements
from tests.rooms import go_to, join, workshop_in

SCRIPT = {"Accept": "application/json"}
REMOTE = "/rotterdam/remote?workshop=1"


@pytest.fixture
def workshop(city, clock) -> Workshop:
    return workshop_in(city)


@pytest.fixture
def ana(make_moderator, signed_in, city):
    """A moderator's browser."""
    return signed_in(make_moderator(city, "Ana"))


@pytest.fixture
def bo(make_moderator, signed_in, city):
    """Another moderator's."""
    return signed_in(make_moderator(city, "Bo"))


def does(client, what: str, /, script: bool = True, **fields):
    """One act of the remote; returns the answer."""
    return client.post_form(f"/rotterdam/workshops/1/{what}", fields, headers=SCRIPT if script else {})


def state(client) -> dict:
    """The room as it is now."""
    return client.get_json("/rotterdam/workshops/1/room.json")


def test_without_an_open_workshop_the_remote_lists_those_there_are(ana, city):
    page = ana.get("/rotterdam/remote")
    assert page.text.count("not opened yet") == 2
    assert 'href="/rotterdam/remote?workshop=1"' in page.text
    assert does(ana, "opening").status_code == 200
    assert "Next phase" in ana.get("/rotterdam/remote").text, "the open one comes by itself"


def test_a_workshop_goes_its_way_and_its_screens_with_it(ana, city, clock):
    assert "Open the workshop" in ana.get(REMOTE).text
    assert does(ana, "phase", to="collect").status_code == 422, "not before it is opened"
    assert does(ana, "opening", script=False).status_code == 303
    went = []
    for to in ("collect", "discuss", "vote", "reveal"):
        assert does(ana, "phase", to=to).status_code == 200
        went.append((state(ana)["phase"], state(ana)["shows"]))
    assert went == [("collect", "wall"), ("discuss", "spotlight"), ("vote", "top"), ("reveal", "top")]
    assert does(ana, "phase", to="closed", sure=1).get_json()["room"]["phase"] == "closed"
    assert does(ana, "phase", to="vote").status_code == 422
    assert "/rotterdam/workshops/1/result" in ana.get(REMOTE).text


def test_what_cannot_be_undone_is_asked_about_first(ana, workshop):
    workshop.hides_counts = True
    db.session.commit()
    go_to(workshop, "vote")
    asked = does(ana, "phase", script=False, to="reveal")
    assert asked.status_code == 200 and "Are you sure?" in asked.text and " open>" in asked.text
    assert does(ana, "phase", to="reveal").status_code == 422
    assert state(ana)["phase"] == "vote"
    assert does(ana, "phase", script=False, to="reveal", sure=1).status_code == 303
    assert state(ana)["phase"] == "reveal"
    assert does(ana, "phase", to="vote").status_code == 422, "never behind the reveal of hidden counts"


def test_a_reveal_that_hides_nothing_is_not_asked_about(ana, workshop):
    go_to(workshop, "vote")
    assert "Are you sure?" not in ana.get(REMOTE).text
    assert does(ana, "phase", to="reveal").status_code == 200
    assert "Are you sure?" in ana.get(REMOTE).text, "closing is"


def test_earlier_phases_are_there_to_go_back_to(ana, workshop):
    go_to(workshop, "vote")
    page = ana.get(REMOTE).text
    for phase in ("lobby", "collect", "discuss"):
        assert f'name="to" value="{phase}"' in page
    assert does(ana, "phase", to="collect").status_code == 200
    assert does(ana, "phase", to="vote").status_code == 422, "forwards by one"


def test_a_timer_starts_stops_goes_on_and_is_cleared(ana, workshop, clock):
    def left() -> float:
        timer, now = state(ana)["timer"], state(ana)["now"]
        return (timer["ends"] - now if timer["ends"] else timer["left"]) / 1000

    assert does(ana, "timer", act="start", minutes=5).status_code == 200
    clock.advance(60)
    assert left() == 240
    assert does(ana, "timer", act="pause").status_code == 200
    clock.advance(600)
    assert left() == 240
    does(ana, "timer", act="add")
    assert left() == 300
    does(ana, "timer", act="resume")
    clock.advance(10)
    assert left() == 290
    does(ana, "timer", act="add", script=False)
    assert left() == 350
    does(ana, "timer", act="clear")
    assert state(ana)["timer"] == {"ends": None, "left": None}
    for minutes in ("0", "-1", "181", "soon", "٣", "", "9" * 40):
        refused = does(ana, "timer", act="start", minutes=minutes)
        assert refused.status_code == 422 and "1 to 180" in refused.get_json()["message"]
    assert does(ana, "timer", act="explode").status_code == 422


def test_screens_show_what_is_chosen(ana, workshop):
    assert does(ana, "shows", mode="blank").get_json()["room"]["shows"] == "blank"
    chosen = does(ana, "shows", mode="contrast", left="student", right="stakeholders").get_json()["room"]
    assert (chosen["shows"], chosen["contrasts"]) == ("contrast", "student,stakeholders")
    does(ana, "shows", mode="themes", left="student", right="resident")
    assert state(ana)["contrasts"] == "student,stakeholders", "the groups are of the contrast"
    assert does(ana, "shows", mode="contrast", left="student", right="student").status_code == 422
    assert does(ana, "shows", mode="contrast", left="nobody", right="student").status_code == 422
    assert does(ana, "shows", mode="fireworks").status_code == 422
    assert 'value="themes" aria-pressed="true"' in ana.get(REMOTE).text


def test_the_spotlight_steps_in_the_order_of_the_board(ana, workshop, city, make_user, clock):
    ines, tom = make_user("Ines"), make_user("Tom")
    low, high, middle = (post(city, ines, f"Idea number {number}") for number in range(3))
    for idea, people in ((high, (tom, make_user("Liv"))), (middle, (tom,))):
        for person in people:
            upvote(idea, by=person, at=clock.now())
    steps = [high.id, middle.id, low.id]
    for number, idea in enumerate(steps):
        page = ana.get(REMOTE).text
        assert f'name="idea" value="{idea}" aria-describedby="r-after"' in page
        assert ('aria-describedby="r-before"' in page) is (number > 1)
        assert does(ana, "spotlight", idea=idea).get_json()["room"]["spotlight"] == idea
    assert 'aria-describedby="r-after"' not in ana.get(REMOTE).text
    assert state(ana)["shows"] == "spotlight"
    assert does(ana, "spotlight", idea="").get_json()["room"]["spotlight"] is None
    put_in_state(low, "hidden")
    for nothing in (low.id, 999, "x", "9" * 30):
        assert does(ana, "spotlight", idea=nothing).status_code == 404


def test_the_code_is_renewed_while_the_workshop_is_open(ana, workshop, clock):
    old = workshop.join_code
    assert old in ana.get(REMOTE).text
    assert does(ana, "code").status_code == 200
    db.session.refresh(workshop)
    assert workshop.join_code not in (None, old)
    go_to(workshop, "closed")
    assert does(ana, "code").status_code == 422


def test_who_is_here_and_what_is_new_is_on_the_remote(ana, workshop, city, make_user, socket, settle):
    go_to(workshop, "collect")
    people = [make_user(name) for name in ("Ines", "Tom", "Liv")]
    join(workshop, *people)
    idea = post(city, people[0], "A bench at every stop")
    post(city, make_user("Olaf"), "From home, not in the room")
    page = socket(people[0])
    assert page.watch("rotterdam", workshop=workshop.id)["ok"]
    settle()
    assert state(ana)["people"] == {"joined": 3, "posted": 1, "voted": 0, "watching": 1}
    shown = ana.get(REMOTE).text
    assert "A bench at every stop" in shown and "From home, not in the room" in shown
    assert f'href="/ideas/{idea.id}/moderate?next=/rotterdam/remote' in shown


def test_two_moderators_press_next_at_once_and_the_room_moves_once(app, ana, bo, workshop):
    seen = {"seen": workshop.state_seq, "was": "lobby"}
    answers = at_once(
        app, *(lambda who=who: does(who, "phase", to="collect", **seen).status_code for who in (ana, bo))
    )
    assert sorted(answers) == [200, 409]
    assert state(ana)["phase"] == "collect"
    late = does(bo, "phase", to="collect", **seen)
    assert late.status_code == 409
    assert late.get_json()["message"] == "Somebody was faster: the phase is “Collect” now."
    assert late.get_json()["room"]["phase"] == "collect", "and shows what is so now"


def test_what_another_moderator_changed_elsewhere_is_in_nobodys_way(ana, bo, workshop):
    """Ana gives a minute more, while Bo's remote has not heard yet that the screens are blank."""
    before = workshop.state_seq
    assert does(ana, "timer", act="start", minutes=3, seen=before, was="left None").status_code == 200
    assert does(bo, "shows", mode="blank", seen=before, was="join").status_code == 200
    assert does(bo, "timer", act="clear", seen=before, was="left None").status_code == 409
    assert does(ana, "shows", mode="top", seen=before, was="join").status_code == 409
    assert state(bo)["shows"] == "blank"


def test_who_was_slower_reads_it_on_a_plain_page_too(ana, bo, workshop):
    seen = {"seen": workshop.state_seq, "was": "lobby"}
    does(ana, "phase", script=False, to="collect", **seen)
    went = does(bo, "phase", script=False, to="collect", **seen)
    assert went.status_code == 303
    assert "Somebody was faster: the phase is “Collect” now." in bo.get(went.location).text


def test_nobody_else_drives(client, workshop, city, cities, make_user, make_moderator, signed_in):
    mara = make_user("Mara")
    join(workshop, mara)
    acts = (
        ("opening", {}),
        ("phase", {"to": "collect"}),
        ("timer", {"act": "start", "minutes": "5"}),
        ("shows", {"mode": "blank"}),
        ("spotlight", {"idea": ""}),
        ("code", {}),
    )
    for who in (signed_in(mara), signed_in(make_moderator(cities["berlin"], "Omar"))):
        assert who.get("/rotterdam/remote").status_code == 404
        assert [does(who, act, **fields).status_code for act, fields in acts] == [404] * 6
    assert [does(client, act, **fields).status_code for act, fields in acts] == [401] * 6
    assert client.get("/rotterdam/workshops/1/room.json").status_code == 303
    assert signed_in(make_user("Stan")).get("/rotterdam/workshops/1/room.json").status_code == 404
    assert signed_in(mara).get("/rotterdam/workshops/3/room.json").status_code == 404


def test_all_devices_are_told_one_time(client, clock):
    answer = client.get("/clock")
    assert answer.get_json() == {"now": int(clock.now().timestamp() * 1000)}
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_remote_costs_the_same_whatever_the_board_holds(ana, workshop, city, make_user):
    ines = make_user("Ines")
    go_to(workshop, "collect")

    def cost() -> int:
        with statements() as sent:
            assert ana.get(REMOTE).status_code == 200
        return len(sent)

    for number in range(6):
        post(city, ines, f"Idea number {number}")
    few = cost()
    for number in range(30):
        post(city, ines, f"Another idea, number {number}")
    assert cost() == few <= 32
