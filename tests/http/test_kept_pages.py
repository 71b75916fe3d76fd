"""Pages of nobody in particular are kept, and nothing of one person reaches another through them.

Everything is kept here for as long as its stamp stands, and the time stands still: a page that should have been made
anew and was not is seen at once.
"""

from __future__ import annotations

import gzip

import brotli
import pytest
from flask import flash, session
from flask_wtf.csrf import generate_csrf

from app.core.visitors import kept_for_visitors
from tests.boards import post, say
from tests.keeping_pages import Makings, keep_everything
from tests.pages import page_of

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def makings(monkeypatch, clock) -> Makings:
    return keep_everything(monkeypatch)


@pytest.fixture
def mara(make_user):
    return make_user("Mara Quist")


@pytest.fixture
def idea(city, mara):
    return post(city, mara)


@pytest.fixture(params=["home", "board", "idea"])
def url(request, idea) -> str:
    """Each page that is kept."""
    return {
        "home": "/",
        "board": "/rotterdam",
        "idea": f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel",
    }[request.param]


def test_what_visitors_ask_again_is_made_once(app, url, makings):
    first, second = app.test_client().get(url), app.test_client().get(url)
    assert first.status_code == second.status_code == 200
    assert first.data == second.data
    assert makings.taken() == 1


def test_whoever_is_signed_in_neither_gets_nor_leaves_a_kept_page(client, signed_in, mara, url, makings):
    as_visitor = client.get(url).text
    as_mara = signed_in(mara).get(url)
    assert f'data-me="{mara.id}"' in as_mara.text and "csrf_token" in as_mara.text
    assert "ETag" not in as_mara.headers
    assert as_mara.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in as_mara.headers["Vary"]
    assert client.get(url).text == as_visitor
    assert 'data-me=""' in as_visitor and "csrf_token" not in as_visitor
    assert makings.taken() == 1


def test_the_page_of_who_came_first_signed_in_is_nobody_elses(client, signed_in, mara, url):
    signed_in(mara).get(url)
    assert 'data-me=""' in client.get(url).text


def test_signing_in_and_out_in_one_browser_shows_each_time_whose_page_it_is(client, mara, url):
    """With what the browser has kept of it: its ETag never turns the one into the other."""
    etag = client.get(url).headers["ETag"]
    signed = client.post_form("/sign-in", {"email": mara.email, "password": "seven trams to the sea"})
    assert signed.status_code == 303
    theirs = client.get(url, headers={"If-None-Match": etag})
    assert (theirs.status_code, f'data-me="{mara.id}"' in theirs.text) == (200, True)
    client.post_form("/sign-out")
    client.get(url)  # the word of farewell
    after = client.get(url, headers={"If-None-Match": etag})
    assert (after.status_code, after.headers["ETag"]) == (304, etag)


def test_a_waiting_message_is_shown_to_its_reader_once_and_to_nobody_else(app, client, url):
    before = client.get(url).text
    with client.session_transaction() as values:
        values["_flashes"] = [("message", "Your password is new.")]
    assert "Your password is new." not in app.test_client().get(url).text
    told = client.get(url)
    assert "Your password is new." in told.text and "ETag" not in told.headers
    assert client.get(url).text == app.test_client().get(url).text == before


def test_a_session_that_holds_more_than_a_language_is_somebodys(client, url, makings):
    with client.session_transaction() as values:
        values["workshop"] = 7
    answer = client.get(url)
    assert (makings.taken(), answer.headers.get("ETag")) == (0, None)
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_language_chosen_on_the_page_or_in_the_browser_is_kept_apart(app, client, url):
    client.post_form("/language", {"language": "nl"})
    assert '<html lang="nl"' in client.get(url).text
    assert '<html lang="en"' in app.test_client().get(url).text
    german = app.test_client().get(url, headers={"Accept-Language": "de"})
    assert '<html lang="de"' in german.text
    assert '<html lang="nl"' in client.get(url, headers={"Accept-Language": "de"}).text


def test_who_has_seen_a_form_gets_the_kept_page_like_all_others(client, url, makings):
    client.get("/sign-in")
    assert "csrf_token" not in client.get(url).text
    assert makings.taken() == 1


def test_a_page_with_a_token_is_not_kept_even_where_the_session_had_it_before(app, client):
    """Then the token is made without the session being touched."""

    @kept_for_visitors(lambda: 1)
    def form() -> str:
        return f"<p>{generate_csrf()}</p>"

    app.add_url_rule("/form", view_func=form)
    client.get("/sign-in")
    with_token = client.get("/form")
    assert "ETag" not in with_token.headers and "private" in with_token.headers["Cache-Control"]
    assert app.test_client().get("/form").data != with_token.data


@pytest.mark.parametrize("does", ["cookie", "session", "message"])
def test_what_is_for_one_browser_is_not_kept(app, client, makings, does):
    @kept_for_visitors(lambda: 1)
    def page() -> object:
        if does == "session":
            session["language"] = "fr"
        if does == "message":
            flash("For you alone.")
        answer = app.make_response("<p>A page</p>")
        if does == "cookie":
            answer.set_cookie("seen", "yes")
        return answer

    app.add_url_rule("/page", view_func=page)
    for who in (client, app.test_client()):
        answer = who.get("/page")
        assert "Set-Cookie" in answer.headers
        assert "ETag" not in answer.headers and "private" in answer.headers["Cache-Control"]
    assert makings.taken() == 2


