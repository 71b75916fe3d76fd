"""Screens over HTTP: a link that can be revoked, a code on a TV, every mode, and never a count before its reveal."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.cities.models import Attendance, City, Workshop
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.upvoting import upvote
from app.workshops.actions.driving import move_on, open_workshop, show, spotlight
from app.workshops.actions.screening import make_screen, set_mode
from app.workshops.actions.timing import start_timer
from app.workshops.models import MODES, Pairing, Screen
from app.workshops.routes import showing
from tests.boards import post, put_in_state, say, statements
from tests.clients import NAMESPACE, Client

TOKEN = re.compile(r"/screen/([\w-]{43})")
CODE = re.compile(r'id="code" aria-label="([A-Z2-9 ]+)"')


@pytest.fixture
def ana(make_moderator: Callable[..., User], city: City) -> User:
    """Moderates Rotterdam."""
    return make_moderator(city, "Ana")


@pytest.fixture
def workshop(city: City, ana: User, clock: Any) -> Workshop:
    """Rotterdam's first workshop, opened: the lobby."""
    found = city.workshops[0]
    open_workshop(found, by=ana, at=clock.now())
    return found


@pytest.fixture
def screen(city: City, ana: User, workshop: Workshop, clock: Any) -> tuple[Screen, str]:
    """A screen of the workshop that follows the remote, and its token."""
    return make_screen(city, name="Stage", by=ana, at=clock.now(), workshop=workshop)


def state(client: Client, token: str, language: str = "en", *, later: bool = True) -> dict[str, Any]:
    """What the screen fetches; `later`, when nothing that was drawn before is kept any more."""
    if later and "kept_stages" in client.application.extensions:
        client.application.extensions["kept_stages"].contents.clear()
    found: dict[str, Any] = client.get_json(f"/screen/{token}/state.json?language={language}")
    return found


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# links ------------------------------------------------------------------------------------------------


def test_a_link_is_shown_once_and_kept_as_a_hash(signed_in, ana, city, client, clock):
    made = signed_in(ana).post_form("/rotterdam/screens", {"name": "Foyer"})
    assert made.status_code == 200 and made.headers["Cache-Control"] == "no-store"
    [token] = TOKEN.findall(made.get_data(as_text=True))
    row = db.session.scalars(select(Screen)).one()
    assert row.name == "Foyer" and row.token_hash == sha256(token.encode()).hexdigest()
    assert token not in signed_in(ana).get("/rotterdam/screens").get_data(as_text=True)
    page = client.get(f"/screen/{token}")
    assert page.status_code == 200 and "Rotterdam" in page.get_data(as_text=True)


def test_a_script_is_told_the_link(signed_in, ana, city, clock):
    headers = {"Accept": "application/json"}
    answer = signed_in(ana).post_form("/rotterdam/screens", {"name": ""}, headers=headers).get_json()
    assert answer["name"] == "Screen 1" and TOKEN.search(answer["url"])


@pytest.mark.parametrize("path", ["", "/state.json", "/plain"])
def test_nobody_keeps_indexes_frames_or_passes_on_a_screen(client, screen, path):
    headers = client.get(f"/screen/{screen[1]}{path}").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_an_unknown_link_shows_nothing(client, app):
    for path in ("", "/plain"):
        answer = client.get("/screen/guessed" + path)
        assert answer.status_code == 404 and 'class="gone"' in answer.get_data(as_text=True)
    assert client.get("/screen/guessed/state.json").status_code == 404


def test_a_revoked_screen_shows_nothing_and_its_socket_is_closed(
    client, socket, signed_in, ana, screen, settle
):
    made, token = screen
    page = socket()
    asked = page.emit("watch", {"screen": token}, namespace=NAMESPACE, callback=True)
    assert asked["ok"] is True
    signed_in(ana).post_form(f"/rotterdam/screens/{made.id}/revocation")
    settle()
    assert page.heard("screen") == [{"revoked": True}]
    assert not page.is_open
    assert client.get(f"/screen/{token}").status_code == 404
    assert client.get(f"/screen/{token}/plain").status_code == 404
    gone = client.get(f"/screen/{token}/state.json")
    assert gone.status_code == 410 and gone.get_json() == {"revoked": True}
    assert socket().emit("watch", {"screen": token}, namespace=NAMESPACE, callback=True) == {"ok": False}


