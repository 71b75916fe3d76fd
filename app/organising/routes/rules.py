"""How a board is run, and by whom."""

from __future__ import annotations

from flask import Response, flash, url_for
from flask_babel import gettext as _

from app.accounts.access import require_organiser
from app.accounts.models import User
from app.cities.access import city_named
from app.cities.actions.moderating import appoint, dismiss
from app.cities.models import City
from app.core.clock import now
from app.core.errors import Refusal
from app.core.htmx import go
from app.moderation.actions.rules import change_rules
from app.organising.forms.people import AppointmentForm
from app.organising.forms.series import rules_form
from app.organising.queries.people import participant_addressed
from app.organising.queries.series import moderators_of
from app.organising.routes.blueprint import blueprint, one_of, page, refused


@blueprint.route("/cities/<slug>/rules", methods=["GET", "POST"])
def rules(slug: str) -> Response:
    """Posting open or paused, moderation before or after, readers everybody or members. Each change is in the log."""
    user = require_organiser()
    row = city_named(slug)
    form = rules_form(row)
    name = row.name

    def shown(status: int = 200) -> Response:
        return page("rules", status, form=form, slug=slug, name=name)

    if not form.is_submitted():
        return shown()
    if not form.validate():
        return shown(refused(form))
    try:
        change_rules(
            row,
            by=user,
            at=now(),
            posting_is_open=form.posting.data == "open",
            moderation=form.moderation.data,
            is_public=form.readers.data == "public",
        )
    except Refusal as refusal:
        return shown(refused(form, refusal))
    flash(_("Saved. What changed is in the moderation log."), "success")
    return go(url_for("organising.rules", slug=slug))


@blueprint.route("/cities/<slug>/moderators", methods=["GET", "POST"])
def moderators(slug: str) -> Response:
    """Who curates the board; somebody is appointed by e-mail address."""
    require_organiser()
    row = city_named(slug)
    form = AppointmentForm()
    if not form.is_submitted():
        return _moderators(row, form)
    if not form.validate():
        return _moderators(row, form, refused(form))
    user = participant_addressed(form.email.data or "")
    if user is None:
        form.email.errors = [
            _("Nobody has confirmed this address. The person has to register and confirm it first.")
        ]
        return _moderators(row, form, 422)
    try:
        is_new = appoint(row, user, now())
    except Refusal as refusal:
        return _moderators(row, form, refused(form, refusal))
    words = {"person": user.name, "city": row.name}
    flash(
        _("%(person)s now moderates %(city)s.", **words)
        if is_new
        else _("%(person)s moderates %(city)s already.", **words),
        "success",
    )
    return go(url_for("organising.moderators", slug=slug))


def _moderators(row: City, form: AppointmentForm, status: int = 200) -> Response:
    return page(
        "moderators",
        status,
        form=form,
        slug=row.slug,
        name=row.name,
        time_zone=row.time_zone,
        moderators=moderators_of(row),
    )


@blueprint.post("/cities/<slug>/moderators/<int:user_id>/removal")
def remove_moderator(slug: str, user_id: int) -> Response:
    """Take the board out of somebody's hands."""
    require_organiser()
    row = city_named(slug)
    user: User = one_of(User, user_id)
    dismiss(row, user)
    flash(_("%(person)s no longer moderates %(city)s.", person=user.name, city=row.name), "success")
    return go(url_for("organising.moderators", slug=slug))
