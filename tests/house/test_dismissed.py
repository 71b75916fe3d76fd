"""Who is dismissed as a moderator sees nothing more of the queue, from that moment on."""

from __future__ import annotations

import time

import pytest

from app.cities.actions.moderating import appoint, dismiss
from app.core import clock
from app.ideas.actions.posting import post_idea
from tests.boards import draft, post, put_in_state
from tests.house.waiting import WITHIN, seconds_until


@pytest.fixture
def ana(city, make_moderator):
    return make_moderator(city, "Ana")


@pytest.fixture
def anas(ana, signed_in):
    return signed_in(ana)


def test_the_queues_socket_closes_within_two_seconds_and_opens_no_more(
    city, ana, anas, socket, make_user, settle
):
    page = socket(client=anas)
    assert page.watch("rotterdam", queue=True)["ok"]
    dismissed_at = time.monotonic()
    dismiss(city, ana)
    assert seconds_until(lambda: not page.is_open, since=dismissed_at) < WITHIN
    again = socket(client=anas)
    assert again.watch("rotterdam", queue=True) == {"ok": False}
    post_idea(city, draft("Something new that waits"), by=make_user("Mara"), at=clock.now())
    settle()
    assert page.heard("queue") == again.heard("queue") == []
    assert again.watch("rotterdam")["ok"], "the board is everybody's"


def test_nothing_of_moderation_is_there_any_more(city, ana, anas, make_user):
    idea = post(city, make_user("Mara"), "What was hidden")
    put_in_state(idea, "hidden")
    item = anas.get_json("/rotterdam/moderate/items?since=0")["rows"][0]["id"]
    before = [
        "/rotterdam/moderate",
        "/rotterdam/moderate/items?since=0",
        f"/rotterdam/moderate/items?ids={item}",
    ]
    before += [f"/ideas/{idea.id}/{page}" for page in ("moderate", "merge", "tags", "answer")]
    before += [f"/rotterdam/ideas/{idea.id}-what-was-hidden", f"/rotterdam/people/{idea.author_id}"]
    assert [anas.get(path).status_code for path in before] == [200] * len(before)
    dismiss(city, ana)
    assert [anas.get(path).status_code for path in before] == [404] * len(before)
    assert anas.post_form(f"/ideas/{idea.id}/acts", {"act": "restore"}).status_code == 404
    home = anas.get("/rotterdam").text
    assert "/rotterdam/moderate" not in home


def test_of_two_boards_only_one_is_taken(city, cities, ana, anas, socket):
    appoint(cities["berlin"], ana, clock.now())
    dismiss(city, ana)
    page = socket(client=anas)
    assert page.watch("berlin", queue=True)["ok"]
    assert not page.watch("rotterdam", queue=True)["ok"]


def test_an_organiser_is_not_shut_out_by_a_dismissal(city, make_user, signed_in):
    olga = make_user("Olga", organiser=True)
    appoint(city, olga, clock.now())
    dismiss(city, olga)
    assert signed_in(olga).get("/rotterdam/moderate").status_code == 200
