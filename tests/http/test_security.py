"""The doors of every request: where it comes from, what it carries, what the browser may do with the answer."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from app.core.extensions import db
from app.core.security import CDN_SCRIPTS
from app.ideas.models import Idea
from tests.boards import post
from tests.conftest import PASSWORD
from tests.pages import message_of, page_of

ORIGIN = "http://localhost"
TYPED = {"kind": "challenge", "title": "Trams wait for cars", "text": "", "themes": ["1"]}
FOREIGN = [
    "https://evil.example",
    "http://localhost.evil.example",
    "https://localhost",
    "http://localhost:81",
    "http://localhost/",
    "null",
    "",
]


@pytest.fixture
def mara(make_user):
    return make_user("Mara", email="mara@example.org")


@pytest.fixture
def maras(signed_in, mara):
    """Mara's browser."""
    return signed_in(mara)


def ideas() -> int:
    return db.session.scalar(select(func.count()).select_from(Idea)) or 0


# where it comes from ---------------------------------------------------------------------------------


def test_a_form_of_another_site_is_refused(maras):
    for origin in FOREIGN:
        response = maras.post_form("/rotterdam/ideas", TYPED, headers={"Origin": origin})
        assert response.status_code == 403, origin
    assert ideas() == 0


@pytest.mark.parametrize("site", ["cross-site", "same-site", "CROSS-SITE", "whatever"])
def test_a_browser_that_says_cross_site_is_believed(maras, site):
    response = maras.post_form("/rotterdam/ideas", TYPED, headers={"Sec-Fetch-Site": site})
    assert response.status_code == 403 and ideas() == 0


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_form_is_taken(maras, site):
    assert maras.post_form("/rotterdam/ideas", TYPED, headers={"Sec-Fetch-Site": site}).status_code == 303


def test_a_browser_that_sends_no_origin_needs_the_token_all_the_same(maras):
    token = maras.csrf_token()
    assert maras.post("/rotterdam/ideas", data=TYPED).status_code == 400
    assert maras.post("/rotterdam/ideas", data={**TYPED, "csrf_token": token}).status_code == 303


def test_every_unsafe_method_is_checked(maras, client, city, make_user):
    idea = post(city, make_user("Tom"))
    for method in ("PUT", "DELETE", "POST"):
        evil = {"Origin": "https://evil.example"}
        assert maras.send(method, f"/ideas/{idea.id}/upvote", headers=evil).status_code == 403
        bare = maras.open(f"/ideas/{idea.id}/upvote", method=method, headers={"Origin": ORIGIN})
        assert bare.status_code == 400, method
    assert db.session.get_one(Idea, idea.id).upvote_count == 0


@pytest.mark.settings(public_url="https://cities.example")
def test_behind_a_proxy_the_public_address_is_our_own(maras):
    own = {"Origin": "https://cities.example"}
    assert maras.post_form("/rotterdam/ideas", TYPED, headers=own).status_code == 303
    for origin in (
        "http://cities.example",
        "https://cities.example.evil.example",
        "https://www.cities.example",
    ):
        assert maras.post_form("/rotterdam/ideas", TYPED, headers={"Origin": origin}).status_code == 403


@pytest.mark.settings(public_url="https://cities.example")
def test_another_host_is_not_served(client):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/", headers={"Host": "cities.example"}).status_code == 200


# the token -------------------------------------------------------------------------------------------


def test_without_the_token_nothing_happens_and_the_text_is_not_lost(maras):
    for token in (None, "", "rubbish", "a.b.c", "x" * 3000):
        data = {**TYPED} if token is None else {**TYPED, "csrf_token": token}
        response = maras.post("/rotterdam/ideas", data=data, headers={"Origin": ORIGIN})
        assert response.status_code == 400, token
        assert "what you typed is kept" in page_of(response).words
    told = maras.post(
        "/rotterdam/ideas", data=TYPED, headers={"Origin": ORIGIN, "Accept": "application/json"}
    )
    assert told.status_code == 400 and message_of(told) and told.get_json()["csrf"] is True
    assert ideas() == 0


def test_the_token_of_another_person_does_not_work(maras, signed_in, make_user):
    toms = signed_in(make_user("Tom"))
    with toms.session_transaction() as session:
        session["csrf_token"] = "1" * 40
    stolen = {**TYPED, "csrf_token": toms.csrf_token()}
    assert maras.post("/rotterdam/ideas", data=stolen, headers={"Origin": ORIGIN}).status_code == 400


