"""Organisers set up the series: overview, editions, cities, workshops, rules, moderators."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.cities.actions.moderating import appoint
from app.cities.models import City, Edition, Moderator, Workshop
from app.core import clock as core_clock
from app.core.extensions import db
from app.moderation.models import Act
from tests.boards import post, run_sql
from tests.pages import page_of

PAGES = (
    "", "/editions", "/cities", "/cities/rotterdam", "/cities/rotterdam/rules", "/cities/rotterdam/moderators",
    "/cities/rotterdam/workshops", "/themes", "/reasons", "/affiliations", "/participants", "/imports", "/sample",
)  # fmt: skip


@pytest.fixture
def olga(signed_in, make_user):
    """A browser in which an organiser is signed in."""
    return signed_in(make_user("Olga", organiser=True))


def said(response) -> str:
    return page_of(response).words


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_there_for_organisers_and_for_nobody_else(path, olga, client, signed_in, make_user):
    address = f"/organise{path}"
    shown = olga.get(address)
    assert shown.status_code == 200
    assert shown.headers["Cache-Control"] == "no-store"
    assert len(page_of(shown).all("h1")) == 1
    assert page_of(shown).all("a", aria_current="page"), "the navigation says where one is"
    assert signed_in(make_user("Mara")).get(address).status_code == 404
    assert client.get(address).headers["Location"] == f"/sign-in?next={address}"


def test_the_overview_says_how_things_are(olga, city, make_user, clock):
    post(city, make_user("Mara"))
    run_sql("UPDATE cities SET posting_is_open = false, is_public = false WHERE slug = 'berlin'")
    words = said(olga.get("/organise"))
    assert "Olga" in words and "every new account counts as confirmed" in words
    assert "1 idea" in words and "posting paused" in words and "members only" in words
    assert "There is no sample content." in words


@pytest.mark.settings(confirm_email=True)
def test_the_organiser_is_told_that_addresses_are_confirmed(olga):
    words = said(olga.get("/organise"))
    assert "24 hours" in words and "every new account counts as confirmed" not in words


def test_organisers_see_the_way_to_their_pages(olga, client, signed_in, make_user):
    assert page_of(olga.get("/")).all("a", href="/organise")
    assert not page_of(signed_in(make_user("Mara")).get("/")).all("a", href="/organise")
    assert not page_of(client.get("/")).all("a", href="/organise")


def test_a_link_for_a_further_organiser_is_shown_once_and_works(olga, signed_in, make_user):
    page = page_of(olga.post_form("/organise/link"))
    address = page.one("input", id="link")["value"]
    assert address.startswith("http://localhost/organiser/")
    tom = make_user("Tom")
    assert signed_in(tom).post_form(address.removeprefix("http://localhost")).status_code == 303
    assert signed_in(tom).get("/organise").status_code == 200


# editions --------------------------------------------------------------------------------------------


def test_an_edition_is_added_renamed_and_made_the_current_one(olga, client):
    assert (
        olga.post_form("/organise/editions", {"motto": "Cities on Foot", "year": "2031"}).status_code == 303
    )
    edition = db.session.scalar(select(Edition).where(Edition.year == 2031))
    assert not edition.is_current
    olga.post_form(f"/organise/editions/{edition.id}", {"motto": "Cities Afoot", "year": "2032"})
    olga.post_form(f"/organise/editions/{edition.id}/current")
    assert list(db.session.scalars(select(Edition.year).where(Edition.is_current))) == [2032]
    assert "Cities Afoot" in said(client.get("/"))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"motto": "", "year": "2031"}, "Write the edition's motto."),
        ({"motto": "Again", "year": ""}, "Write the edition's year"),
        ({"motto": "Again", "year": "31"}, "from 2000 to 2100"),
        ({"motto": "x" * 121, "year": "2031"}, "1 to 120 characters"),
    ],
)
def test_an_edition_that_cannot_be_is_shown_again_as_typed(olga, typed, sentence):
    refused = olga.post_form("/organise/editions", typed)
    assert refused.status_code == 422
    assert sentence.replace("'", "’") in said(refused).replace("'", "’")
    assert page_of(refused).one("input", name="motto")["value"] == typed["motto"]


def test_there_is_one_edition_a_year(olga):
    year = db.session.scalar(select(Edition.year))
    refused = olga.post_form("/organise/editions", {"motto": "Twice", "year": str(year)})
    assert refused.status_code == 422 and f"edition of {year} already" in said(refused)


# cities ----------------------------------------------------------------------------------------------

GOUDA = {
    "name": "Gouda", "slug": "gouda", "time_zone": "Europe/Amsterdam", "language": "nl", "question": "Cheese?"
}  # fmt: skip


def the_edition() -> str:
    return str(db.session.scalar(select(Edition.id)))


def test_a_city_is_added_at_the_end(olga, client):
    done = olga.post_form("/organise/cities", {**GOUDA, "edition": the_edition()})
    assert done.headers["Location"] == "/organise/cities/gouda"
    assert client.get("/gouda").status_code == 200
    assert db.session.scalar(select(City.slug).order_by(City.position.desc())) == "gouda"


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"slug": "Gouda!"}, "slug", "small letters"),
        ({"slug": "rotterdam"}, "slug", "There is a city at"),
        ({"slug": "organise"}, "slug", "the address of another page"),
        ({"time_zone": "Europe/Gouda"}, "time_zone", "is no time zone"),
        ({"language": "Dutch"}, "language", "is no language"),
        ({"name": ""}, "name", "Write the city"),
    ],
)
def test_a_city_that_cannot_be_says_why_beside_the_field(olga, wrong, field, sentence):
    typed = {**GOUDA, "edition": the_edition(), **wrong}
    refused = olga.post_form("/organise/cities", typed)
    assert refused.status_code == 422
    page = page_of(refused)
    assert sentence in page.words
    assert page.one("input", id=field)["aria-invalid"] == "true"
    assert page.one("input", name="question")["value"] == "Cheese?"


def test_cities_change_places(olga):
    olga.post_form("/organise/cities/melbourne/position", {"act": "up"})
    olga.post_form("/organise/cities/los-angeles/position", {"act": "down"})
    olga.post_form("/organise/cities/berlin/position", {"act": "down"})
    slugs = list(db.session.scalars(select(City.slug).order_by(City.position)))
    assert slugs == ["melbourne", "shenzhen", "los-angeles", "rotterdam", "berlin"]
    assert list(db.session.scalars(select(City.position).order_by(City.position))) == [1, 2, 3, 4, 5]


FACTS = {
    "name": "Rotterdam", "partner": "The Harbour School", "question": "", "starts_on": "2026-09-12",
    "ends_on": "2026-09-14", "time_zone": "Europe/Amsterdam", "language": "nl", "more_languages": "ca, ar nl",
    "source_text": "A survey", "source_url": "https://data.example/x",
}  # fmt: skip


def test_what_is_said_of_a_city_stands_on_its_pages(olga, client, city):
    assert olga.post_form("/organise/cities/rotterdam", FACTS).status_code == 303
    assert "The Harbour School" in said(client.get("/")) and "A survey" in said(client.get("/rotterdam"))
    page = page_of(olga.get("/organise/cities/rotterdam"))
    assert page.one("input", name="starts_on")["value"] == "2026-09-12"
    assert page.one("input", name="more_languages")["value"] == "ca,ar"
    olga.post_form("/organise/cities/rotterdam", {**FACTS, "partner": "", "starts_on": "", "ends_on": ""})
    assert "The Harbour School" not in said(client.get("/"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ends_on": "2026-09-11"}, "on or after"),
        ({"starts_on": "tomorrow"}, "valid date"),
        ({"source_url": "javascript:alert(1)"}, "begins with https://"),
        ({"source_url": "https://[x"}, "begins with https://"),
        ({"more_languages": "Catalan"}, "is no language"),
        ({"more_languages": " ".join(f"{a}{b}a" for a in "abcdef" for b in "abcdef")}, "too many languages"),
        ({"partner": "x" * 121}, "Shorten this to 120"),
        ({"time_zone": "../../etc/passwd"}, "is no time zone"),
    ],
)
def test_facts_that_cannot_be_are_shown_again_as_typed(olga, wrong, sentence):
    refused = olga.post_form("/organise/cities/rotterdam", {**FACTS, **wrong})
    assert refused.status_code == 422 and sentence in said(refused)
    [(field, typed)] = wrong.items()
    assert page_of(refused).one("input", name=field)["value"] == typed


def test_a_new_time_zone_moves_no_moment(olga, city, clock):
    run_sql("UPDATE workshops SET starts_at = '2026-09-14 12:00:00' WHERE number = 1")
    before = db.session.scalar(select(Workshop.starts_at).where(Workshop.city_id == city.id))
    olga.post_form("/organise/cities/rotterdam", {**FACTS, "time_zone": "Asia/Tokyo"})
    assert db.session.scalar(select(Workshop.starts_at).where(Workshop.city_id == city.id)) == before
    form = page_of(olga.get("/organise/cities/rotterdam/workshops/1"))
    assert form.one("input", name="starts_at")["value"] == "2026-09-14T21:00"


def test_people_can_say_that_they_write_in_one_of_the_citys_languages(olga, signed_in, make_user, city):
    olga.post_form("/organise/cities/rotterdam", FACTS)
    mara = signed_in(make_user("Mara"))
    page = page_of(mara.get("/rotterdam/ideas/new"))
    assert {"ca", "ar", "nl", "de"} <= {option["value"] for option in page.all("option")}
    assert "català" in page.words
    typed = {"kind": "challenge", "title": "Massa cotxes al carrer", "themes": ["1"], "language": "ca"}
    assert mara.post_form("/rotterdam/ideas", typed).status_code == 303
    assert mara.post_form("/berlin/ideas", typed).status_code == 422


# workshops -------------------------------------------------------------------------------------------


def test_a_workshop_is_added_changed_and_removed(olga, city, client):
    url = "/organise/cities/rotterdam/workshops"
    number = page_of(olga.get(url)).one("input", name="number")["value"]
    typed = {"number": number, "audience": "residents", "title": "At the market",
             "starts_at": "2026-09-20T14:00", "ends_at": "2026-09-20T16:00"}  # fmt: skip
    assert olga.post_form(url, typed).status_code == 303
    row = db.session.scalar(
        select(Workshop).where(Workshop.number == int(number), Workshop.city_id == city.id)
    )
    assert row.starts_at == datetime(2026, 9, 20, 12, 0, tzinfo=UTC)
    assert "At the market" in said(client.get("/rotterdam"))
    olga.post_form(f"{url}/{number}", {**typed, "title": "", "starts_at": "", "ends_at": ""})
    assert "At the market" not in said(client.get("/rotterdam"))
    assert olga.post_form(f"{url}/{number}/removal").status_code == 303
    for nobodys in (number, 10**30):
        assert olga.get(f"{url}/{nobodys}").status_code == 404
        assert olga.post_form(f"{url}/{nobodys}/removal").status_code == 404


def test_a_workshop_that_ideas_came_from_stays(olga, city, make_user):
    workshop = db.session.scalar(select(Workshop).where(Workshop.city_id == city.id, Workshop.number == 1))
    post(city, make_user("Mara"), workshop=workshop)
    url = "/organise/cities/rotterdam/workshops"
    olga.post_form(f"{url}/1/removal")
    assert "This workshop has been used" in said(olga.get(url))
    assert db.session.get(Workshop, workshop.id) is not None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"number": "1"}, "There is a workshop 1 already"),
        ({"number": "100"}, "from 1 to 99"),
        ({"ends_at": "2026-09-20T14:00"}, "ends after it starts"),
        ({"audience": "cats"}, "Not a valid choice"),
        ({"starts_at": "noon"}, "valid datetime"),
    ],
)
def test_a_workshop_that_cannot_be_says_why(olga, wrong, sentence):
    typed = {"number": "7", "audience": "students", "title": "Kept", "starts_at": "2026-09-20T14:00",
             "ends_at": "2026-09-20T16:00", **wrong}  # fmt: skip
    refused = olga.post_form("/organise/cities/rotterdam/workshops", typed)
    assert refused.status_code == 422 and sentence in said(refused)
    assert page_of(refused).one("input", name="title")["value"] == "Kept"


# rules and moderators --------------------------------------------------------------------------------


def test_rules_are_changed_and_the_change_is_in_the_log(olga, city, client):
    rules = {"posting": "paused", "moderation": "before", "readers": "members"}
    assert olga.post_form("/organise/cities/rotterdam/rules", rules).status_code == 303
    db.session.refresh(city)
    assert (city.posting_is_open, city.moderation, city.is_public) == (False, "before", False)
    act = db.session.scalar(select(Act))
    assert (act.kind, act.role) == ("settings", "organiser")
    assert client.get("/rotterdam").status_code == 303
    olga.post_form("/organise/cities/rotterdam/rules", rules)
    assert len(db.session.scalars(select(Act)).all()) == 1, "nothing changed, so nothing is logged"
    assert olga.post_form("/organise/cities/rotterdam/rules", {"posting": "paused"}).status_code == 422


def test_a_moderator_is_appointed_by_address_and_removed(olga, city, make_user):
    ana = make_user("Ana", email="ana@example.org")
    url = "/organise/cities/rotterdam/moderators"
    assert olga.post_form(url, {"email": " Ana@Example.org "}).status_code == 303
    shown = said(olga.get(url))
    assert "Ana" in shown and "ana@example.org" not in shown
    olga.post_form(f"{url}/{ana.id}/removal")
    assert db.session.scalars(select(Moderator)).all() == []
    assert "Nobody moderates this board yet" in said(olga.get(url))


def test_nobody_is_appointed_whose_address_is_not_confirmed(olga, make_user):
    make_user("Lena", email="lena@example.org", confirmed=False)
    for address in ("lena@example.org", "nobody@example.org"):
        refused = olga.post_form("/organise/cities/rotterdam/moderators", {"email": address})
        assert refused.status_code == 422 and "Nobody has confirmed this address" in said(refused)
        assert page_of(refused).one("input", name="email")["value"] == address


def test_moderators_have_no_business_on_organisers_pages(signed_in, make_user, city):
    ana = make_user("Ana")
    appoint(city, ana, core_clock.now())
    assert signed_in(ana).get("/organise/cities/rotterdam").status_code == 404
