"""Who is banned is out at once and everywhere, until the end of the ban; what they said stays. And who may ban whom."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import socketio as sockets
from argon2 import PasswordHasher

from app.accounts import passwords
from app.accounts.actions.links import make_link
from app.accounts.actions.sessions import start_session
from app.accounts.models import User
from app.cities.access import city_named
from app.cities.actions.moderating import appoint
from app.core import clock
from app.core.extensions import db
from app.factory import create_app
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Idea
from app.moderation.actions.banning import ban
from tests.boards import post, say
from tests.clients import apart
from tests.conftest import PASSWORD, add_person
from tests.house.waiting import WITHIN, seconds_until
from tests.pages import page_of

SENTENCE = "Zqsentence: insulted three people"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def mara(make_user, city):
    """She has posted in Rotterdam."""
    user = make_user("Mara", email="mara@example.org")
    post(city, user, "A ferry at night")
    return user


@pytest.fixture
def anas(city, make_moderator, signed_in):
    """The browser of Ana, who moderates Rotterdam."""
    return signed_in(make_moderator(city, "Ana"))


def ban_form(days: int = 7) -> dict[str, str]:
    day = (clock.now() + timedelta(days=days)).date().isoformat()
    return {"act": "ban", "until": day, "reason": "1", "sentence": SENTENCE}


def bans(client, user, days: int = 7, city: str = "rotterdam") -> int:
    return client.post_form(f"/{city}/people/{user.id}/acts", ban_form(days)).status_code


def sign_in(client, password: str = PASSWORD):
    return client.post_form("/sign-in", {"email": "mara@example.org", "password": password})


def is_signed_in(client) -> bool:
    return client.get("/me").status_code == 200


# out, at once and everywhere --------------------------------------------------------------------------


def test_every_browser_and_every_socket_ends_within_two_seconds(mara, anas, signed_in, socket, make_user):
    laptop, phone, toms = signed_in(mara), signed_in(mara), socket(make_user("Tom"))
    pages = [socket(client=laptop), socket(client=phone), socket(client=phone)]
    for page, watched in zip(pages, ({}, {}, {"language": "zh"}), strict=True):
        page.watch("rotterdam", **watched)
    asked_at = time.monotonic()
    assert bans(anas, mara) == 303
    assert seconds_until(lambda: not any(page.is_open for page in pages), since=asked_at) < WITHIN
    assert toms.is_open
    assert not is_signed_in(laptop) and not is_signed_in(phone)


def test_a_copied_cookie_opens_no_page_and_hears_nothing_of_its_former_owner(
    mara, anas, signed_in, socket, make_user, settle
):
    copied = signed_in(mara)
    bans(anas, mara)
    page = socket(client=copied)
    say(db.session.query(Idea).one(), make_user("Tom"), "Somebody comments on her idea")
    settle()
    assert page.heard("notices") == []
    assert copied.send("PUT", "/ideas/1/upvote").status_code == 303
    assert copied.get("/me/data.json").status_code == 303


def test_a_ban_from_another_process_reaches_open_sockets_too(serve):
    """As an organiser's command does: nobody tells the server, it has to look."""
    board = serve()
    app = create_app(board.settings)
    user_id, cookie = apart(_somebody_with_a_cookie, app)
    page = sockets.Client(reconnection=False)
    gone: list[float] = []
    page.on("disconnect", lambda *_reason: gone.append(time.monotonic()), namespace="/live")
    page.connect(
        board.url,
        headers={"Cookie": f"session={cookie}"},
        transports=["websocket"],
        namespaces=["/live"],
        wait_timeout=10,
    )
    try:
        assert page.call("watch", {"city": "rotterdam", "language": "en"}, namespace="/live")["ok"]
        apart(_ban_somebody, app, user_id)
        banned_at = time.monotonic()
        assert (
            seconds_until(lambda: bool(gone), since=banned_at) < WITHIN + 1
        )  # of two processes on a busy machine
    finally:
        page.disconnect()


def _somebody_with_a_cookie(app) -> tuple[int, str]:
    with app.app_context():
        user = add_person("Mara")
        token = start_session(user, clock.now())
        serializer = app.session_interface.get_signing_serializer(app)
        return user.id, serializer.dumps({"_user_id": token, "_fresh": True, "_permanent": True})


def _ban_somebody(app, user_id: int) -> None:
    with app.app_context():
        user, at = db.session.get_one(User, user_id), clock.now()
        ban(
            user, city_named("rotterdam"), until=at + timedelta(days=7), because=1, sentence="", by=None, at=at
        )  # fmt: skip


# the way back -----------------------------------------------------------------------------------------


def test_signing_in_is_refused_with_the_end_of_the_ban_and_works_again_after_it(mara, anas, client, clock):
    bans(anas, mara, days=7)
    refused = sign_in(client)
    words = page_of(refused).words
    assert refused.status_code == 403
    assert "is banned until" in words and "21 September 2026" in words
    assert "Zqsentence" not in refused.text
    assert not is_signed_in(client)
    clock.advance(8 * 24 * 3600)
    assert sign_in(client).status_code == 303
    assert is_signed_in(client)
    idea = {"kind": "challenge", "title": "Ferries by day as well", "text": "", "themes": ["1"]}
    assert client.post_form("/rotterdam/ideas", idea).location.startswith("/rotterdam/ideas/")