@pytest.mark.parametrize(
    "path", ["", "/pairing", "/{id}/mode", "/{id}/revocation"], ids=["make", "pair", "mode", "revoke"]
)
def test_only_the_citys_moderators_drive_its_screens(
    client, signed_in, make_user, make_moderator, cities, screen, path
):
    url = f"/rotterdam/screens{path.format(id=screen[0].id)}"
    assert client.post_form(url).headers["Location"].startswith("/sign-in")
    assert signed_in(make_user("Mara")).post_form(url).status_code == 404
    assert signed_in(make_moderator(cities["berlin"], "Bo")).post_form(url).status_code == 404
    elsewhere = url.replace("rotterdam", "berlin")
    if path.startswith("/{"):
        assert signed_in(make_moderator(cities["berlin"], "Bo")).post_form(elsewhere).status_code == 404


# pairing ----------------------------------------------------------------------------------------------


def tv(client: Client) -> tuple[str, str]:
    """A TV that opens `/screen/`: its code, and the address it is at then."""
    at = client.get("/screen/").headers["Location"]
    [code] = CODE.findall(client.get(at).get_data(as_text=True))
    return code.replace(" ", ""), at


def test_a_tv_shows_a_code_and_becomes_the_screen_of_who_types_it(client, signed_in, ana, workshop, app):
    code, at = tv(client)
    asks = at.replace("/screen/?", "/screen/pairing.json?")
    assert client.get_json(asks) == {"state": "waiting"}
    typed = f" {code[:3].lower()} {code[3:]} "
    answer = signed_in(ana).post_form("/rotterdam/screens/pairing", {"code": typed, "workshop": "1"})
    assert answer.status_code == 303
    assert client.get_json(asks) == {"state": "paired"}
    screen = client.get(at).headers["Location"]
    assert client.get(screen).status_code == 200
    assert db.session.scalars(select(Pairing)).all() == []
    made = db.session.scalars(select(Screen)).one()
    assert (made.workshop_id, made.mode) == (workshop.id, "follow")


def test_the_code_alone_leads_nowhere(app, signed_in, ana, client):
    code, _at = tv(client)
    signed_in(ana).post_form("/rotterdam/screens/pairing", {"code": code})
    other = app.test_client()
    assert "/screen/?tv=" in other.get(f"/screen/?tv={code}").headers["Location"]
    assert other.get_json(f"/screen/pairing.json?tv={code}") == {"state": "over"}


def test_a_code_pairs_one_screen_only(signed_in, ana, client):
    code, _at = tv(client)
    moderator = signed_in(ana)
    assert moderator.post_form("/rotterdam/screens/pairing", {"code": code}).status_code == 303
    again = moderator.post_form("/rotterdam/screens/pairing", {"code": code})
    assert again.status_code == 422 and "No TV shows this code" in again.get_data(as_text=True)
    assert f'value="{code}"' in again.get_data(as_text=True)


def test_a_code_lives_ten_minutes_and_the_tv_then_shows_another(signed_in, ana, client, clock):
    code, at = tv(client)
    clock.advance(601)
    assert signed_in(ana).post_form("/rotterdam/screens/pairing", {"code": code}).status_code == 422
    assert client.get_json(at.replace("/screen/?", "/screen/pairing.json?")) == {"state": "over"}
    assert client.get(at).status_code == 303
    fresh, _at = tv(client)
    assert fresh != code
    assert code not in {pairing.code for pairing in db.session.scalars(select(Pairing))}


def test_a_tv_that_is_switched_off_and_on_shows_the_same_code(client):
    code, at = tv(client)
    assert code in client.get(at).get_data(as_text=True).replace(" ", "")


@pytest.mark.settings(rate_limits=True)
def test_one_address_gets_so_many_codes(client):
    answers = [client.get("/screen/") for _time in range(31)]
    assert [answer.status_code for answer in answers] == [303] * 30 + [429]
    assert "try again" in answers[-1].get_data(as_text=True)


# modes ------------------------------------------------------------------------------------------------


@pytest.fixture
def board(city: City, ana: User, workshop: Workshop, make_user: Callable[..., User], clock: Any) -> list[Any]:
    """Nine ideas, comments on the first, which is in the spotlight; upvotes of students and residents."""
    mara, tom = make_user("Mara", "student"), make_user("Tom", "resident")
    ideas = [post(city, mara, f"Idea number {number}", at=clock.advance(1)) for number in range(1, 10)]
    move_on(workshop, "collect", by=ana, at=clock.now())
    upvote(ideas[2], by=tom, at=clock.now())
    upvote(ideas[2], by=make_user("Sam", "student"), at=clock.now())
    upvote(ideas[5], by=make_user("Kim", "student"), at=clock.now())
    say(ideas[0], tom, "I would ride there every day.", stance="support")
    say(ideas[0], tom, "Who pays for it?", stance="concern")
    spotlight(workshop, ideas[0], by=ana)
    with unit_of_work():
        workshop.question, workshop.agenda = "What moves us in 2030?", "13:00 Welcome\n15:00 The vote"
    start_timer(workshop, 12, by=ana, at=clock.now())
    return ideas


