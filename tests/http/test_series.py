"""The home page of the series."""

from __future__ import annotations

from sqlalchemy import select, update

from app.cities.models import City, Edition
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.upvoting import upvote
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


def test_a_board_says_where_its_content_came_from(client, city):
    run_sql(
        "UPDATE cities SET source_text = 'Proposals of 2016', source_url = 'https://data.example/x' WHERE id = :id",
        id=city.id,
    )
    page = page_of(client.get("/rotterdam"))
    assert "Proposals of 2016" in page.words and page.all("a", href="https://data.example/x")
    assert db.session.scalar(select(City.source_text).where(City.slug == "berlin")) is None
