"""Signing in and out: sessions live in the database, and an answer tells nothing about who has an account."""

from __future__ import annotations

from datetime import timedelta

import pytest
import structlog
from argon2 import PasswordHasher
from sqlalchemy import select

from app.accounts import actions, passwords
from app.accounts.models import Session, User
from app.core.clock import now
from app.core.extensions import db
from tests.conftest import PASSWORD


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def mara(make_user):
    return make_user("Mara", email="mara@example.org")


def sign_in(client, email="mara@example.org", password=PASSWORD, url="/sign-in"):
    return client.post_form(url, {"email": email, "password": password})


def token_of(client):
    with client.session_transaction() as cookie:
        return cookie.get("_user_id")


def test_mara_signs_in_with_her_address_in_any_case_and_goes_where_she_wanted(client, mara):
    answer = sign_in(client, " MARA@example.org ", url="/sign-in?next=/shenzhen")

    assert (answer.status_code, answer.location) == (303, "/shenzhen")
    assert "Mara" in client.get("/me/account").text


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example/x", "/\\evil.example", "/%0d%0aX:y\r\nX: y"]
)
def test_signing_in_leads_nobody_to_another_site(client, mara, evil):
    answer = client.post_form("/sign-in", {"email": "mara@example.org", "password": PASSWORD, "next": evil})

    assert answer.location == "/"


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(app, mara):
    wrong = sign_in(app.test_client(), password="not her password")
    unknown = sign_in(app.test_client(), email="jan@example.org", password="not her password")

    assert wrong.status_code == unknown.status_code == 422
    assert "E-mail or password is not right." in wrong.text
    assert 'value="mara@example.org"' in wrong.text
    assert "not her password" not in wrong.text
    normal = [page.text.replace("jan@", "mara@") for page in (wrong, unknown)]
    assert len(normal[0]) == len(normal[1])


def test_a_wrong_password_and_an_unknown_address_cost_the_same_work(app, mara, monkeypatch):
    verified: list[str | None] = []
    verify = passwords.verify
    monkeypatch.setattr(
        passwords, "verify", lambda known, typed: verified.append(known) or verify(known, typed)
    )

    sign_in(app.test_client(), password="not her password")
    for_known = len(verified)
    verified.clear()
    sign_in(app.test_client(), email="jan@example.org", password="not her password")

    assert for_known == len(verified) == 2


def test_without_an_account_a_real_hash_is_verified_all_the_same(monkeypatch):
    seen: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash, password):
            seen.append(hash)
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "hasher", Watched(time_cost=1, memory_cost=8, parallelism=1))

    assert passwords.verify(None, "whatever it is") is False
    assert seen[0].startswith("$argon2id$")


def test_an_empty_form_names_both_fields(client):
    answer = client.post_form("/sign-in", {})

    assert answer.status_code == 422
    assert 'href="#email"' in answer.text
    assert 'href="#password"' in answer.text


def test_imported_and_sample_participants_cannot_sign_in(app):
    actions.add_pseudonymous("Participant 17", now(), origin="imported", import_key="x:17")
    actions.add_pseudonymous("Sample Sam", now(), origin="sample")

    assert sign_in(app.test_client(), email="participant17@example.org", password="").status_code == 422
    assert all(user.password_hash is None for user in db.session.scalars(select(User)))


def test_who_was_erased_cannot_sign_in(client, mara):
    actions.erase(mara, now())

    assert sign_in(client).status_code == 422


def test_every_sign_in_has_a_token_of_its_own(client, mara):
    sign_in(client)
    first = token_of(client)
    client.post_form("/sign-out")
    sign_in(client)

    assert token_of(client) != first


def test_a_cookie_planted_before_signing_in_is_worthless(app, client, mara):
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "planted"
        cookie["anything"] = "else"
    sign_in(client)

    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != "planted"
        assert "anything" not in cookie


def test_signing_out_kills_a_copied_cookie(app, client, mara):
    sign_in(client)
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie["_user_id"] = token_of(client)
    assert thief.get("/me/account").status_code == 200

    client.post_form("/sign-out")

    answer = thief.get("/me/account")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/me/account")


def test_signing_out_leaves_the_other_devices_signed_in(signed_in, mara):
    phone, laptop = signed_in(mara), signed_in(mara)

    phone.post_form("/sign-out")

    assert laptop.get("/me/account").status_code == 200


def test_signing_out_twice_is_no_mistake(client):
    assert client.post_form("/sign-out").status_code == 303


def test_signing_out_needs_a_button_not_a_link(signed_in, mara):
    client = signed_in(mara)

    assert client.get("/sign-out").status_code in (404, 405)
    assert client.get("/me/account").status_code == 200


def test_the_id_of_a_user_is_no_session(client, mara):
    with client.session_transaction() as cookie:
        cookie["_user_id"] = str(mara.id)

    assert client.get("/me/account").status_code == 303


def test_a_session_unused_for_sixty_days_is_over(clock, signed_in, make_user):
    mara = signed_in(make_user("Mara"))

    clock.advance(61 * 86_400)

    assert mara.get("/me/account").status_code == 303


def test_a_session_in_use_goes_on_and_is_noted_every_five_minutes_at_most(clock, signed_in, make_user):
    started = clock.now()
    mara = signed_in(make_user("Mara"))

    def seen():
        db.session.rollback()
        return db.session.scalars(select(Session)).one().seen_at

    clock.advance(299)
    mara.get("/me/account")
    assert seen() == started
    clock.advance(1)
    mara.get("/me/account")
    assert seen() == started + timedelta(minutes=5)


def test_a_script_without_a_session_is_told_where_to_sign_in(client):
    answer = client.get("/me/account", headers={"Accept": "application/json"})

    assert answer.status_code == 401
    assert answer.json["sign_in"] == "/sign-in?next=/me/account"


@pytest.mark.settings(rate_limits=True)
def test_the_eleventh_try_for_one_address_waits_even_with_the_right_password(app, mara):
    for _ in range(10):
        assert sign_in(app.test_client(), password="a guess of ten").status_code == 422

    answer = sign_in(app.test_client())

    assert answer.status_code == 429
    assert "Please try again in" in answer.text
    assert 'value="mara@example.org"' in answer.text


@pytest.mark.settings(rate_limits=True)
def test_a_room_behind_one_address_signs_in_while_one_of_them_is_guessed_at(app, mara, make_user):
    make_user("Jan", email="jan@example.org")
    for _ in range(11):
        sign_in(app.test_client(), password="a guess of ten")

    assert sign_in(app.test_client(), email="jan@example.org").status_code == 303


def test_sign_ins_and_refusals_are_logged_by_number_and_never_by_name_or_address(client, mara):
    with structlog.testing.capture_logs() as lines:
        sign_in(client, password="not her password")
        sign_in(client)
        client.post_form("/sign-out")

    said = [line for line in lines if line["event"] in ("sign_in_refused", "signed_in", "signed_out")]
    assert [line["event"] for line in said] == ["sign_in_refused", "signed_in", "signed_out"]
    assert said[1]["user"] == mara.id
    assert "mara" not in repr(lines).lower()
