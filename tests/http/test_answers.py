"""What answers carry besides the page: headers that browsers and caches act on, and nothing personal in the logs."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from app.cities.actions.making import name_source
from app.core.errors import Invalid
from app.core.extensions import db

HTMX = {"HX-Request": "true"}


def test_htmx_is_led_to_an_address_with_chinese_words(client):
    response = client.post_form("/language", {"language": "zh", "next": "/shenzhen?q=骑行"}, headers=HTMX)
    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == "/shenzhen?q=%E9%AA%91%E8%A1%8C"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_back_does_not_find_a_part_of_a_page_in_the_pages_place(client, headers):
    response = client.get("/rotterdam", headers=headers)
    assert "hx-request" in {name.strip().lower() for name in response.headers["Vary"].split(",")}


def test_a_failed_statement_is_logged_without_what_was_to_be_written(app, client, capsys):
    app.testing = False

    def write():
        db.session.execute(
            text("INSERT INTO nowhere VALUES (:who)"), {"who": "@".join(("mara", "example.org"))}
        )

    app.add_url_rule("/broken", "broken", write)
    capsys.readouterr()
    assert client.get("/broken").status_code in (500, 503)
    logged = capsys.readouterr().err
    assert "INSERT INTO nowhere" in logged and "mara@example.org" not in logged


@pytest.mark.parametrize(
    "fault", [OperationalError("SELECT 1", {}, Exception("gone")), NoConnectionFree("busy")]
)
def test_a_database_without_time_for_us_is_busy_not_broken(app, client, capsys, fault):
    app.testing = False

    def fail():
        raise fault

    app.add_url_rule("/broken", "broken", fail)
    response = client.get("/broken")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    events = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines() if line[:1] == "{"]
    assert "database_unavailable" in events


@pytest.mark.settings(rate_limits=True)
def test_previews_are_for_who_may_write_and_not_without_end(client, signed_in, make_user):
    assert client.post_form("/preview", {"text": "**bold**"}).status_code == 303
    maras = signed_in(make_user("Mara"))
    codes = [maras.post_form("/preview", {"text": "**bold**"}).status_code for _ in range(301)]
    assert codes == [200] * 300 + [429]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "example.org", "//example.org"]
)
def test_a_boards_source_is_an_address_of_the_web(city, address):
    with pytest.raises(Invalid):
        name_source(city, "A participation platform", address)
    name_source(city, None, "https://example.org/data")
    assert city.source_url == "https://example.org/data"
