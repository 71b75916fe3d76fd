"""The runs of the series."""

from __future__ import annotations

from flask import Response, flash, url_for
from flask_babel import gettext as _

from app.accounts.access import require_organiser
from app.cities.actions.editions import make_edition, mark_current, state_edition
from app.cities.models import Edition
from app.core.errors import Invalid
from app.core.htmx import go
from app.organising.forms.series import EditionForm, edition_form
from app.organising.queries.series import editions as all_editions
from app.organising.routes.blueprint import blueprint, one_of, page, refused


@blueprint.route("/editions", methods=["GET", "POST"])
def editions() -> Response:
    """All editions, and the form of a new one."""
    require_organiser()
    form = edition_form()
    if not form.is_submitted():
        return _editions(form)
    if not form.validate():
        return _editions(form, refused(form))
    try:
        edition = make_edition(form.motto.data or "", form.year.data)
    except Invalid as refusal:
        return _editions(form, refused(form, refusal))
    flash(_("The edition of %(year)s is added.", year=str(edition.year)), "success")
    return go(url_for("organising.editions"))


def _editions(form: EditionForm, status: int = 200) -> Response:
    return page("editions", status, form=form, editions=all_editions())


@blueprint.route("/editions/<int:edition_id>", methods=["GET", "POST"])
def edition(edition_id: int) -> Response:
    """Rename an edition."""
    require_organiser()
    row: Edition = one_of(Edition, edition_id)
    form = edition_form(row)

    def shown(status: int = 200) -> Response:
        return page("edition", status, form=form, year=row.year, edition_id=row.id)

    if not form.is_submitted():
        return shown()
    if not form.validate():
        return shown(refused(form))
    try:
        state_edition(row, motto=form.motto.data, year=form.year.data)
    except Invalid as refusal:
        return shown(refused(form, refusal))
    flash(_("Saved."), "success")
    return go(url_for("organising.editions"))


@blueprint.post("/editions/<int:edition_id>/current")
def current_edition(edition_id: int) -> Response:
    """Show this edition on the home page."""
    require_organiser()
    row: Edition = one_of(Edition, edition_id)
    mark_current(row)
    flash(_("The home page now shows the edition of %(year)s.", year=str(row.year)), "success")
    return go(url_for("organising.editions"))
