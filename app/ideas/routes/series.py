"""The home page of the series, and the organiser's page. Here because their figures are of ideas and upvotes."""

from __future__ import annotations

from flask import Blueprint, Response, flash, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.access import person, require_person
from app.accounts.models import User
from app.accounts.queries import author_view
from app.cities.queries import EditionView, cities_of, city_view, current_edition, dates_of
from app.core.clock import now
from app.core.config import settings
from app.core.errors import NotThere
from app.core.extensions import db
from app.core.htmx import go
from app.ideas.actions.sampling import remove_sample
from app.ideas.queries.board import figures_of
from app.ideas.queries.views import CityStop, Figures
from app.ideas.routes.viewing import viewer_of

blueprint = Blueprint("cities", __name__)


@blueprint.get("/")
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


def organiser() -> User:
    """The signed-in organiser; for everyone else there is nothing here."""
    user = require_person()
    if not user.is_organiser:
        raise NotThere()
    return user


@blueprint.get("/organise")
def organise() -> str:
    """How this installation is set up, and what an organiser can do here."""
    user = organiser()
    edition = current_edition()
    cities = tuple(city_view(city) for city in (cities_of(edition) if edition else ()))
    organisers = db.session.scalars(select(User).where(User.is_organiser.is_(True)).order_by(User.id))
    return render_template(
        "cities/organise.html",
        cities=cities,
        organisers=tuple(author_view(one) for one in organisers),
        confirms_email=settings().confirm_email,
        unconfirmed_hours=settings().unconfirmed_hours,
        mail_server_set=bool(settings().mail_server),
        mail_folder=str(settings().data / "mail"),
        has_sample=any(city.is_sample for city in cities),
        viewer=viewer_of(user),
    )


@blueprint.post("/organise/sample")
def remove_sample_content() -> Response:
    """Remove the sample content from all boards."""
    organiser()
    remove_sample(now())
    flash(_("The sample content has been removed from all boards."))
    return go(url_for("cities.organise"))
