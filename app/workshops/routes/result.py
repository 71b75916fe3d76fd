"""What came of a workshop, for everybody who may read the board; and a board before, in and after its workshops."""

from __future__ import annotations

from flask import Response, make_response, render_template, request
from flask_babel import get_locale

from app.accounts.access import person
from app.cities.access import board_at, moderates
from app.cities.models import City
from app.core.errors import NotThere
from app.core.limits import spend
from app.core.security import own_origin
from app.workshops.access import numbered
from app.workshops.queries.compare import comparison_of
from app.workshops.queries.result_csv import csv_of
from app.workshops.queries.result_page import result_page
from app.workshops.queries.result_views import ResultPage
from app.workshops.routes import blueprint


@blueprint.get("/<city>/workshops/<int:number>/result")
def result(city: str, number: int) -> Response:
    """The result, kept since the workshop was closed; before, moderators see what it would be now."""
    _place, page = _result(city, number)
    response = make_response(render_template("workshops/result.html", page=page))
    if page.closed_at is None:
        response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/<city>/workshops/<int:number>/result.csv")
def result_csv(city: str, number: int) -> Response:
    """Its ideas as a table."""
    place, page = _result(city, number)
    spend("result as CSV", request.remote_addr or "unknown", limit="60 per 10 minutes")
    response = Response("".join(csv_of(page, own_origin())), mimetype="text/csv")
    name = f"{place.slug}-workshop-{number}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Language"] = str(get_locale())
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@blueprint.get("/<city>/compare")
def compare(city: str) -> str:
    """What the board said before its workshops, in each of them, and since."""
    return render_template("workshops/compare.html", page=comparison_of(board_at(city, person())))


def _result(city: str, number: int) -> tuple[City, ResultPage]:
    place = board_at(city, person())
    page = result_page(place, numbered(place, number), preview=moderates(person(), place.id))
    if page is None:
        raise NotThere()
    return place, page
