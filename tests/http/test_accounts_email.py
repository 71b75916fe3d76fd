"""Confirming and changing the e-mail address, the first 24 hours, organisers, language, privacy."""

from __future__ import annotations

import re

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from app.accounts import actions, passwords
from app.accounts.events import EmailConfirmed
from app.accounts.models import OneTimeLink, User
from app.accounts.policy import counts_upvotes, may_take_part
from app.core import announce
from app.core.extensions import db
from tests.conftest import PASSWORD

MARA = {
    "name": "Mara Visser",
    "email": "mara@example.org",
    "password": "violet tram on a bridge",
    "group": "student",
    "consent": "y",
}


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def link(letters):
    """The path of the confirmation link in the newest letter."""
    return lambda: re.search(r"http://localhost(/confirm/\S+)", letters()[-1].get_content())[1]


@pytest.fixture
def confirmations(monkeypatch):
    """Hears EmailConfirmed."""
    heard: list[EmailConfirmed] = []
    monkeypatch.setitem(announce._after, EmailConfirmed, [heard.append])
    return heard


def row(email):
    db.session.rollback()
    return db.session.scalar(select(User).where((User.email == email) | (User.claimed_email == email)))


# ------------------------------------------------------------------------------------------------- confirming


@pytest.mark.settings(confirm_email=True)
def test_mara_confirms_by_the_link_and_her_upvotes_count_from_then_on(client, link, confirmations):
    client.post_form("/register", MARA)
    mara = row("mara@example.org")
    assert not counts_upvotes(mara)
    assert mara.email is None

    opened = client.get(link())
    assert opened.status_code == 200
    assert not row("mara@example.org").is_confirmed, "looking at a link confirms nothing"
    answer = client.post_form(link())

    assert answer.status_code == 303
    mara = row("mara@example.org")
    assert counts_upvotes(mara)
    assert mara.email == "mara@example.org"
    assert confirmations == [EmailConfirmed(mara.id)]


@pytest.mark.settings(confirm_email=True)
def test_the_link_works_in_another_browser_too_once(app, client, link):
    client.post_form("/register", MARA)
    elsewhere = app.test_client()

    assert elsewhere.post_form(link()).status_code == 303
    assert elsewhere.post_form(link()).status_code == 404


@pytest.mark.settings(confirm_email=True)
def test_the_link_leads_back_to_the_board(client, link):
    client.post_form("/register?next=/melbourne", MARA)

    assert client.post_form(link()).location == "/melbourne"


@pytest.mark.settings(confirm_email=True)
def test_a_confirmation_link_expires_after_seven_days(clock, client, link):
    client.post_form("/register", MARA)

    clock.advance(7 * 86_400)

    assert client.get(link()).status_code == 404


@pytest.mark.settings(confirm_email=True)
def test_the_letter_can_be_asked_for_again(client, link, letters):
    client.post_form("/register", MARA)

    answer = client.post_form("/confirm", {"next": "/berlin"})

    assert answer.location == "/berlin"
    assert len(letters()) == 2
    assert client.post_form(link()).status_code == 303
    client.post_form("/confirm")
    assert len(letters()) == 2, "who is confirmed gets no more letters"


@pytest.mark.settings(confirm_email=True)
def test_whose_address_was_confirmed_by_somebody_else_meanwhile_is_told(app, letters):
    first, second = app.test_client(), app.test_client()
    first.post_form("/register", MARA)
    second.post_form("/register", {**MARA, "name": "Other"})
    links = [re.search(r"http://localhost(/confirm/\S+)", letter.get_content())[1] for letter in letters()]
    assert second.post_form(links[1]).status_code == 303

    answer = first.post_form(links[0])

    assert answer.status_code == 422
    assert "belongs to another account" in answer.text


def test_a_link_for_something_else_confirms_nothing(client, make_user):
    make_user("Mara", email="mara@example.org")
    token = actions.make_organiser_link()

    assert client.get(f"/confirm/{token}").status_code == 404
    assert client.get(f"/reset-password/{token}").status_code == 404
    assert client.get("/confirm/never-made").status_code == 404


def test_without_a_mail_server_accounts_count_as_confirmed_and_get_no_letter(client, letters, confirmations):
    client.post_form("/register", MARA)

    assert row("mara@example.org").is_confirmed
    assert letters() == []


@pytest.mark.settings(confirm_email=True)
def test_before_confirming_mara_may_take_part_for_24_hours(clock, make_user):
    mara = make_user("Mara", confirmed=False)

    assert may_take_part(mara, clock.advance(24 * 3600 - 1))
    assert not may_take_part(mara, clock.advance(1))
    assert may_take_part(make_user("Jan"), clock.advance(86_400 * 365))


@pytest.mark.settings(confirm_email=True)
def test_the_account_page_says_until_when(clock, make_user, signed_in):
    text = signed_in(make_user("Mara", confirmed=False)).get("/me/account").text

    assert "15 September 2026 12:00 UTC" in text
    assert "Send the link again" in text


# --------------------------------------------------------------------------------------------------- changing


def test_without_a_mail_server_the_address_changes_at_once_and_the_old_one_is_told(
    make_user, signed_in, letters
):
    mara = signed_in(make_user("Mara", email="mara@example.org"))

    answer = mara.post_form("/me/email", {"email": "Mara.Visser@example.org", "current_password": PASSWORD})

    assert answer.location == "/me/account"
    assert row("mara.visser@example.org") is not None
    assert [letter["To"] for letter in letters()] == ["mara@example.org"]