SHOWS = {
    "join": ["Join in", "localhost/join", "people have joined"],
    "wall": ["Idea number 9", "Idea number 1", "9 ideas, newest first"],
    "top": ["Idea number 3", "Top 7 of 9"],
    "spotlight": ["Idea number 1", "Support", "I would ride there", "Concern", "Who pays", "Resident"],
    "contrast": ["Student", "Resident", "Both", "Idea number 3", "Idea number 6"],
    "themes": ["Who speaks of what", "Congestion", "Student", "9"],
    "timer": ["Collect", "12:00", "Post your ideas"],
    "agenda": ["Where we are", "Collect now", "13:00 Welcome", "15:00 The vote"],
    "blank": [],
    "thanks": ["Thank you", "Idea number 3", "localhost/ rotterdam/ workshops/ 1/ result"],
}


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_says_what_it_is_for_also_on_an_old_tv(client, ana, screen, board, mode):
    made, token = screen
    set_mode(made, mode, by=ana)
    found = state(client, token)
    assert found["mode"] == mode
    plain = client.get(f"/screen/{token}/plain?language=en").get_data(as_text=True)
    assert re.search(r'<meta http-equiv="refresh" content="10[";]', plain)
    page = client.get(f"/screen/{token}?language=en").get_data(as_text=True)
    for part in SHOWS[mode]:
        assert part in text(found["html"]), text(found["html"])
        assert part in text(page)
        if part != "Idea number 1" or mode != "wall":
            assert part in text(plain)
    if mode == "blank":
        assert re.fullmatch(r'<main [^>]+><h1 class="unseen">Rotterdam</h1></main>', found["html"].strip())
    if mode not in ("blank", "thanks"):
        assert workshop_code(found["html"])


def workshop_code(html: str) -> bool:
    return 'class="code"' in html and 'class="qr"' in html


@pytest.mark.parametrize("mode", ["wall", "top"])
def test_an_empty_list_invites_and_counts_nothing(client, ana, screen, mode):
    made, token = screen
    set_mode(made, mode, by=ana)
    said = text(state(client, token)["html"])
    assert "it could be yours" in said
    assert "newest first" not in said and "of 0" not in said


def test_the_spotlight_counts_upvotes_once_there_are_any(client, ana, screen, board, make_user, clock):
    made, token = screen
    set_mode(made, "spotlight", by=ana)
    assert "upvote" not in text(state(client, token)["html"])
    upvote(board[0], by=make_user("Lea"), at=clock.now())
    assert "1 upvote" in text(state(client, token)["html"])


def test_the_wall_of_an_old_tv_turns_its_pages(client, ana, screen, board):
    made, token = screen
    set_mode(made, "wall", by=ana)
    first = client.get(f"/screen/{token}/plain?language=en").get_data(as_text=True)
    assert first.count('class="stop"') == 7 and "page=2" in first
    second = client.get(f"/screen/{token}/plain?page=2&language=en").get_data(as_text=True)
    assert second.count('class="stop"') == 2 and "page=1" in second and "Idea number 1" in second


def test_a_screen_follows_the_remote_or_has_a_mode_of_its_own(client, signed_in, ana, screen, workshop):
    made, token = screen
    assert state(client, token)["mode"] == "join"
    show(workshop, "agenda", by=ana)
    assert state(client, token)["mode"] == "agenda"
    signed_in(ana).post_form(f"/rotterdam/screens/{made.id}/mode", {"mode": "timer"})
    show(workshop, "blank", by=ana)
    assert state(client, token)["mode"] == "timer"
    refused = signed_in(ana).post_form(f"/rotterdam/screens/{made.id}/mode", {"mode": "film"})
    assert refused.status_code == 422


def test_a_screen_of_the_morning_goes_on_with_the_afternoon(client, ana, city, screen, workshop, clock):
    _made, token = screen
    for phase in ("collect", "discuss", "vote", "reveal", "closed"):
        move_on(workshop, phase, by=ana, at=clock.now())
    closed = state(client, token)
    assert (closed["mode"], closed["workshop"]) == ("thanks", workshop.id)
    open_workshop(city.workshops[1], by=ana, at=clock.now())
    going_on = state(client, token)
    assert (going_on["mode"], going_on["workshop"]) == ("join", city.workshops[1].id)


