"""Rehearsing a workshop: simulated people come, and leave without a trace. For the moderators of its city."""

from __future__ import annotations

from flask import Response, current_app, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.models import User
from app.cities.models import City, Workshop
from app.core.clock import now
from app.core.errors import Invalid, Refusal
from app.core.extensions import db
from app.core.htmx import go, is_fragment
from app.workshops.access import workshop_to_drive
from app.workshops.actions.clearing import remove_rehearsal, start_afresh
from app.workshops.actions.rehearsing import start_rehearsal, stop_rehearsal
from app.workshops.forms import RehearsalForm
from app.workshops.play import perform_in_background, prepare
from app.workshops.queries.rehearsal import rehearsal_page
from app.workshops.routes import blueprint
from app.workshops.routes.room import no_store


@blueprint.get("/<city>/workshops/<int:number>/rehearsal")
def rehearsal(city: str, number: int) -> Response:
    """How it goes; for htmx only the numbers."""
    _user, place, workshop = workshop_to_drive(city, number)
    return _page(place, workshop)


@blueprint.post("/<city>/workshops/<int:number>/rehearsal")
def rehearse(city: str, number: int) -> Response:
    """`act`: start (with `people` and `minutes`), stop, remove, afresh."""
    user, place, workshop = workshop_to_drive(city, number)
    chosen = request.form.get("act", "")
    form = RehearsalForm()
    if chosen == "start" and not form.validate():
        return _page(place, workshop, form, 422)
    try:
        said = _do(chosen, form, place, workshop, user)
    except Invalid as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _page(place, workshop, form, refusal.code, refusal)
    except Refusal as refusal:
        db.session.rollback()
        if not refusal.message:
            raise
        return _page(place, workshop, None, refusal.code, refusal)
    flash(said, "success")
    return go(url_for("workshops.rehearsal", city=place.slug, number=workshop.number))


def _do(chosen: str, form: RehearsalForm, place: City, workshop: Workshop, user: User) -> str:
    if chosen == "start":
        people, minutes = int(form.people.data or 0), int(form.minutes.data or 0)
        run = start_rehearsal(workshop, people=people, minutes=minutes, by=user, at=now())
        play = prepare(place, workshop.id, run, people=people, minutes=minutes)
        perform_in_background(current_app._get_current_object(), play)  # type: ignore[attr-defined]
        return _("The rehearsal has begun.")
    if chosen == "stop":
        stop_rehearsal(workshop, by=user, at=now())
        return _("The rehearsal has stopped.")
    if chosen == "remove":
        return _removed(remove_rehearsal(workshop, by=user, at=now()))
    if chosen == "afresh":
        gone = start_afresh(workshop, by=user, at=now())
        return _removed(gone) + " " + _("The workshop can be opened as if for the first time.")
    raise Invalid(_("Choose what is to be done."), "act")


def _removed(ideas: int) -> str:
    return ngettext(
        "The rehearsal is removed, %(num)d idea with it.",
        "The rehearsal is removed, %(num)d ideas with it.",
        ideas,
    )


def _page(
    place: City,
    workshop: Workshop,
    form: RehearsalForm | None = None,
    status: int = 200,
    refusal: Refusal | None = None,
) -> Response:
    page = rehearsal_page(place, workshop)
    if is_fragment() and request.method == "GET":
        return no_store(make_response(render_template("workshops/_rehearsal.html", page=page)))
    html = render_template(
        "workshops/rehearsal.html",
        page=page,
        form=form or RehearsalForm(formdata=None),
        message=refusal.message if refusal and not getattr(refusal, "field", None) else "",
    )
    return no_store(make_response(html, status))