def test_who_does_not_know_the_password_does_not_learn_of_the_ban(mara, anas, app):
    before = sign_in(app.test_client(), "not her password")
    bans(anas, mara)
    after = sign_in(app.test_client(), "not her password")
    assert after.status_code == before.status_code == 422
    assert "banned" not in after.text


def test_a_new_password_is_no_way_around_a_ban(mara, anas, client):
    link = make_link("reset", clock.now(), user_id=mara.id)
    bans(anas, mara)
    client.post_form(f"/reset-password/{link}", {"password": "nine ferries to the north"})
    assert not is_signed_in(client)
    assert sign_in(client, "nine ferries to the north").status_code == 403


def test_a_session_from_before_the_ban_stays_dead_after_it(mara, anas, signed_in, clock):
    copied = signed_in(mara)
    bans(anas, mara, days=1)
    clock.advance(9 * 24 * 3600)
    assert not is_signed_in(copied)


# what others learn, and what stays --------------------------------------------------------------------


def test_the_reason_goes_to_the_banned_person_and_the_log_names_nobody(mara, anas, letters, client):
    bans(anas, mara)
    told = [letter for letter in letters() if "Zqsentence" in letter.get_content()]
    assert [letter["To"] for letter in told] == ["mara@example.org"]
    for path in ("/rotterdam/log", "/rotterdam/log.csv"):
        line = client.get(path).text
        assert "banned until" in line and "Mara" not in line and "mara@" not in line
        assert f"people/{mara.id}" not in line


def test_what_somebody_said_stays_and_their_upvotes_count(mara, anas, city, make_user, client):
    toms = post(city, make_user("Tom"), "Trams wait for cars")
    say(toms, mara, "They do at Blaak")
    upvote(toms, by=mara, at=clock.now())
    bans(anas, mara)
    assert "A ferry at night" in client.get("/rotterdam").text
    page = client.get(f"/rotterdam/ideas/{toms.id}-trams-wait-for-cars").text
    assert "They do at Blaak" in page and "Mara" in page
    db.session.refresh(toms)
    assert (toms.upvote_count, toms.comment_count) == (1, 1)


# who may ban whom -------------------------------------------------------------------------------------


def test_a_moderator_bans_neither_organisers_nor_moderators_nor_themselves(
    anas, city, cities, make_user, make_moderator
):
    ana = db.session.query(User).filter_by(name="Ana").one()
    organiser = make_user("Olga", organiser=True)
    colleague, elsewhere = make_moderator(city, "Ben"), make_moderator(cities["berlin"], "Cem")
    for person in (ana, organiser, colleague, elsewhere):
        post(city, person, "An idea of their own")
        assert bans(anas, person) == 403, person.name
        db.session.refresh(person)
        assert person.banned_until is None


def test_nobody_bans_who_takes_no_part_on_their_board(mara, anas, cities, make_user, signed_in):
    jonas = make_user("Jonas")
    post(cities["berlin"], jonas, "An idea of Berlin")
    assert bans(anas, jonas) == 404
    assert bans(anas, jonas, city="berlin") == 404
    assert bans(signed_in(jonas), mara) == 404


def test_an_organiser_bans_a_moderator_but_no_organiser(city, make_user, make_moderator, signed_in):
    olgas = signed_in(make_user("Olga", organiser=True))
    ben, otto = make_moderator(city, "Ben"), make_user("Otto", organiser=True)
    for person, expected in ((ben, 303), (otto, 403)):
        post(city, person, "An idea of their own")
        assert bans(olgas, person) == expected, person.name


@pytest.mark.parametrize(("days", "expected"), [(-2, 422), (400, 422), (364, 303)])
def test_a_ban_ends_within_a_year(mara, anas, days, expected):
    assert bans(anas, mara, days=days) == expected


def test_a_lifted_ban_lets_somebody_in_again_at_once(mara, anas, client):
    bans(anas, mara)
    anas.post_form(f"/rotterdam/people/{mara.id}/acts", {"act": "lift_ban"})
    assert sign_in(client).status_code == 303


def test_a_banned_moderator_curates_nothing(city, make_moderator, make_user, signed_in, socket):
    ben = make_moderator(city, "Ben")
    bens = signed_in(ben)
    queue = socket(client=bens)
    assert queue.watch("rotterdam", queue=True)["ok"]
    post(city, ben, "An idea of their own")
    asked_at = time.monotonic()
    bans(signed_in(make_user("Olga", organiser=True)), ben)
    assert seconds_until(lambda: not queue.is_open, since=asked_at) < WITHIN
    assert bens.get("/rotterdam/moderate/items?since=0").status_code == 303
    assert not socket(client=bens).watch("rotterdam", queue=True)["ok"]
    assert appoint(city, ben, clock.now()) is False, "the appointment itself stands, for after the ban"