def test_a_screen_speaks_the_citys_language_unless_its_address_asks_for_another(client, screen):
    _made, token = screen
    assert '<html lang="nl"' in client.get(f"/screen/{token}").get_data(as_text=True)
    assert '<html lang="zh-Hans"' in client.get(f"/screen/{token}?language=zh").get_data(as_text=True)
    assert '<html lang="nl"' in client.get(f"/screen/{token}?language=xx").get_data(as_text=True)


def test_a_hidden_idea_is_on_no_screen(client, ana, screen, board, workshop):
    made, token = screen
    put_in_state(board[0], "hidden")
    put_in_state(board[2], "held")
    for mode in MODES:
        set_mode(made, mode, by=ana)
        said = text(state(client, token)["html"]) + " "
        assert "Idea number 1 " not in said and "Idea number 3 " not in said, mode


def test_a_vote_with_hidden_counts_is_on_no_screen_before_its_reveal(
    client, ana, city, workshop, screen, board, make_user, clock
):
    made, token = screen
    with unit_of_work():
        workshop.hides_counts = True
    for phase in ("discuss", "vote"):
        move_on(workshop, phase, by=ana, at=clock.now())
    start_timer(workshop, 12, by=ana, at=clock.now())

    def shown() -> dict[str, str]:
        found = {}
        for mode in MODES:
            set_mode(made, mode, by=ana)
            html = state(client, token)["html"]
            found[mode] = re.sub(r'<p class="people">.*?</p>', "", html, flags=re.DOTALL)
        return found

    before = shown()
    for name in ("Ada", "Ben", "Cleo"):
        voter = make_user(name, "student")
        clock_at = clock.now()
        join(workshop, voter, clock_at)
        upvote(board[7], by=voter, at=clock_at)
    assert shown() == before
    set_mode(made, "top", by=ana)
    assert "3 / 3" in text(state(client, token)["html"])  # who has voted is no secret, for what is
    move_on(workshop, "reveal", by=ana, at=clock.now())
    assert text(state(client, token)["html"]).index("Idea number 8") < text(
        state(client, token)["html"]
    ).index("Idea number 3")


def join(workshop: Workshop, user: User, at: Any) -> None:
    from_here = {"workshop_id": workshop.id, "user_id": user.id, "joined_at": at}
    with unit_of_work():
        db.session.add(Attendance(**from_here))


# speed ------------------------------------------------------------------------------------------------


OF_OTHERS = 4
"""Queries of the thread that tells the watchers, at most, which fall into the same moment."""


@pytest.mark.parametrize("mode", MODES)
def test_ten_screens_cost_one_and_ideas_cost_nothing(
    client, app, ana, city, workshop, screen, board, make_user, clock, mode, monkeypatch, settle
):
    monkeypatch.setattr(showing, "KEPT_SECONDS", 60)  # a busy machine takes longer than the second
    made, token = screen
    set_mode(made, mode, by=ana)
    state(client, token)  # whatever is only asked at first
    settle()
    with statements() as few:
        state(client, token)
    for number in range(30):
        post(city, make_user(f"Person {number}"), f"Another idea {number}")
    state(client, token)
    settle()
    with statements() as many:
        state(client, token)
    assert len(many) <= len(few) + OF_OTHERS <= 24, "\n".join(many)
    with statements() as again:
        for _screen in range(10):
            state(client, token, later=False)
    assert len(again) <= 10 * 2 + OF_OTHERS, "\n\n".join(again)


def test_what_is_drawn_is_kept_for_a_second_unless_the_board_has_changed(
    client, ana, screen, board, make_user, clock, monkeypatch
):
    monkeypatch.setattr(showing, "KEPT_SECONDS", 60)
    made, token = screen
    set_mode(made, "top", by=ana)
    first = state(client, token, later=False)
    clock.advance(0.5)
    assert state(client, token, later=False)["fresh_at"] == first["fresh_at"]
    post(db.session.get(City, made.city_id), make_user("Noor"), "Something quite new")
    assert state(client, token, later=False)["seq"] == first["seq"] + 1


def test_the_remote_sees_which_screens_are_on(client, signed_in, ana, screen, clock):
    _made, token = screen
    moderator = signed_in(ana)
    assert "never opened yet" in moderator.get("/rotterdam/screens").get_data(as_text=True)
    state(client, token)
    assert '<span class="hint">on' in moderator.get("/rotterdam/screens").get_data(as_text=True)
    clock.advance(600)
    assert "last seen" in moderator.get("/rotterdam/screens").get_data(as_text=True)


def test_the_worker_stands_where_it_may_open_screens(client):
    answer = client.get("/screen/worker.js")
    assert answer.mimetype == "text/javascript"
    [address] = re.findall(r'importScripts\("([^"]+)"\)', answer.get_data(as_text=True))
    assert client.get(address).status_code == 200
