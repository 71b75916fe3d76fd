"""Registering: one page, nothing typed is lost, and nobody learns who takes part."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from app.accounts import passwords
from app.accounts.models import Session, User
from app.core.extensions import db

MARA = {
    "name": "Mara Visser",
    "email": "Mara@Example.org",
    "password": "violet tram on a bridge",
    "group": "resident",
    "affiliation": "",
    "consent": "y",
}


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def only_user():
    return db.session.scalars(select(User)).one()


def users():
    return db.session.scalar(select(func.count()).select_from(User))


def test_mara_registers_and_is_signed_in_at_once(client):
    answer = client.post_form("/register", MARA)

    assert (answer.status_code, answer.location) == (303, "/")
    mara = only_user()
    assert (mara.name, mara.email, mara.group, mara.affiliation) == (
        "Mara Visser",
        "mara@example.org",
        "resident",
        None,
    )
    assert mara.password_hash.startswith("$argon2id$")
    assert mara.is_confirmed
    assert mara.consented_at is not None
    assert "Mara Visser" in client.get("/me/account").text


def test_only_the_hash_of_the_session_token_is_stored(client):
    client.post_form("/register", MARA)

    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    stored = db.session.scalars(select(Session)).one()
    assert len(token) >= 40
    assert token != stored.token_hash
    assert len(stored.token_hash) == 64


def test_the_session_cookie_lasts_sixty_days_and_scripts_cannot_read_it(client, app):
    answer = client.post_form("/register", MARA)

    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "session" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert app.permanent_session_lifetime.days == 60
    assert "Expires=" in cookie


def test_mara_comes_back_to_the_board_she_was_reading(client):
    answer = client.post_form("/register?next=/rotterdam%3Fsort%3Dnewest", MARA)

    assert answer.location == "/rotterdam?sort=newest"


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_registering_leads_nobody_to_another_site(client, evil):
    answer = client.post_form("/register", {**MARA, "next": evil})

    assert answer.location == "/"


def test_an_expert_names_the_institute(client):
    client.post_form("/register", {**MARA, "group": "institute", "affiliation": " TNO   Delft "})

    assert only_user().affiliation == "TNO Delft"


def test_what_a_resident_left_in_the_affiliation_field_is_not_published(client):
    client.post_form("/register", {**MARA, "affiliation": "half-typed"})

    assert only_user().affiliation is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": " "}, "Enter your name."),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"email": ""}, "Enter your e-mail address."),
        ({"email": "mara at example.org"}, "in the right format"),
        ({"email": "m" * 250 + "@example.org"}, "in the right format"),
        ({"password": "nine long"}, "at least 10 characters"),
        ({"password": "x" * 1001}, "at most 1000 characters"),
        ({"password": "qwertyuiop"}, "first that attackers try"),
        ({"password": "MaraVisser1"}, "first that attackers try"),
        ({"group": ""}, "Choose your stakeholder group."),
        ({"group": "company", "affiliation": ""}, "Enter your affiliation"),
        ({"group": "company", "affiliation": "x" * 121}, "at most 120 characters"),
        ({"consent": ""}, "agree to the privacy notice"),
    ],
)
def test_a_mistake_is_explained_and_nothing_typed_is_lost(client, change, message):
    typed = {**MARA, **change}
    answer = client.post_form(
        "/register", {key: value for key, value in typed.items() if key != "consent" or value}
    )

    assert answer.status_code == 422
    assert message in answer.text
    if "name" not in change:
        assert 'value="Mara Visser"' in answer.text
    assert "violet tram" not in answer.text
    assert users() == 0


def test_a_group_that_is_not_offered_is_refused(client):
    assert client.post_form("/register", {**MARA, "group": "moderator"}).status_code == 422
    assert users() == 0


def test_an_empty_form_lists_every_mistake_with_a_link_to_its_field(client):
    answer = client.post_form("/register", {})

    assert answer.status_code == 422
    for field in ("name", "email", "password", "consent"):
        assert f'href="#{field}"' in answer.text


def test_labels_and_autocomplete_are_those_that_assistive_technology_was_promised(client):
    text = client.get("/register").text

    labels = (
        "Name",
        "E-mail",
        "Password",
        "Stakeholder group",
        "Affiliation",
        "I agree to the privacy notice",
    )
    groups = ("Resident", "Student", "City administration", "Company", "Institute", "University")
    for label in (*labels, *groups):
        assert label in text
    for autocomplete in ("name", "email", "new-password"):
        assert f'autocomplete="{autocomplete}"' in text
    assert text.count("<h1") == 1


def test_without_a_token_of_ours_nobody_is_registered(client):
    assert client.post("/register", data=MARA).status_code == 400
    assert users() == 0


def test_somebody_who_is_signed_in_is_sent_on(make_user, signed_in):
    mara = signed_in(make_user("Mara"))

    assert mara.get("/register?next=/berlin").location == "/berlin"
    assert mara.get("/sign-in").location == "/"


def test_without_a_mail_server_a_taken_address_is_named_with_a_way_on(client, make_user):
    make_user("Mara", email="mara@example.org")

    answer = client.post_form("/register", MARA)

    assert answer.status_code == 422
    assert "There is an account with this e-mail address already." in answer.text
    assert 'href="/sign-in"' in answer.text
    assert 'href="/forgotten-password"' in answer.text
    assert users() == 1


@pytest.mark.settings(confirm_email=True)
def test_with_a_mail_server_a_taken_address_looks_like_a_free_one(app, make_user, letters):
    make_user("Mara", email="mara@example.org")
    stranger, newcomer = app.test_client(), app.test_client()

    taken = stranger.post_form("/register", MARA)
    free = newcomer.post_form("/register", {**MARA, "email": "new@example.org"})

    assert (taken.status_code, taken.location) == (free.status_code, free.location)
    pages = [one.get("/me/account").text for one in (stranger, newcomer)]
    assert "mara@example.org" in pages[0]
    assert pages[0].count("<form") == pages[1].count("<form")
    to_owner, to_newcomer = letters()
    assert (to_owner["To"], to_newcomer["To"]) == ("mara@example.org", "new@example.org")
    assert "/confirm/" not in to_owner.get_content()
    assert "/confirm/" in to_newcomer.get_content()


@pytest.mark.settings(confirm_email=True)
def test_with_a_mail_server_signing_in_again_does_not_tell_a_taken_address_either(app, make_user):
    make_user("Mara", email="mara@example.org")
    stranger = app.test_client()
    stranger.post_form("/register", MARA)
    stranger.post_form("/sign-out")

    answer = stranger.post_form("/sign-in", {"email": MARA["email"], "password": MARA["password"]})

    assert answer.status_code == 303


@pytest.mark.settings(confirm_email=True)
def test_nobody_occupies_an_address_by_typing_it(app, letters):
    squatter, mara = app.test_client(), app.test_client()
    squatter.post_form("/register", {**MARA, "name": "Squatter", "password": "five quiet bicycles"})
    mara.post_form("/register", MARA)
    link = letters()[-1].get_content().split("http://localhost")[1].split()[0]

    assert mara.post_form(link).status_code == 303

    owner = db.session.scalars(select(User).where(User.email == "mara@example.org")).one()
    assert owner.name == "Mara Visser"


@pytest.mark.settings(rate_limits=True)
def test_the_fifty_first_registration_from_one_address_waits_and_keeps_what_was_typed(app):
    for number in range(50):
        one = app.test_client()
        assert one.post_form("/register", {**MARA, "email": f"p{number}@example.org"}).status_code == 303

    answer = app.test_client().post_form("/register", {**MARA, "email": "late@example.org"})

    assert answer.status_code == 429
    assert "Please try again in" in answer.text
    assert 'value="late@example.org"' in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert users() == 50
