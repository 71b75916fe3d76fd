"""Coming into a workshop with its code: under a minute, without a password, and a whole room behind one address."""

from __future__ import annotations

import re
import time

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from app.accounts import passwords
from app.accounts.models import OneTimeLink, User
from app.cities.actions.editions import make_edition, mark_current
from app.cities.actions.moderating import appoint
from app.cities.models import Attendance, Edition
from app.cities.queries import workshop_of
from app.core import clock as core_clock
from app.core.errors import Invalid
from app.core.extensions import db
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Idea
from app.workshops.actions.driving import renew_code
from tests.boards import at_once, post
from tests.pages import page_of
from tests.rooms import go_to, workshop_in

MARA = {"name": "Mara Visser", "group": "resident", "email": "", "consent": "y"}
A_PASSWORD = "violet tram on a bridge"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def room(city):
    """Workshop 1 of Rotterdam, collecting ideas; nobody needs an e-mail address."""
    return workshop_in(city, "collect", email_is_optional=True)


def door(workshop) -> str:
    return f"/j/{workshop.join_code}"


def people(workshop) -> list[str]:
    return list(
        db.session.scalars(
            select(User.name)
            .join(Attendance, Attendance.user_id == User.id)
            .where(Attendance.workshop_id == workshop.id)
            .order_by(User.id)
        )
    )


def called(name: str) -> User:
    return db.session.scalars(select(User).where(User.name == name)).one()


# --- from the code to the board -----------------------------------------------------------------------------------


def test_mara_scans_says_who_she_is_and_posts(client, room):
    page = page_of(client.get(door(room)))
    asked = [one["name"] for one in page.all("input") if one["type"] not in ("hidden", "radio")]
    assert asked == ["name", "affiliation", "email", "consent"]

    answer = client.post_form(door(room), MARA)

    assert (answer.status_code, answer.location) == (303, "/rotterdam")
    assert people(room) == ["Mara Visser"]
    idea = {"kind": "challenge", "title": "Trams wait for cars", "text": "", "themes": ["1"]}
    assert client.post_form("/rotterdam/ideas", idea).status_code == 303
    assert db.session.scalars(select(Idea)).one().workshop_id == room.id


def test_no_password_is_asked_in_the_room(client, room):
    assert page_of(client.get(door(room))).all("input", type="password") == []


@pytest.mark.parametrize("apart", [(), (0, 6), (2, 4), (1, 3, 5)])
@pytest.mark.parametrize("by", [" ", "-"])
def test_a_typed_code_may_have_any_case_and_spaces(client, room, apart, by):
    typed = "".join(
        by * (place in apart) + letter for place, letter in enumerate(f"{room.join_code} ")
    ).lower()

    assert client.get("/join", query_string={"code": typed}).location == door(room)


def test_the_page_for_the_code_says_where_to_find_it(client):
    assert "from the screen in the room" in client.get("/join").text


def test_somebody_signed_in_joins_with_one_tap(room, make_user, signed_in):
    ben = make_user("Ben")
    phone = signed_in(ben)
    page = page_of(phone.get(door(room)))
    assert "Join as Ben" in page.words and page.all("input", name="name") == []

    assert phone.post_form(door(room)).location == "/rotterdam"

    assert workshop_of(ben.id, room.city_id, core_clock.now()).id == room.id
    assert phone.get(door(room)).location == "/rotterdam"  # scanned again


def test_somebody_of_both_workshops_is_in_the_one_they_joined_last(city, room, make_user, signed_in, clock):
    ben, second = make_user("Ben"), workshop_in(city, "collect", number=2)
    phone = signed_in(ben)
    for workshop in (room, second, room):
        clock.advance(60)
        phone.post_form(door(workshop))

    assert workshop_of(ben.id, city.id, core_clock.now()).id == room.id
    assert len(people(room)) == 1