def test_asking_for_the_head_changes_no_page(app, client, url):
    """Pages lead back to themselves after signing in, but not where only their head was asked for."""
    fresh = app.test_client().head(url)
    assert (fresh.status_code, fresh.data) == (200, b"")
    page = page_of(client.get(url))
    assert any("next=" in attributes.get("href", "") for tag, attributes in page.tags if tag == "a")


def test_a_part_for_htmx_and_the_whole_page_are_two_things(client, idea):
    whole = client.get("/rotterdam").text
    part = client.get("/rotterdam", headers=FRAGMENT)
    assert "<html" in whole and "<html" not in part.text
    assert part.headers["HX-Push-Url"] == "/rotterdam"
    back = client.get("/rotterdam", headers={**FRAGMENT, "HX-History-Restore-Request": "true"})
    assert back.text == whole
    again = client.get("/rotterdam", headers=FRAGMENT)
    assert (again.text, again.headers["HX-Push-Url"]) == (part.text, "/rotterdam")


def test_what_is_looked_for_is_not_answered_with_the_whole_board(client, city, mara, idea):
    post(city, mara, "A ferry at night")
    whole, found = client.get("/rotterdam").text, client.get("/rotterdam?q=ferry").text
    assert "Bike lane on Coolsingel" in whole and "Bike lane on Coolsingel" not in found
    assert "A ferry at night" in found and client.get("/rotterdam").text == whole


def test_each_host_gets_its_own_addresses(client, idea, url):
    """What a proxy that nobody named says of the host is not believed, and not kept."""
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example",
    }
    assert "evil.example" not in client.get(url, headers=forged).text
    assert "other.example" not in client.get(url).text
    assert "http://localhost" not in client.get(url, base_url="http://other.example").text
    assert "other.example" not in client.get(url).text


@pytest.mark.settings(proxies=1)
def test_behind_a_proxy_each_scheme_and_host_is_kept_apart(client, idea):
    url = f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel"
    for host in ("one.example", "two.example"):
        for scheme in ("http", "https"):
            told = {"X-Forwarded-Host": host, "X-Forwarded-Proto": scheme}
            assert f"{scheme}://{host}{url}" in client.get(url, headers=told).text


def test_caches_in_between_may_answer_for_a_second_where_no_cookie_was_sent(app, client, url):
    bare = app.test_client(use_cookies=False).get(url).headers
    assert bare["Cache-Control"] == "public, max-age=0, s-maxage=1, must-revalidate"
    assert "Set-Cookie" not in bare
    client.post_form("/language", {"language": "en"})
    assert client.get(url).headers["Cache-Control"] == "private, no-cache"
    for headers in (bare, client.get(url).headers):
        assert {
            "Cookie",
            "Accept-Language",
            "Accept-Encoding",
            "HX-Request",
            "HX-History-Restore-Request",
        } <= {name.strip() for name in headers["Vary"].split(",")}


def test_a_browser_that_has_the_page_is_told_so(client, url, idea, mara, city):
    first = client.get(url)
    etag = first.headers["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}'):
        again = client.get(url, headers={"If-None-Match": known})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
        for name in ("Content-Security-Policy", "Cache-Control", "Vary"):
            assert again.headers[name] == first.headers[name]
    say(idea, mara)
    post(city, mara, "A bench at every stop")
    later = client.get(url, headers={"If-None-Match": etag})
    assert later.status_code == 200 and later.headers["ETag"] != etag


def test_every_encoding_says_the_same_under_a_name_of_its_own(client, url):
    answers = {
        name: client.get(url, headers={"Accept-Encoding": accepted})
        for name, accepted in (("", "identity"), ("gzip", "gzip, br;q=0"), ("br", "gzip, br"))
    }
    plain = answers[""].data
    assert gzip.decompress(answers["gzip"].data) == brotli.decompress(answers["br"].data) == plain
    assert [answer.headers.get("Content-Encoding", "") for answer in answers.values()] == list(answers)
    assert len({answer.headers["ETag"] for answer in answers.values()}) == 3


def test_what_is_no_page_is_not_kept(client, idea, makings):
    moved = client.get(f"/rotterdam/ideas/{idea.id}")
    assert (moved.status_code, "ETag" in moved.headers) == (301, False)
    for missing in ("/rotterdam/ideas/99999", "/atlantis", "/rotterdam/ideas/99999-words"):
        answer = client.get(missing)
        assert (answer.status_code, answer.headers.get("ETag")) == (404, None)
        assert "private" in answer.headers["Cache-Control"] or "no-store" in answer.headers["Cache-Control"]
    makings.taken()
    client.get(f"/rotterdam/ideas/{idea.id}")
    assert makings.taken() == 1, "made anew"
