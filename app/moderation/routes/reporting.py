"""Participants report what breaks the rules."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, jsonify, request
from flask_babel import gettext as _

from app.accounts.models import User
from app.accounts.policy import may_take_part
from app.cities.models import City
from app.cities.queries import city_view
from app.core.clock import now
from app.core.errors import AlreadyDone, Invalid, TooMany
from app.core.extensions import db
from app.core.htmx import go, wants_json
from app.core.limits import spend
from app.ideas.refusals import refuse_unconfirmed
from app.moderation.access import comment_to_report, idea_to_report
from app.moderation.actions.reporting import already_reported, report
from app.moderation.forms import ReasonForm
from app.moderation.items import Item, idea_of
from app.moderation.queries.quoting import quoted
from app.moderation.queries.reasons import reasons
from app.moderation.routes import blueprint
from app.moderation.routes.pages import page, shown_again


@blueprint.route("/ideas/<int:idea_id>/report", methods=["GET", "POST"])
def report_idea(idea_id: int) -> Response:
    """Report an idea that everybody can read."""
    return _report(*idea_to_report(idea_id))


@blueprint.route("/comments/<int:comment_id>/report", methods=["GET", "POST"])
def report_comment(comment_id: int) -> Response:
    """Report a comment that everybody can read."""
    return _report(*comment_to_report(comment_id))


def _report(user: User, item: Item) -> Response:
    if not may_take_part(user, now()):
        refuse_unconfirmed()
    city = db.session.get_one(City, idea_of(item).city_id)
    quote = quoted(item, city)
    form = ReasonForm()
    form.offer(reasons())
    context: dict[str, Any] = {"city": city_view(city), "quote": quote}
    if already_reported(item, user):
        return _message(
            _("You have reported this already."), 200 if request.method == "GET" else 409, **context
        )
    if request.method == "GET":
        return page("report", form, message="", **context)
    if not form.validate_on_submit():
        return shown_again("report", form, message="", **context)
    try:
        spend("reports", str(user.id), limit="20 per 10 minutes")
        report(item, because=form.reason.data, sentence=form.sentence.data or "", by=user, at=now())
    except AlreadyDone as refusal:
        return _message(refusal.message, refusal.code, **context)
    except (Invalid, TooMany) as refusal:
        return shown_again("report", form, refusal, message="", **context)
    thanks = _("Thank you. A moderator will look at it, and you will be told what came of it.")
    if wants_json():
        return jsonify(message=thanks)
    flash(thanks)
    return go(quote.url)


def _message(message: str, status: int, **context: Any) -> Response:
    if wants_json():
        answer = jsonify(message=message)
        answer.status_code = status
        return answer
    return page("report", None, status if request.method == "POST" else 200, message=message, **context)
