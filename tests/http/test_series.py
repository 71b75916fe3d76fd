"""The home page of the series, and the organiser's page."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.cities.models import City, Edition
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Idea
from tests.boards import post, put_in_state, run_sql
from tests.pages import page_of

CITIES = ["Los Angeles", "Melbourne", "Shenzhen", "Rotterdam", "Berlin"]


def test_the_home_page_shows_the_five_cities_in_their_order(client):
    page = page_of(client.get("/"))
    assert "Cities in Progress" in page.words
    shown = [attrs["data-line"] for attrs in page.all("li", class_="stop-city")]
    assert shown == ["los-angeles", "melbourne", "shenzhen", "rotterdam", "berlin"]
    assert all(name in page.words for name in CITIES)


def test_figures_live(client, cities, make_user, clock):
    mara, tom = make_user("Mara"), make_user("Tom")
    idea = post(cities["berlin"], mara)
    post(cities["berlin"], mara, "A second idea of hers")
    put_in_state(post(cities["berlin"], mara, "A hidden idea"), "hidden")
    upvote(idea, by=tom, at=clock.now())
    words = " ".join(page_of(client.get("/")).words.replace(",", " ").split())
    assert words.count("2 ideas 1 upvote 2 people") == 2  # of Berlin, and in all
    assert words.count("0 ideas 0 upvotes 0 people") == 4


def test_a_series_without_an_edition_has_no_home_page_but_no_fault(client, app):
    with unit_of_work():
        db.session.execute(update(Edition).values(is_current=False))
    assert client.get("/").status_code == 200  # the latest stands in


def test_dates_and_partners_are_shown_where_known(client, cities):
    run_sql(
        "UPDATE cities SET starts_on = '2026-10-05', ends_on = '2026-10-09', partner = 'RET' WHERE slug = 'rotterdam'"
    )
    words = page_of(client.get("/")).words
    assert "RET" in words and "Oct 5" in words and "2026" in words
    assert "dates to be announced" in words


def test_the_organisers_page_is_there_for_organisers_only(client, signed_in, make_user):
    olga, mara = make_user("Olga", organiser=True), make_user("Mara")
    page = page_of(signed_in(olga).get("/organise"))
    assert "Organise" in page.words and "Olga" in page.words
    assert "every new account counts as confirmed" in page.words
    assert signed_in(mara).get("/organise").status_code == 404
    assert signed_in(mara).post_form("/organise/sample").status_code == 404
    assert client.get("/organise").headers["Location"] == "/sign-in?next=/organise"


@pytest.mark.settings(confirm_email=True)
def test_the_organiser_is_told_that_addresses_are_confirmed(signed_in, make_user):
    words = page_of(signed_in(make_user("Olga", organiser=True)).get("/organise")).words
    assert "24 hours" in words and "every new account counts as confirmed" not in words


def test_organisers_see_the_way_to_their_page(client, signed_in, make_user):
    olgas, maras = signed_in(make_user("Olga", organiser=True)), signed_in(make_user("Mara"))
    assert page_of(olgas.get("/")).all("a", href="/organise")
    assert not page_of(maras.get("/")).all("a", href="/organise")
    assert not page_of(client.get("/")).all("a", href="/organise")


def test_removing_sample_content_leaves_real_content(signed_in, make_user, city):
    from app.ideas.actions.sampling import load_sample

    mara, olga = make_user("Mara"), make_user("Olga", organiser=True)
    real = post(city, mara).id
    load_sample()
    olgas = signed_in(olga)
    assert "Remove sample content" in page_of(olgas.get("/organise")).words
    assert olgas.post_form("/organise/sample").headers["Location"] == "/organise"
    assert list(db.session.scalars(select(Idea.id))) == [real]
    assert "There is no sample content." in page_of(olgas.get("/organise")).words


def test_a_board_says_where_its_content_came_from(client, city):
    run_sql(
        "UPDATE cities SET source_text = 'Proposals of 2016', source_url = 'https://data.example/x' WHERE id = :id",
        id=city.id,
    )
    page = page_of(client.get("/rotterdam"))
    assert "Proposals of 2016" in page.words and page.all("a", href="https://data.example/x")
    assert db.session.scalar(select(City.source_text).where(City.slug == "berlin")) is None
