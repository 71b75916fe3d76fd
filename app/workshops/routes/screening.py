"""Screens in the hands of a moderator: links made, codes typed, modes chosen, links revoked."""

from __future__ import annotations

from flask import Response, flash, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.cities.models import City
from app.cities.queries import city_view
from app.core.clock import now
from app.core.errors import Refusal
from app.core.htmx import go, safe_next, wants_json
from app.core.limits import spend
from app.core.security import own_origin
from app.workshops.access_to_screens import screen_to_drive, screens_to_drive, workshop_among
from app.workshops.actions.screening import make_screen, pair, revoke, set_mode
from app.workshops.codes import read_code
from app.workshops.queries.screens import screens_panel
from app.workshops.queries.words import mode_name
from app.workshops.routes import blueprint

TRIES = "20 per 10 minutes"
"""Codes one moderator may type: they are misread, not guessed."""


@blueprint.get("/<city>/screens")
def screens(city: str) -> Response:
    """The city's screens on a page of their own; the remote shows the same part."""
    _user, place = screens_to_drive(city)
    return _page(place, request.args.get("workshop", ""))


@blueprint.post("/<city>/screens")
def add_screen(city: str) -> Response:
    """A screen with a link, which is shown this once."""
    user, place = screens_to_drive(city)
    typed = request.form.get("workshop", "")
    workshop = workshop_among(place, typed)
    try:
        made, token = make_screen(
            place, name=request.form.get("name", ""), by=user, at=now(), workshop=workshop
        )
    except Refusal as refusal:
        return _refused(place, typed, refusal)
    link = own_origin() + url_for("workshops.screen", token=token)
    if wants_json():
        return _no_store(jsonify(id=made.id, name=made.name, url=link))
    back = safe_next(request.form.get("next"), url_for("workshops.screens", city=place.slug))
    return _no_store(
        make_response(
            render_template(
                "workshops/screen_link.html", city=city_view(place), name=made.name, link=link, back=back
            )
        )
    )


@blueprint.post("/<city>/screens/pairing")
def pair_screen(city: str) -> Response:
    """The TV that shows the code typed here becomes a screen of this city."""
    user, place = screens_to_drive(city)
    typed, code = request.form.get("workshop", ""), request.form.get("code", "")
    workshop = workshop_among(place, typed)
    try:
        spend("screen-pairing", str(user.id), limit=TRIES)
        made = pair(
            place,
            read_code(code),
            name=request.form.get("name", ""),
            by=user,
            at=now(),
            workshop=workshop,
        )
    except Refusal as refusal:
        return _refused(place, typed, refusal, code=code)
    return _done(place, made.id, _("“%(name)s” is a screen now.", name=made.name))


@blueprint.post("/<city>/screens/<int:screen_id>/mode")
def choose_mode(city: str, screen_id: int) -> Response:
    """Let a screen show a mode of its own, or follow the remote."""
    user, place, screen = screen_to_drive(city, screen_id)
    typed = request.form.get("workshop", "")
    mode = request.form.get("mode", "")
    try:
        set_mode(screen, mode, by=user, workshop=workshop_among(place, typed))
    except Refusal as refusal:
        return _refused(place, typed, refusal)
    return _done(place, screen.id, _("“%(name)s”: %(mode)s.", name=screen.name, mode=mode_name(mode)))


@blueprint.post("/<city>/screens/<int:screen_id>/revocation")
def revoke_screen(city: str, screen_id: int) -> Response:
    """The screen goes black, and its link shows nothing any more."""
    user, place, screen = screen_to_drive(city, screen_id)
    revoke(screen, by=user, at=now())
    return _done(place, screen.id, _("“%(name)s” is revoked: it shows nothing any more.", name=screen.name))


def _done(place: City, screen_id: int, message: str) -> Response:
    if wants_json():
        return _no_store(jsonify(id=screen_id, message=message))
    flash(message)
    return go(safe_next(request.form.get("next"), url_for("workshops.screens", city=place.slug)))


def _refused(place: City, typed: str, refusal: Refusal, code: str = "") -> Response:
    """What was typed, with what to change: to a script, or on the page of the screens."""
    if wants_json():
        response = jsonify(message=refusal.message)
        response.status_code = refusal.code
        return _no_store(response)
    return _page(place, typed, code=code, message=refusal.message, status=refusal.code)


def _page(place: City, typed: str, code: str = "", message: str = "", status: int = 200) -> Response:
    workshop = workshop_among(place, typed)
    panel = screens_panel(place, now(), workshop=workshop, typed_code=code, message=message)
    page = render_template("workshops/screens.html", city=city_view(place), panel=panel)
    return _no_store(make_response(page, status))


def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
