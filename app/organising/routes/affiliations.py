"""For whom people say they work: verified, or found not confirmed."""

from __future__ import annotations

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from app.accounts.access import require_organiser
from app.cities.access import city_named
from app.core.clock import now
from app.core.errors import AlreadyDone, Invalid
from app.core.htmx import go, safe_next
from app.moderation.actions.verifying import unverify, verify
from app.organising.forms.people import on_board_form
from app.organising.queries.affiliations import claims
from app.organising.queries.people import boards_for
from app.organising.routes.blueprint import blueprint, page, wanted
from app.organising.routes.people import person_at


@blueprint.get("/affiliations")
def affiliations() -> Response:
    """Those that wait in all cities; `?denied=1`: those found not confirmed."""
    require_organiser()
    denied = request.args.get("denied") == "1"
    return page("affiliations", claims=claims(now(), denied=denied), denied=denied)


@blueprint.post("/affiliations/<int:user_id>")
def act_on_affiliation(user_id: int) -> Response:
    """Confirm an affiliation, or say that it is not confirmed; in the log of one of the person's boards."""
    organiser = require_organiser()
    user = person_at(user_id)
    act = {"verify": verify, "unverify": unverify}[wanted("verify", "unverify")]
    form = on_board_form(boards_for(user.id))
    back = safe_next(request.form.get("next"), url_for("organising.affiliations"))
    if not form.validate():
        flash(_("Choose in which board's log this is written."), "error")
        return go(back)
    try:
        act(user, city_named(form.city.data), by=organiser, at=now())
    except (AlreadyDone, Invalid) as refusal:
        flash(refusal.message, "error")
    else:
        flash(
            _("%(person)s is verified.", person=user.name)
            if act is verify
            else _("%(person)s is not verified.", person=user.name),
            "success",
        )
    return go(back)
