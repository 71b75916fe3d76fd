"""The home page of the series. Here because its figures are of ideas and upvotes."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.accounts.access import person
from app.cities.queries import EditionView, cities_of, city_view, current_edition, dates_of, series_stamp
from app.core.errors import NotThere
from app.core.visitors import kept_for_visitors
from app.ideas.queries.board import figures_of
from app.ideas.queries.views import CityStop, Figures
from app.ideas.routes.viewing import viewer_of

blueprint = Blueprint("cities", __name__)


@blueprint.get("/")
@kept_for_visitors(series_stamp)
def home() -> str:
    """The current edition, its cities in order, and their living figures."""
    edition = current_edition()
    if edition is None:
        raise NotThere()
    cities = cities_of(edition)
    numbers = figures_of([city.id for city in cities])
    stops = tuple(CityStop(city_view(city), numbers[city.id], dates_of(city)) for city in cities)
    total = Figures(
        ideas=sum(stop.figures.ideas for stop in stops),
        upvotes=sum(stop.figures.upvotes for stop in stops),
        people=sum(stop.figures.people for stop in stops),
    )
    return render_template(
        "cities/home.html",
        edition=EditionView(edition.motto, edition.year),
        stops=stops,
        total=total,
        viewer=viewer_of(person()),
    )