def test_the_token_that_a_page_holds_works(maras):
    token = page_of(maras.get("/rotterdam/ideas/new")).one("form", id="acts") and re.search(
        r'name="csrf_token" value="([^"]+)"', maras.get("/rotterdam/ideas/new").get_data(as_text=True)
    )
    data = {**TYPED, "csrf_token": token[1]}
    assert maras.post("/rotterdam/ideas", data=data, headers={"Origin": ORIGIN}).status_code == 303
    held = page_of(maras.get("/rotterdam")).one("body")["data-csrf"]
    again = {**TYPED, "csrf_token": held}
    assert maras.post("/rotterdam/ideas", data=again, headers={"Origin": ORIGIN}).status_code == 303


# what the browser may do -----------------------------------------------------------------------------


def everywhere(client, signed_in, make_user, city) -> list:
    """One answer of every kind."""
    olgas = signed_in(make_user("Olga", organiser=True))
    idea = post(city, make_user("Tom"))
    return [
        client.get("/"),
        client.get("/rotterdam"),
        client.get("/rotterdam", headers={"HX-Request": "true"}),
        client.get(f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel"),
        client.get(f"/rotterdam/ideas/{idea.id}"),
        client.get("/rotterdam/changes?since=0"),
        client.get("/rotterdam/changes?since=1"),
        client.get("/rotterdam/similar?title=bike+lane"),
        client.get("/sign-in"),
        client.get("/register"),
        client.get("/privacy"),
        client.get("/me"),
        client.get("/atlantis"),
        client.get("/healthz"),
        client.get("/readyz"),
        client.post("/language", data={}),
        client.post("/language", headers={"Origin": "https://evil.example"}),
        olgas.get("/rotterdam/ideas/new"),
        olgas.get("/me"),
        olgas.get("/me/data.json"),
        olgas.get("/me/account"),
        olgas.get("/me/deletion"),
        olgas.get("/organise"),
        olgas.post_form("/preview", {"text": "x"}),
    ]


def test_every_answer_carries_the_headers(client, signed_in, make_user, city):
    for response in everywhere(client, signed_in, make_user, city):
        where = response.request.path
        policy = dict(
            part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] == "'none'", where
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'", where
        assert set(policy["script-src"].split()) == {"'self'", *CDN_SCRIPTS}, where
        assert policy["style-src"] == policy["font-src"] == policy["form-action"] == "'self'", where
        assert policy["connect-src"] == "'self' ws://localhost", where
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "DENY"
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in response.headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in response.headers
        assert "Server" not in response.headers or "/" not in response.headers["Server"]
        if response.mimetype in ("text/html", "application/json"):
            assert re.search(
                "no-cache|no-store|max-age=0, s-maxage=1, must", response.headers["Cache-Control"]
            ), where


def test_no_page_needs_more_than_the_policy_allows(client, signed_in, make_user, city):
    for response in everywhere(client, signed_in, make_user, city):
        if response.mimetype != "text/html":
            continue
        for tag, attributes in page_of(response).tags:
            where = (response.request.path, tag, attributes)
            assert tag not in ("style", "iframe", "object", "embed", "base"), where
            assert "style" not in attributes, where
            assert not [name for name in attributes if name.startswith("on")], where
            if tag == "script" and "src" not in attributes:
                assert attributes.get("type") == "application/json", where
            if tag == "script" and (attributes.get("src") or "").startswith("http"):
                assert attributes["src"] in CDN_SCRIPTS and attributes["integrity"], where


@pytest.mark.settings(assets="local")
def test_with_local_assets_nothing_is_asked_of_anybody_else(client):
    response = client.get("/rotterdam")
    assert "jsdelivr" not in response.headers["Content-Security-Policy"]
    assert "jsdelivr" not in response.get_data(as_text=True)


@pytest.mark.settings(https=True)
def test_over_https_cookies_and_headers_are_bound_to_it(client, mara):
    response = client.post(
        "/sign-in",
        base_url="https://localhost",
        data={"email": "mara@example.org", "password": PASSWORD, "csrf_token": token_of(client)},
        headers={"Origin": "https://localhost"},
    )
    assert response.status_code == 303
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in cookie
    assert "Domain" not in cookie
    assert response.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "connect-src 'self' wss://localhost" in response.headers["Content-Security-Policy"]


def token_of(client) -> str:
    """The token of a sign-in page read over HTTPS."""
    html = client.get("/sign-in", base_url="https://localhost").get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
    assert found
    return found[1]


def test_over_http_cookies_are_kept_from_scripts_and_other_sites(client, mara):
    response = client.post_form("/sign-in", {"email": "mara@example.org", "password": PASSWORD})
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("session=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_a_reader_gets_no_cookie_that_names_anybody(client):
    response = client.get("/rotterdam")
    for cookie in response.headers.getlist("Set-Cookie"):
        assert cookie.startswith("session=") and "_user_id" not in cookie


def test_an_address_with_a_token_does_not_leak_by_referrer(client):
    assert client.get("/reset-password/some-token").headers["Referrer-Policy"] in (
        "same-origin",
        "no-referrer",
    )
