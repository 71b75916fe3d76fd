"""What people and scripts are told when something does not work: what happened, and what to do."""

from __future__ import annotations

import pytest
from flask import abort
from sqlalchemy.exc import OperationalError

from app.core.errors import Invalid, NotAllowed, NotThere, TooMany
from tests.boards import run_sql
from tests.pages import message_of, page_of

JSON = {"Accept": "application/json"}


@pytest.fixture
def broken(app):
    """Addresses that fail in every way."""
    app.testing = False  # a fault becomes a page, as for people

    def fail(how: str):
        raise {
            "forbidden": NotAllowed("You may not do this."),
            "missing": NotThere(),
            "wrong": Invalid("Write more."),
            "often": TooMany("Please wait.", 17),
            "database": OperationalError("SELECT 1", {}, Exception("disk I/O error at /secret/path")),
            "fault": ZeroDivisionError("secret detail"),
        }[how]

    app.view_functions["healthz"] = lambda: abort(418)
    for how in ("forbidden", "missing", "wrong", "often", "database", "fault"):
        app.add_url_rule(f"/broken/{how}", how, lambda how=how: fail(how))


@pytest.mark.parametrize(
    ("how", "code", "sentence"),
    [
        ("forbidden", 403, "You may not do this."),
        ("missing", 404, "The address may be mistyped, or what was here has been withdrawn."),
        ("wrong", 422, "Write more."),
        ("often", 429, "Please wait."),
        ("database", 503, "Nothing was saved. Go back: what you typed is still there."),
        ("fault", 500, "The fault has been noted."),
    ],
)
def test_every_refusal_has_a_page_and_an_answer_for_scripts(client, broken, how, code, sentence):
    response = client.get(f"/broken/{how}")
    page = page_of(response)
    assert response.status_code == code and sentence in page.words
    assert len(page.all("h1")) == 1 and page.all("a", href="/")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Request-Id"] in page.words
    told = client.get(f"/broken/{how}", headers=JSON)
    assert told.status_code == code and sentence in message_of(told)
    for answer in (response, told):
        assert "secret" not in answer.get_data(as_text=True)
        assert "Content-Security-Policy" in answer.headers


def test_who_came_too_often_is_told_how_long_to_wait(client, broken):
    assert client.get("/broken/often").headers["Retry-After"] == "17"
    assert client.get("/broken/database").headers["Retry-After"] == "5"


def test_an_address_that_is_not_there(client):
    response = client.get("/rotterdam/nothing/here")
    assert response.status_code == 404 and "There is nothing here" in page_of(response).words


def test_the_wrong_method(client):
    assert client.post_form("/rotterdam").status_code == 405
    assert client.get("/preview").status_code in (404, 405)
    assert client.send("PUT", "/").status_code == 405


def test_more_than_the_board_takes(signed_in, make_user):
    maras = signed_in(make_user("Mara"))
    response = maras.post_form("/rotterdam/ideas", {"text": "x" * (300 * 1024)})
    assert response.status_code == 413 and "That was too much" in page_of(response).words
    told = maras.post_form("/rotterdam/ideas", {"text": "x" * (300 * 1024)}, headers=JSON)
    assert told.status_code == 413 and message_of(told)


def test_more_fields_than_any_form_has(signed_in, make_user):
    maras = signed_in(make_user("Mara"))
    many = {f"field{number}": "x" for number in range(500)}
    assert maras.post_form("/rotterdam/ideas", many).status_code in (413, 422)
    parts = {**many, "csrf_token": maras.csrf_token()}
    response = maras.post(
        "/rotterdam/ideas",
        data=parts,
        content_type="multipart/form-data",
        headers={"Origin": "http://localhost"},
    )
    assert response.status_code == 413


def test_a_page_in_the_readers_language(client):
    response = client.get("/atlantis", headers={"Accept-Language": "de"})
    assert page_of(response).one("html")["lang"] == "de"


def test_an_error_page_knows_who_is_signed_in(signed_in, make_user):
    page = page_of(signed_in(make_user("Mara")).get("/atlantis"))
    assert page.all("a", href="/me") and not page.all("a", href="/register")


def test_a_database_that_is_away_is_a_clear_page_and_not_a_fault(app, client):
    """The table goes, as it does under a half-restored backup; reading says so and does not crash."""
    app.testing = False
    run_sql("ALTER TABLE ideas RENAME TO gone")
    response = client.get("/rotterdam")
    assert response.status_code in (500, 503)
    assert "Nothing was saved." in page_of(response).words
    run_sql("ALTER TABLE gone RENAME TO ideas")
    assert client.get("/rotterdam").status_code == 200
