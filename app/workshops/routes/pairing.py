"""A TV without an account and without a link: it shows a code, and waits until a moderator has typed it."""

from __future__ import annotations

from flask import Response, jsonify, make_response, redirect, request, url_for

from app.core.clock import now
from app.core.errors import TooMany
from app.core.limits import spend
from app.workshops.actions.screening import CODE_LIVES, begin_pairing
from app.workshops.models import Pairing
from app.workshops.queries.screens import pairing_of
from app.workshops.routes import blueprint
from app.workshops.routes.screens import closed_to_others
from app.workshops.routes.showing import rendered

CODES = "30 per 10 minutes"
"""From one address: a venue's TVs share one, and each takes one in ten minutes."""


@blueprint.get("/screen/")
def pairing() -> Response:
    """The code, large. The secret in the address says which TV this is, also to a browser without cookies."""
    secret = request.args.get("tv", "")
    standing = _standing(secret)
    if standing is None:
        try:
            spend("screen-codes", request.remote_addr or "", limit=CODES)
        except TooMany as refusal:
            waiting = make_response(rendered("pairing", code="", secret="", message=refusal.message), 429)
            waiting.headers["Retry-After"] = str(refusal.seconds)
            return closed_to_others(waiting)
        _pairing, secret = begin_pairing(now())
        return closed_to_others(make_response(redirect(url_for("workshops.pairing", tv=secret), 303)))
    if standing.screen_token:
        where = url_for("workshops.screen", token=standing.screen_token)
        return closed_to_others(make_response(redirect(where, 303)))
    return closed_to_others(make_response(rendered("pairing", code=standing.code, secret=secret, message="")))


@blueprint.get("/screen/pairing.json")
def pairing_state() -> Response:
    """Whether the TV still waits: `waiting`, `paired`, or `over` when its code is too old."""
    standing = _standing(request.args.get("tv", ""))
    state = "over" if standing is None else "paired" if standing.screen_token else "waiting"
    return closed_to_others(jsonify(state=state))


def _standing(secret: str) -> Pairing | None:
    return pairing_of(secret, now() - CODE_LIVES) if secret else None
