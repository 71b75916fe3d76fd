"""The socket's doors: whose pages may listen, what they may ask for, and when they are shown out."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from app.accounts.actions import change_password, end_all_sessions
from app.accounts.actions.erasing import erase
from app.core import clock
from app.core.unit_of_work import unit_of_work
from app.live import gathered
from app.live.topics import watchers
from tests.boards import post
from tests.clients import NAMESPACE
from tests.conftest import PASSWORD

GARBAGE: list[Any] = [
    None,
    True,
    17,
    1.5,
    "rotterdam",
    "",
    [],
    ["rotterdam", "en"],
    {},
    {"city": "rotterdam"},
    {"language": "en"},
    {"city": None, "language": "en"},
    {"city": 4, "language": "en"},
    {"city": ["rotterdam"], "language": "en"},
    {"city": {"slug": "rotterdam"}, "language": "en"},
    {"city": "atlantis", "language": "en"},
    {"city": "Rotterdam", "language": "en"},
    {"city": "rotterdam' OR '1'='1", "language": "en"},
    {"city": "rotterdam\x00", "language": "en"},
    {"city": "\ud800", "language": "en"},
    {"city": "鹿特丹", "language": "en"},
    {"city": "r" * 4000, "language": "en"},
    {"city": "rotterdam", "language": "tlh"},
    {"city": "rotterdam", "language": None},
    {"city": "rotterdam", "language": ["en"]},
    {"city": "rotterdam", "language": {"en": 1}},
    {"city": "rotterdam", "language": "en", "idea": "1"},
    {"city": "rotterdam", "language": "en", "idea": True},
    {"city": "rotterdam", "language": "en", "idea": 0},
    {"city": "rotterdam", "language": "en", "idea": -1},
    {"city": "rotterdam", "language": "en", "idea": 1.0},
    {"city": "rotterdam", "language": "en", "idea": 2**31},
    {"city": "rotterdam", "language": "en", "idea": 10**30},
    {"city": "rotterdam", "language": "en", "idea": [1]},
    {"city": "rotterdam", "language": "en", "idea": {"id": 1}},
    {"city": "rotterdam", "language": "en", "idea": 424242},
]


def until(condition: Callable[[], bool], seconds: float = 4.0) -> bool:
    """Whether `condition` came true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


# whose pages -----------------------------------------------------------------------------------------


FOREIGN = [
    None,
    "",
    "null",
    "https://evil.example",
    "https://localhost",
    "http://localhost:81",
    "http://localhost.evil.example",
    "http://evil.example#http://localhost",
    "http://localhost/",
    "HTTP://LOCALHOST",
]


def test_a_page_of_another_origin_is_not_let_in(socket):
    for origin in FOREIGN:
        assert not socket(origin=origin).is_open, origin


def test_our_own_page_is_let_in(socket):
    assert socket(origin="http://localhost").is_open


@pytest.mark.settings(public_url="https://cities.example")
def test_behind_a_proxy_the_public_address_is_our_own(socket):
    assert socket(origin="https://cities.example").is_open
    assert not socket(origin="http://cities.example").is_open
    assert not socket(origin="https://cities.example.evil.example").is_open


# what they may ask for -------------------------------------------------------------------------------


def test_whatever_is_asked_that_makes_no_sense_is_refused_and_the_socket_goes_on(
    socket, city, make_user, settle
):
    page = socket()
    for asked in GARBAGE:
        answer = page.emit("watch", asked, namespace=NAMESPACE, callback=True)
        assert answer == {"ok": False}, asked
        assert page.is_open
    assert watchers.on_city(city.id) == 0
    assert page.watch("rotterdam")["ok"]
    post(city, make_user("Mara"))
    settle()
    assert len(page.heard("change")) == 1


def test_watch_without_a_word_and_with_too_many_is_refused(socket):
    page = socket()
    assert page.emit("watch", namespace=NAMESPACE, callback=True) == {"ok": False}
    one, two = {"city": "rotterdam", "language": "en"}, {"city": "berlin", "language": "en"}
    assert page.emit("watch", one, two, namespace=NAMESPACE, callback=True)["ok"] in (True, False)
    assert page.is_open


def test_a_refused_watch_leaves_what_was_watched_before(socket, city, make_user, settle):
    page = socket()
    page.watch("rotterdam")
    assert page.watch("atlantis") == {"ok": False}
    post(city, make_user("Mara"))
    settle()
    assert page.heard("change") == []


@pytest.mark.parametrize(
    "event", ["change", "counts", "mine", "join", "post_idea", "upvote", "connect_error", "__init__"]
)
def test_a_page_cannot_say_anything_else(socket, city, make_user, settle, event):
    loud, quiet = socket(), socket()
    quiet.watch("rotterdam")
    settle()
    quiet.heard()
    loud.emit(event, {"city": "rotterdam", "idea": 1, "room": f"board:{city.id}:en"}, namespace=NAMESPACE)
    settle()
    assert [name for name, _ in quiet.heard() if name != "watching"] == []
    assert loud.is_open


