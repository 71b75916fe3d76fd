"""The end of mail about notices, without signing in: the link in every such letter."""

from __future__ import annotations

import structlog
from flask import Response, make_response, render_template, request

from app.accounts.models import User
from app.core.clock import now
from app.core.errors import NotThere
from app.core.extensions import csrf, db
from app.notices.actions.choosing import choose_mail
from app.notices.queries.inbox import way_of
from app.notices.routes import blueprint
from app.notices.tokens import user_id_of

log = structlog.get_logger(__name__)


@blueprint.route("/unsubscribe/<token>", methods=["GET", "POST"])
@csrf.exempt
def unsubscribe(token: str) -> Response:
    """Ask first: machines open links in mail to look at them. The POST ends the mail (RFC 8058).

    A mail programme sends it without cookie, Origin or token of a form, so the signed token in the address decides
    alone: whoever is signed in here plays no part.
    """
    user_id = user_id_of(token)
    user = db.session.get(User, user_id) if user_id is not None else None
    if user is None or user.erased_at is not None:
        raise NotThere()
    if request.method == "POST":
        choose_mail(user, "none", at=now())
        log.info("unsubscribed", user=user.id)
    page = render_template("notices/unsubscribe.html", is_over=way_of(user.id) == "none")
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