def test_an_expert_says_for_whom_they_work(client, room):
    refused = client.post_form(door(room), {**MARA, "group": "company"})
    assert refused.status_code == 422 and "Enter your affiliation" in refused.text

    client.post_form(door(room), {**MARA, "group": "company", "affiliation": "RET"})

    assert called("Mara Visser").affiliation == "RET"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "Enter your name."),
        ({"group": ""}, "Choose your stakeholder group."),
        ({"email": "mara at home"}, "in the right format"),
        ({"consent": None}, "agree to the privacy notice"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(client, room, change, said):
    typed = {key: value for key, value in {**MARA, **change}.items() if value is not None}

    answer = client.post_form(door(room), typed)

    assert answer.status_code == 422 and said in answer.text
    assert "name" in change or 'value="Mara Visser"' in answer.text
    assert people(room) == []


def test_where_the_organiser_wants_an_address_it_is_needed(client, city):
    room = workshop_in(city, "collect")

    assert "Enter your e-mail address." in client.post_form(door(room), MARA).text
    assert client.post_form(door(room), {**MARA, "email": "mara@example.org"}).status_code == 303


def test_a_form_sent_twice_makes_one_person(app, room):
    typed = {**MARA, "submission_key": "0b5a2ac1-6f0e-4a6a-9a9b-6f3b6f8f1c11"}
    answers = [app.test_client().post_form(door(room), typed) for _again in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert people(room) == ["Mara Visser"]


def test_a_form_sent_twice_at_once_makes_one_person(app, room):
    typed = {**MARA, "submission_key": "0b5a2ac1-6f0e-4a6a-9a9b-6f3b6f8f1c11"}
    address = door(room)

    answers = at_once(app, *[lambda: app.test_client().post_form(address, typed).status_code] * 6)

    assert answers == [303] * 6
    assert people(room) == ["Mara Visser"]


def test_the_remote_hears_how_many_have_joined(room, make_moderator, city, socket, client, settle):
    remote = socket(make_moderator(city))
    remote.watch("rotterdam", workshop=room.id)
    client.post_form(door(room), MARA)
    settle()
    for _moment in range(30):
        heard = remote.heard("room")
        if heard and heard[-1]["people"]["joined"] == 1:
            return
        time.sleep(0.1)
    raise AssertionError("nobody was told")


# --- codes that open nothing --------------------------------------------------------------------------------------


def test_a_wrong_code_is_answered_with_what_to_do(client, room):
    for answer, status in ((client.get("/j/WRNGCD"), 404), (client.get("/join?code=WRNGCD"), 422)):
        assert answer.status_code == status
        assert "No workshop is open with this code." in answer.text
        assert page_of(answer).one("input", name="code")["value"] == "WRNGCD"


def test_a_renewed_code_lets_nobody_in_any_more(client, room):
    old = door(room)
    renew_code(room, by=None)

    assert client.get(old).status_code == 404
    assert client.post_form(old, MARA).status_code == 404
    assert people(room) == []


def test_the_code_ends_with_the_workshop(client, room):
    old = door(room)
    go_to(room, "closed")

    assert client.post_form(old, MARA).status_code == 404
    assert room.join_code is None


@pytest.mark.settings(rate_limits=True)
def test_who_guesses_codes_waits_and_the_room_behind_the_same_address_does_not(app, room):
    for number in range(30):
        assert (
            app.test_client().get(f"/j/WRNG{number:02d}".replace("0", "A").replace("1", "B")).status_code
            == 404
        )

    answer = app.test_client().get("/j/WRNGCD")

    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
    assert app.test_client().get("/join?code=WRNGCD").status_code == 429
    assert app.test_client().post_form(door(room), MARA).status_code == 303


# --- a room behind one address ------------------------------------------------------------------------------------


@pytest.mark.settings(rate_limits=True)
def test_three_hundred_people_behind_one_address_come_in_with_the_code(app, room):
    for number in range(300):
        answer = app.test_client().post_form(door(room), {**MARA, "name": f"Person {number}"})
        assert answer.status_code == 303, number

    late = app.test_client().post_form(door(room), {**MARA, "name": "One more"})

    assert late.status_code == 429 and 'value="One more"' in late.text
    assert len(people(room)) == 300


@pytest.mark.settings(rate_limits=True)
def test_five_hundred_scripted_registrations_without_the_code_do_not(app):
    came = [
        app.test_client()
        .post_form("/register", {**MARA, "email": f"p{number}@example.org", "password": A_PASSWORD})
        .status_code
        for number in range(500)
    ]

    assert (came.count(303), came.count(429)) == (50, 450)


# --- accounts without an address ----------------------------------------------------------------------------------


def test_an_account_without_an_address_counts_as_confirmed(client, city, room, make_user):
    idea = post(city, make_user("Ben"))
    client.post_form(door(room), MARA)
    go_to(room, "vote")

    assert client.send("PUT", f"/ideas/{idea.id}/upvote").status_code < 400

    mara = called("Mara Visser")
    assert mara.confirmed_at is not None and mara.password_hash is None and mara.room_id == room.id
    assert db.session.get_one(Idea, idea.id).upvote_count == 1


def test_somebody_unconfirmed_who_joins_counts_from_then_on(city, room, make_user, signed_in):
    idea, finn = post(city, make_user("Ben")), make_user("Finn", confirmed=False)
    upvote(idea, by=finn, at=core_clock.now())
    assert db.session.get_one(Idea, idea.id).upvote_count == 0

    signed_in(finn).post_form(door(room))

    assert db.session.get_one(Idea, idea.id).upvote_count == 1


def test_the_account_page_says_what_such_an_account_is_and_takes_an_address_and_a_password(client, app, room):
    client.post_form(door(room), MARA)
    assert "lives in this browser until the edition ends" in client.get("/me/account").text

    answer = client.post_form("/me/completion", {"email": "Mara@Example.org", "password": A_PASSWORD})

    assert answer.status_code == 303
    mara = called("Mara Visser")
    assert (mara.email, mara.room_id) == ("mara@example.org", None)
    other = app.test_client()
    assert (
        other.post_form("/sign-in", {"email": "mara@example.org", "password": A_PASSWORD}).status_code == 303
    )
    again = client.post_form("/me/completion", {"email": "else@example.org", "password": A_PASSWORD})
    assert again.status_code == 422


def test_without_a_mail_server_a_taken_address_completes_no_second_account(client, room, make_user):
    make_user("Ines", email="mara@example.org")
    client.post_form(door(room), MARA)

    answer = client.post_form("/me/completion", {"email": "mara@example.org", "password": A_PASSWORD})

    assert (
        answer.status_code == 422 and "There is an account with this e-mail address already." in answer.text
    )
    assert called("Mara Visser").password_hash is None


@pytest.mark.settings(confirm_email=True)
def test_where_mail_is_set_up_a_letter_confirms_the_added_address(client, room, letters):
    client.post_form(door(room), MARA)
    client.post_form("/me/completion", {"email": "mara@example.org", "password": A_PASSWORD})
    assert called("Mara Visser").email is None
    assert "not confirmed" in client.get("/me/account").text

    client.post_form(link_in(letters()[-1]))

    assert called("Mara Visser").email == "mara@example.org"


def test_who_could_not_come_back_is_not_signed_out_by_a_slip(client, room):
    client.post_form(door(room), MARA)

    assert client.post_form("/sign-out").location == "/me/account"
    assert "You could not come back" in client.get("/me/account").text
    client.post_form("/sign-out", {"sure": "1"})

    assert client.get("/me/account").location.startswith("/sign-in")


def test_an_account_without_a_password_can_be_deleted(client, room):
    client.post_form(door(room), MARA)
    assert page_of(client.get("/me/deletion")).all("input", type="password") == []

    client.post_form("/me/deletion")

    assert db.session.scalars(select(User).where(User.erased_at.is_not(None))).one().name == ""


def test_ones_own_data_names_the_workshops_one_joined(client, room):
    client.post_form(door(room), MARA)

    [joined] = client.get_json("/me/data.json")["workshops"]
    assert (joined["city"], joined["workshop"], joined["helper"]) == ("rotterdam", 1, False)


def test_such_accounts_end_with_the_edition_and_their_texts_stay(
    client, app, city, room, make_user, signed_in
):
    client.post_form(door(room), MARA)
    idea = post(city, called("Mara Visser"))
    completed = app.test_client()
    completed.post_form(door(room), {**MARA, "name": "Ines"})
    completed.post_form("/me/completion", {"email": "ines@example.org", "password": A_PASSWORD})
    signed_in(make_user("Ben")).post_form(door(room))

    mark_current(make_edition("Cities in Progress", 2031))

    assert (
        "Former participant"
        in app.test_client().get(f"/rotterdam/ideas/{idea.id}", follow_redirects=True).text
    )
    assert people(room) == ["", "Ines", "Ben"]
    assert client.get("/me/account").location.startswith("/sign-in")
    assert completed.get("/me/account").status_code == 200


def test_marking_the_current_edition_again_ends_nothing(client, room):
    client.post_form(door(room), MARA)

    mark_current(db.session.scalars(select(Edition).where(Edition.is_current.is_(True))).one())

    assert people(room) == ["Mara Visser"]


# --- accounts with an address -------------------------------------------------------------------------------------


def link_in(letter) -> str:
    return re.search(r"http://localhost(/\S+)", letter.get_content()).group(1)


WITH_ADDRESS = {**MARA, "email": "mara@example.org"}


def test_a_letter_lets_mara_confirm_her_address_and_choose_a_password(client, app, room, letters):
    client.post_form(door(room), WITH_ADDRESS)
    mara = called("Mara Visser")
    assert (mara.email, mara.claimed_email, mara.room_id) == (None, "mara@example.org", None)
    [letter] = letters()
    assert letter["To"] == "mara@example.org" and "/complete/" in link_in(letter)

    laptop = app.test_client()
    assert "Keep your account" in laptop.get(link_in(letter)).text
    assert laptop.post_form(link_in(letter), {"password": "short"}).status_code == 422
    assert laptop.post_form(link_in(letter), {"password": A_PASSWORD}).status_code == 303

    mara = called("Mara Visser")
    assert mara.email == "mara@example.org"
    assert "Mara Visser" in laptop.get("/me/account").text
    assert laptop.get(link_in(letter)).status_code == 404
    client_after = app.test_client()
    assert (
        client_after.post_form("/sign-in", {"email": "mara@example.org", "password": A_PASSWORD}).status_code
        == 303
    )


def test_choosing_a_password_by_the_letter_signs_other_browsers_out(client, app, room, letters):
    client.post_form(door(room), WITH_ADDRESS)
    app.test_client().post_form(link_in(letters()[0]), {"password": A_PASSWORD})

    assert client.get("/me/account").location.startswith("/sign-in")


def test_on_the_phone_itself_mara_stays_signed_in(client, room, letters):
    client.post_form(door(room), WITH_ADDRESS)
    client.post_form(link_in(letters()[0]), {"password": A_PASSWORD})

    assert client.get("/me/account").status_code == 200


def test_who_lost_the_letter_chooses_a_password_by_asking_for_a_new_one(client, app, room, letters):
    client.post_form(door(room), WITH_ADDRESS)
    app.test_client().post_form("/forgotten-password", {"email": "mara@example.org"})

    app.test_client().post_form(link_in(letters()[-1]), {"password": A_PASSWORD})

    assert called("Mara Visser").email == "mara@example.org"


@pytest.mark.parametrize("has_mail", [True, False])
def test_a_taken_address_looks_like_a_free_one_and_is_taken_by_nobody(
    app, room, make_user, letters, has_mail
):
    object.__setattr__(app.extensions["settings"], "confirm_email", has_mail)
    make_user("Ines", email="mara@example.org")
    stranger, newcomer = app.test_client(), app.test_client()

    taken = stranger.post_form(door(room), WITH_ADDRESS)
    free = newcomer.post_form(door(room), {**WITH_ADDRESS, "email": "new@example.org"})

    assert (taken.status_code, taken.location) == (free.status_code, free.location)
    boards = [page_of(one.get("/rotterdam")).words for one in (stranger, newcomer)]
    assert boards[0] == boards[1]
    assert "If you have an account with this address already, sign in with that one." in boards[0]
    to_owner, to_newcomer = letters()
    assert (to_owner["To"], to_newcomer["To"]) == ("mara@example.org", "new@example.org")
    assert "/complete/" not in to_owner.get_content() and "sign in with it" in to_owner.get_content()
    assert db.session.scalars(select(User).where(User.email == "mara@example.org")).one().name == "Ines"


@pytest.mark.settings(confirm_email=True)
def test_who_has_registered_but_not_confirmed_still_signs_in_after_joining_with_the_same_address(app, room):
    registered = {**WITH_ADDRESS, "password": A_PASSWORD}
    app.test_client().post_form("/register", registered)
    app.test_client().post_form(door(room), WITH_ADDRESS)

    answer = app.test_client().post_form("/sign-in", {"email": "mara@example.org", "password": A_PASSWORD})

    assert answer.status_code == 303


def test_an_account_that_only_claims_its_address_moderates_nothing(client, city, room):
    client.post_form(door(room), WITH_ADDRESS)

    with pytest.raises(Invalid):
        appoint(city, called("Mara Visser"), core_clock.now())


def test_joining_writes_as_many_links_for_a_taken_address_as_for_a_free_one(app, room, make_user):
    make_user("Ines", email="mara@example.org")
    app.test_client().post_form(door(room), WITH_ADDRESS)

    assert db.session.scalar(select(func.count()).select_from(OneTimeLink)) == 1


# --- the QR code --------------------------------------------------------------------------------------------------


def test_the_qr_code_is_black_on_white_with_a_quiet_zone_and_leads_to_the_door(
    city, room, make_moderator, signed_in
):
    answer = signed_in(make_moderator(city)).get("/rotterdam/workshops/1/qr.svg")

    assert answer.content_type == "image/svg+xml"
    assert f"http://localhost{door(room)}" in answer.text
    assert 'xmlns="http://www.w3.org/2000/svg"' in answer.text
    assert 'fill="#fff" d="M0 0h' in answer.text and 'fill="#000" d="M4 4h7' in answer.text


def test_the_qr_code_is_for_the_room_and_gone_with_its_code(
    client, city, room, make_user, make_moderator, signed_in
):
    ana, ben = signed_in(make_moderator(city)), signed_in(make_user("Ben"))
    address = "/rotterdam/workshops/1/qr.svg"
    assert client.get(address).location.startswith("/sign-in")
    assert ben.get(address).status_code == 404
    ben.post_form(door(room))
    assert ben.get(address).status_code == 200

    go_to(room, "closed")

    assert (ana.get(address).status_code, ben.get(address).status_code) == (404, 404)