def test_only_the_live_namespace_is_there(app):
    from app.core.extensions import socketio

    assert set(socketio.server.namespace_handlers) == {"/live"}


# shown out -------------------------------------------------------------------------------------------


def test_sign_out_closes_the_sockets_of_that_browser_and_no_other(socket, signed_in, make_user, settle, city):
    mara, tom = make_user("Mara"), make_user("Tom")
    laptop, phone = signed_in(mara), signed_in(mara)
    tab, other_tab, on_phone, toms = (
        socket(client=laptop),
        socket(client=laptop),
        socket(client=phone),
        socket(tom),
    )
    tab.watch("rotterdam")
    assert laptop.post_form("/sign-out").status_code == 303
    assert until(lambda: not tab.is_open and not other_tab.is_open)
    assert on_phone.is_open and toms.is_open
    assert until(lambda: watchers.on_city(city.id) == 0)


def test_a_deleted_account_closes_every_socket_of_its_owner(socket, signed_in, make_user):
    mara, tom = make_user("Mara"), make_user("Tom")
    pages = [socket(mara), socket(mara)]
    toms = socket(tom)
    erase(mara, clock.now())
    assert until(lambda: not any(page.is_open for page in pages))
    assert toms.is_open


def test_a_new_password_closes_the_sockets_of_all_other_devices(socket, signed_in, make_user):
    mara = make_user("Mara")
    laptop = signed_in(mara)
    this_session = mara.session_id
    on_laptop, on_lost_phone = socket(client=laptop), socket(mara)
    change_password(mara, PASSWORD, "nine ferries to the north", clock.now(), session_id=this_session)
    assert until(lambda: not on_lost_phone.is_open)
    assert on_laptop.is_open


def test_signing_out_everywhere_that_is_rolled_back_closes_nothing(socket, make_user, settle):
    mara = make_user("Mara")
    page = socket(mara)
    with pytest.raises(RuntimeError), unit_of_work():
        end_all_sessions(mara)
        raise RuntimeError("not after all")
    settle()
    time.sleep(0.15)
    assert page.is_open


def test_a_copied_cookie_of_an_ended_session_hears_nothing_of_its_former_owner(
    socket, signed_in, make_user, city, settle
):
    from app.ideas.actions.upvoting import upvote

    mara, tom = make_user("Mara"), make_user("Tom")
    client = signed_in(mara)
    end_all_sessions(mara)
    page = socket(client=client)
    idea = post(city, tom)
    upvote(idea, by=mara, at=clock.now())
    settle()
    assert page.heard("mine") == []


# how many watch --------------------------------------------------------------------------------------


def test_everyone_learns_how_many_watch(socket, city, make_user):
    first, second = socket(), socket()
    idea = post(city, make_user("Mara"))
    assert first.watch("rotterdam")["watching"] == 1
    assert second.watch("rotterdam", idea=idea.id)["watching"] == 2
    assert until(lambda: {"city": "rotterdam", "watching": 2} in first.heard("watching"))
    second.disconnect(namespace=NAMESPACE)
    assert until(lambda: {"city": "rotterdam", "watching": 1} in first.heard("watching"))
    assert watchers.on_city(city.id) == 1


def test_a_page_that_asks_twice_is_counted_once(socket, city):
    page = socket()
    page.watch("rotterdam")
    assert page.watch("rotterdam")["watching"] == 1
    page.watch("berlin")
    assert watchers.on_city(city.id) == 0


def test_many_who_come_at_once_are_told_of_in_few_messages(socket, city, monkeypatch):
    first = socket()
    first.watch("rotterdam")
    began = time.monotonic()
    for _ in range(15):
        socket().watch("rotterdam")
    seen: list[dict[str, Any]] = []

    def all_are_counted() -> bool:
        seen.extend(first.heard("watching"))
        return bool(seen) and seen[-1]["watching"] == 16

    assert until(all_are_counted)
    assert len(seen) <= (time.monotonic() - began) / gathered.WATCHING_EVERY_SECONDS + 2


def test_when_everyone_has_gone_nothing_is_remembered(socket, city, make_user):
    pages = [socket() for _ in range(3)]
    idea = post(city, make_user("Mara"))
    for page in pages:
        page.watch("rotterdam", idea=idea.id)
    for page in pages:
        page.disconnect(namespace=NAMESPACE)
    assert watchers.cities() == {}
    assert not watchers.anybody_in(f"idea:{idea.id}:en")


def test_who_signs_out_while_the_socket_opens_is_not_let_in(make_user, signed_in, socket, monkeypatch):
    mara = make_user("Mara")
    browser, known = signed_in(mara), watchers.connected

    def signs_out_just_before(sid: str, session_id: int | None, user_id: int | None) -> None:
        end_all_sessions(mara)
        known(sid, session_id, user_id)

    monkeypatch.setattr(watchers, "connected", signs_out_just_before)
    assert not socket(client=browser).is_open
