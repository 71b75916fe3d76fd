"""A city's workshops."""

from __future__ import annotations

from flask import Response, flash, url_for
from flask_babel import gettext as _

from app.accounts.access import require_organiser
from app.cities.access import city_named
from app.cities.actions.workshops import remove_workshop
from app.cities.models import City
from app.core.database import is_id
from app.core.errors import Invalid, NotThere
from app.core.htmx import go
from app.organising.forms.series import WorkshopForm, workshop_form
from app.organising.queries.series import workshop_numbered, workshops_of
from app.organising.routes.blueprint import blueprint, page, refused
from app.workshops.actions.setting import has_votes, set_up


@blueprint.route("/cities/<slug>/workshops", methods=["GET", "POST"])
def workshops(slug: str) -> Response:
    """The workshops in their order, and the form of a further one."""
    user = require_organiser()
    row = city_named(slug)
    there = [one.number for one in workshops_of(row)]
    form = workshop_form(row, None, number=max(there, default=0) + 1)
    if not form.is_submitted():
        return _workshops(row, form)
    if not form.validate():
        return _workshops(row, form, refused(form))
    try:
        if form.number.data in there:
            raise Invalid(_("There is a workshop %(number)d already.", number=form.number.data), "number")
        set_up(row, form.number.data, by=user, **form.given())
    except Invalid as refusal:
        return _workshops(row, form, refused(form, refusal))
    flash(_("The workshop is added."), "success")
    return go(url_for("organising.workshops", slug=slug))


def _workshops(row: City, form: WorkshopForm, status: int = 200) -> Response:
    return page(
        "workshops",
        status,
        form=form,
        slug=row.slug,
        name=row.name,
        time_zone=row.time_zone,
        workshops=workshops_of(row),
    )


@blueprint.route("/cities/<slug>/workshops/<int:number>", methods=["GET", "POST"])
def workshop(slug: str, number: int) -> Response:
    """Change a workshop, and how it is run."""
    user = require_organiser()
    row = city_named(slug)
    found = workshop_numbered(row, number) if is_id(number) else None
    if found is None:
        raise NotThere()
    form = workshop_form(row, found)
    if has_votes(found):
        form.keep_counts_as_they_are()
    context = {"slug": slug, "name": row.name, "number": number, "time_zone": row.time_zone}

    def shown(status: int = 200) -> Response:
        return page("workshop", status, form=form, hides_counts=found.hides_counts, **context)

    if not form.is_submitted():
        return shown()
    form.number.data = number  # the address says which it is
    form.number.raw_data = [str(number)]
    if not form.validate():
        return shown(refused(form))
    try:
        set_up(row, number, by=user, **form.given())
    except Invalid as refusal:
        return shown(refused(form, refusal))
    flash(_("Saved."), "success")
    return go(url_for("organising.workshops", slug=slug))


@blueprint.post("/cities/<slug>/workshops/<int:number>/removal")
def take_off_workshop(slug: str, number: int) -> Response:
    """Remove a workshop that no idea came from."""
    require_organiser()
    row = city_named(slug)
    if not is_id(number):
        raise NotThere()
    try:
        remove_workshop(row, number)
    except Invalid as refusal:
        flash(refusal.message, "error")
    else:
        flash(_("Workshop %(number)d is removed.", number=number), "success")
    return go(url_for("organising.workshops", slug=slug))
