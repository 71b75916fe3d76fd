"""How a workshop is set up, for the moderators of its city."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.accounts.models import User
from app.cities.models import City, Workshop
from app.cities.queries import city_view, workshop_label
from app.core.errors import Invalid
from app.core.htmx import go
from app.workshops.access import workshop_to_drive
from app.workshops.actions.joining import name_helper
from app.workshops.actions.setting import has_votes, set_up
from app.workshops.forms import SettingsForm, settings_of
from app.workshops.queries.joining import attendees_of
from app.workshops.routes import blueprint


@blueprint.route("/<city>/workshops/<int:number>/settings", methods=["GET", "POST"])
def settings(city: str, number: int) -> Response:
    """Question, budget, hidden counts, e-mail optional, agenda; and who helps."""
    user, place, workshop = workshop_to_drive(city, number)
    form = SettingsForm(data=settings_of(workshop))
    if not form.is_submitted():
        return _page(place, workshop, form)
    return _change(place, workshop, form, user)


def _change(place: City, workshop: Workshop, form: SettingsForm, user: User) -> Response:
    if has_votes(workshop):
        form.keep_counts_as_they_are()
    if not form.validate():
        return _page(place, workshop, form, 422)
    try:
        set_up(place, workshop.number, by=user, **form.given())
    except Invalid as refusal:
        form.refuse(refusal)
        return _page(place, workshop, form, refusal.code)
    flash(_("Saved."), "success")
    return go(url_for("workshops.settings", city=place.slug, number=workshop.number))


@blueprint.post("/<city>/workshops/<int:number>/helpers/<int:user_id>")
def add_helper(city: str, number: int, user_id: int) -> Response:
    """Somebody who has joined may type in what is said on paper."""
    _user, place, workshop = workshop_to_drive(city, number)
    name = name_helper(workshop, user_id, True)
    flash(_("%(name)s can type in ideas and upvotes on paper now.", name=name), "success")
    return _back(place, workshop)


@blueprint.post("/<city>/workshops/<int:number>/helpers/<int:user_id>/removal")
def remove_helper(city: str, number: int, user_id: int) -> Response:
    """Somebody helps no more."""
    _user, place, workshop = workshop_to_drive(city, number)
    name = name_helper(workshop, user_id, False)
    flash(_("%(name)s helps no more.", name=name), "success")
    return _back(place, workshop)


def _back(place: City, workshop: Workshop) -> Response:
    return go(url_for("workshops.settings", city=place.slug, number=workshop.number, _anchor="helpers"))


def _page(place: City, workshop: Workshop, form: SettingsForm, status: int = 200) -> Response:
    if form.hides_counts and has_votes(workshop):
        form.keep_counts_as_they_are()
    response = make_response(
        render_template(
            "workshops/settings.html",
            city=city_view(place),
            number=workshop.number,
            label=workshop_label(workshop),
            form=form,
            hides_counts=workshop.hides_counts,
            people=attendees_of(workshop),
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
