"""Forgotten and changed passwords: links work once, and every other browser is signed out."""

from __future__ import annotations

import re

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from app.accounts import actions, passwords
from app.accounts.models import OneTimeLink, User
from app.core.clock import now
from app.core.errors import Invalid
from app.core.extensions import db
from tests.conftest import PASSWORD

NEW = "green ferry under rain"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def mara(make_user):
    return make_user("Mara", email="mara@example.org")


@pytest.fixture
def ask(client, letters):
    """Asks for a reset; returns the path of the link in the newest letter."""

    def asked(email="mara@example.org"):
        answer = client.post_form("/forgotten-password", {"email": email})
        assert answer.status_code == 200
        return re.search(r"http://localhost(/reset-password/\S+)", letters()[-1].get_content())[1]

    return asked


def can_sign_in(app, password, email="mara@example.org"):
    answer = app.test_client().post_form("/sign-in", {"email": email, "password": password})
    return answer.status_code == 303


# ------------------------------------------------------------------------------------------------- forgotten


def test_mara_chooses_a_new_password_and_is_signed_out_everywhere(app, client, mara, ask, signed_in):
    phone = signed_in(mara)
    link = ask()

    assert client.get(link).status_code == 200
    answer = client.post_form(link, {"password": NEW})

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert phone.get("/me/account").status_code == 303
    assert can_sign_in(app, NEW)
    assert not can_sign_in(app, PASSWORD)


def test_a_reset_link_works_once(client, mara, ask):
    link = ask()
    client.post_form(link, {"password": NEW})

    assert client.get(link).status_code == 404
    assert client.post_form(link, {"password": "another long one"}).status_code == 404


def test_a_reset_link_expires_after_two_hours(clock, client, make_user, ask):
    make_user("Mara", email="mara@example.org")
    link = ask()

    clock.advance(2 * 3600 - 1)
    assert client.get(link).status_code == 200
    clock.advance(1)
    assert client.get(link).status_code == 404
    assert "This link does not work" in client.post_form(link, {"password": NEW}).text


def test_two_clicks_at_the_same_moment_use_the_link_once(mara, ask):
    token = ask().rsplit("/", 1)[1]
    actions.reset_password(token, NEW, now())

    with pytest.raises(Invalid, match="has been used"):
        actions.reset_password(token, "another long one", now())


def test_a_new_password_voids_the_other_links(client, mara, ask):
    first, second = ask(), ask()

    client.post_form(second, {"password": NEW})

    assert client.get(first).status_code == 404


def test_only_the_hash_of_a_link_is_stored(mara, ask):
    token = ask().rsplit("/", 1)[1]

    assert db.session.scalars(select(OneTimeLink.token_hash)).one() != token


def test_an_unknown_address_gets_the_same_answer_the_same_write_and_no_letter(client, mara, letters):
    known = client.post_form("/forgotten-password", {"email": "mara@example.org"})
    unknown = client.post_form("/forgotten-password", {"email": "nils@example.org"})

    assert known.status_code == unknown.status_code == 200
    assert len(known.text) == len(unknown.text)
    assert db.session.scalar(select(func.count()).select_from(OneTimeLink)) == 2
    assert [letter["To"] for letter in letters()] == ["mara@example.org"]


def test_a_new_password_that_is_too_short_or_too_easy_leaves_the_link_good(client, mara, ask):
    link = ask()

    assert client.post_form(link, {"password": "short"}).status_code == 422
    easy = client.post_form(link, {"password": "mara-example"})
    assert easy.status_code == 422
    assert "first that attackers try" in easy.text
    assert client.post_form(link, {"password": NEW}).status_code == 303


def test_an_address_in_the_wrong_format_is_explained(client):
    assert client.post_form("/forgotten-password", {"email": "mara"}).status_code == 422


@pytest.mark.settings(confirm_email=True)
def test_who_can_read_the_letter_owns_the_address(client, make_user, ask):
    make_user("Mara", email="mara@example.org", confirmed=False)

    client.post_form(ask(), {"password": NEW})

    mara = db.session.scalars(select(User)).one()
    assert (mara.email, mara.is_confirmed) == ("mara@example.org", True)


@pytest.mark.settings(rate_limits=True)
def test_the_sixth_letter_in_an_hour_is_refused_for_known_and_unknown_alike(app, mara):
    for email in ("mara@example.org", "nils@example.org"):
        client = app.test_client()
        for _ in range(5):
            assert client.post_form("/forgotten-password", {"email": email}).status_code == 200
        answer = client.post_form("/forgotten-password", {"email": email})
        assert answer.status_code == 429
        assert f'value="{email}"' in answer.text


# --------------------------------------------------------------------------------------------------- changed


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(app, mara, signed_in, letters):
    laptop, phone = signed_in(mara), signed_in(mara)

    answer = laptop.post_form("/me/password", {"current_password": PASSWORD, "password": NEW})

    assert (answer.status_code, answer.location) == (303, "/me/account")
    assert laptop.get("/me/account").status_code == 200
    assert phone.get("/me/account").status_code == 303
    assert can_sign_in(app, NEW)
    assert "password" in letters()[-1]["Subject"]


def test_a_link_asked_for_before_the_change_is_void(client, mara, ask, signed_in):
    link = ask()

    signed_in(mara).post_form("/me/password", {"current_password": PASSWORD, "password": NEW})

    assert client.get(link).status_code == 404


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"current_password": "wrong password", "password": NEW}, "not your current password"),
        ({"current_password": "", "password": NEW}, "Enter your current password."),
        ({"current_password": PASSWORD, "password": "short"}, "at least 10 characters"),
        ({"current_password": PASSWORD, "password": "1234567890"}, "first that attackers try"),
    ],
)
def test_a_mistake_changes_nothing_and_is_explained(app, mara, signed_in, typed, message):
    answer = signed_in(mara).post_form("/me/password", typed)

    assert answer.status_code == 422
    assert message in answer.text
    assert can_sign_in(app, PASSWORD)


@pytest.mark.settings(rate_limits=True)
def test_who_found_a_phone_cannot_guess_the_password_in_it(mara, signed_in):
    phone = signed_in(mara)
    for _ in range(10):
        phone.post_form("/me/password", {"current_password": "a wrong guess", "password": NEW})

    answer = phone.post_form("/me/password", {"current_password": PASSWORD, "password": NEW})

    assert answer.status_code == 429


def test_nobody_changes_a_password_without_being_signed_in(client):
    answer = client.post_form("/me/password", {"current_password": PASSWORD, "password": NEW})

    assert (answer.status_code, answer.location) == (303, "/sign-in")
