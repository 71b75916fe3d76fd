"""Authors ask that an act be looked at again."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, jsonify, request, url_for
from flask_babel import gettext as _

from app.cities.queries import city_view
from app.core.clock import now
from app.core.errors import AlreadyDone, Invalid, NotThere, TooMany
from app.core.htmx import go, wants_json
from app.core.limits import spend
from app.moderation.access import act_to_object_to
from app.moderation.actions.objecting import object_to
from app.moderation.forms import ObjectionForm
from app.moderation.policy import can_object
from app.moderation.queries.objecting import decision_view
from app.moderation.queries.quoting import quoted
from app.moderation.routes import blueprint
from app.moderation.routes.pages import page, shown_again


@blueprint.route("/acts/<int:act_id>/objection", methods=["GET", "POST"])
def object_to_act(act_id: int) -> Response:
    """What was decided about my idea or comment, and what I say to it: once an act."""
    user, city, act, item = act_to_object_to(act_id)
    if not can_object(user, act, author_id=item.author_id) or item.state == "withdrawn":
        raise NotThere()
    decision = decision_view(act, city)
    form = ObjectionForm()
    context: dict[str, Any] = {"city": city_view(city), "decision": decision, "quote": quoted(item, city)}
    if request.method == "GET":
        return page("objection", form, **context)
    if not decision.is_objected and not form.validate_on_submit():
        return shown_again("objection", form, **context)
    try:
        spend("objections", str(user.id), limit="10 per hour")
        object_to(act, text=form.text.data or "", by=user, at=now())
    except (AlreadyDone, Invalid, TooMany) as refusal:
        return shown_again("objection", form, refusal, **context)
    message = _("Your objection is with the moderators. You will be told what they decide.")
    if wants_json():
        return jsonify(message=message)
    flash(message)
    return go(url_for("moderation.object_to_act", act_id=act_id))