@pytest.mark.settings(confirm_email=True)
def test_with_a_mail_server_the_new_address_must_be_confirmed_first(make_user, signed_in, letters, link):
    mara = signed_in(make_user("Mara", email="mara@example.org"))

    mara.post_form("/me/email", {"email": "new@example.org", "current_password": PASSWORD})

    assert row("new@example.org") is None
    by_address = {letter["To"]: letter.get_content() for letter in letters()}
    assert set(by_address) == {"mara@example.org", "new@example.org"}
    assert "/confirm/" not in by_address["mara@example.org"]
    path = re.search(r"http://localhost(/confirm/\S+)", by_address["new@example.org"])[1]
    mara.post_form(path)
    assert row("new@example.org").email == "new@example.org"
    assert row("mara@example.org") is None


@pytest.mark.settings(confirm_email=True)
def test_asking_for_the_address_of_somebody_else_tells_only_them(make_user, signed_in, letters):
    make_user("Jan", email="jan@example.org")
    mara = signed_in(make_user("Mara", email="mara@example.org"))

    taken = mara.post_form("/me/email", {"email": "jan@example.org", "current_password": PASSWORD})
    free = mara.post_form("/me/email", {"email": "free@example.org", "current_password": PASSWORD})

    assert (taken.status_code, taken.location) == (free.status_code, free.location)
    to_jan = next(letter for letter in letters() if letter["To"] == "jan@example.org")
    assert "/confirm/" not in to_jan.get_content()


def test_a_taken_address_is_named_where_it_cannot_be_hidden(make_user, signed_in):
    make_user("Jan", email="jan@example.org")
    mara = signed_in(make_user("Mara", email="mara@example.org"))

    answer = mara.post_form("/me/email", {"email": "jan@example.org", "current_password": PASSWORD})

    assert answer.status_code == 422
    assert "There is an account with this e-mail address already." in answer.text


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"email": "new@example.org", "current_password": "wrong password"}, "not your current password"),
        ({"email": "new@example.org", "current_password": ""}, "Enter your current password."),
        ({"email": "new", "current_password": PASSWORD}, "in the right format"),
        ({"email": "mara@example.org", "current_password": PASSWORD}, "already"),
    ],
)
def test_a_mistake_changes_no_address(make_user, signed_in, typed, message):
    mara = signed_in(make_user("Mara", email="mara@example.org"))

    answer = mara.post_form("/me/email", typed)

    assert answer.status_code == 422
    assert message in answer.text
    assert row("mara@example.org") is not None


@pytest.mark.settings(confirm_email=True)
def test_who_stole_a_session_and_asked_for_the_address_loses_it_with_the_password(
    app, make_user, signed_in, letters
):
    mara = make_user("Mara", email="mara@example.org")
    signed_in(mara).post_form("/me/email", {"email": "thief@example.org", "current_password": PASSWORD})
    stolen = next(letter for letter in letters() if letter["To"] == "thief@example.org").get_content()

    signed_in(mara).post_form(
        "/me/password", {"current_password": PASSWORD, "password": "green ferry under rain"}
    )

    path = re.search(r"http://localhost(/confirm/\S+)", stolen)[1]
    assert app.test_client().post_form(path).status_code == 404


# ------------------------------------------------------------------------------------------------- organisers


def test_the_first_holder_of_the_link_becomes_organiser(make_user, signed_in):
    mara, jan = make_user("Mara"), make_user("Jan")
    path = f"/organiser/{actions.make_organiser_link()}"

    page = signed_in(mara).get(path)
    assert page.status_code == 200
    assert not mara.is_organiser, "looking at the link changes nothing"
    assert signed_in(mara).post_form(path).status_code == 303
    assert signed_in(jan).post_form(path).status_code == 404

    db.session.rollback()
    assert (mara.is_organiser, jan.is_organiser) == (True, False)


def test_who_is_not_signed_in_is_led_to_register_or_sign_in_and_back(client):
    path = f"/organiser/{actions.make_organiser_link()}"

    text = client.get(path).text
    assert f'href="/register?next={path}"' in text
    assert f'href="/sign-in?next={path}"' in text
    assert client.post_form(path).location.startswith("/sign-in")
    assert client.post_form(f"/register?next={path}", MARA).location == path
    assert client.post_form(path).status_code == 303
    assert row("mara@example.org").is_organiser


def test_an_organiser_link_expires_after_seven_days(clock, client):
    path = f"/organiser/{actions.make_organiser_link()}"

    clock.advance(7 * 86_400)

    assert client.get(path).status_code == 404


# ------------------------------------------------------------------------------------------- language, privacy


def test_the_language_is_remembered_in_the_browser_and_in_the_account(client, make_user, signed_in):
    user = make_user("Mara")
    mara = signed_in(user)

    answer = mara.post_form("/language", {"language": "de", "next": "/berlin"})

    assert answer.location == "/berlin"
    db.session.rollback()
    assert user.language == "de"
    client.post_form("/language", {"language": "nl"})
    assert 'lang="nl"' in client.get("/privacy").text


def test_a_language_we_do_not_speak_changes_nothing(make_user, signed_in):
    user = make_user("Mara")

    assert (
        signed_in(user).post_form("/language", {"language": "xx", "next": "//evil.example"}).location == "/"
    )
    assert user.language is None


def test_the_privacy_notice_names_what_is_public_and_what_is_not(client):
    text = client.get("/privacy").text

    for word in ("affiliation", "e-mail", "upvoted", "argon2id", "cookie", "cdn.jsdelivr.net", "delete"):
        assert word in text


@pytest.mark.settings(assets="local")
def test_the_privacy_notice_speaks_of_the_cdn_only_where_it_is_used(client):
    assert "jsdelivr" not in client.get("/privacy").text


def test_old_links_are_forgotten(clock, client):
    actions.make_organiser_link()
    clock.advance(15 * 86_400)
    actions.make_organiser_link()

    assert len(db.session.scalars(select(OneTimeLink)).all()) == 1
