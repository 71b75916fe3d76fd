"""A workshop in the hands of its people: what the room is told, what each has left, following, and the time."""

from __future__ import annotations

from flask import Response, flash, g, jsonify, request
from flask_babel import gettext as _

from app.core.clock import now
from app.core.errors import NotThere
from app.core.htmx import go, safe_next, wants_json
from app.ideas.queries.views import Viewer
from app.workshops.access import room_of
from app.workshops.actions.following import follow
from app.workshops.queries.bar import RoomView, bar_of
from app.workshops.queries.room import milliseconds, room_message
from app.workshops.queries.watching import watching_in
from app.workshops.routes import blueprint


@blueprint.get("/<city>/workshops/<int:number>/room.json")
def room_state(city: str, number: int) -> Response:
    """The message of the socket, for pages that have none; with what is this person's own."""
    user, place, workshop, attendance = room_of(city, number)
    answer = room_message(workshop, watching=watching_in(workshop.id))
    room = bar_of(user.id, place.id, now()) if attendance else None
    if room is not None and room.workshop_id == workshop.id:
        answer["you"] = {"given": list(room.given), "left": room.left, "follows": room.follows}
    return no_store(jsonify(answer))


@blueprint.post("/<city>/workshops/<int:number>/following")
def following(city: str, number: int) -> Response:
    """Follow the wall (`follows=on`) or stop (`off`)."""
    _user, place, _workshop, attendance = room_of(city, number)
    if attendance is None:
        raise NotThere()
    follows = request.form.get("follows") != "off"
    follow(attendance, follows)
    if wants_json():
        return no_store(jsonify(follows=follows))
    flash(
        _("You follow: the idea on the wall opens by itself.")
        if follows
        else _("You do not follow any more.")
    )
    return go(safe_next(request.form.get("next"), f"/{place.slug}"))


@blueprint.get("/clock")
def clock() -> Response:
    """The server's time in milliseconds since 1970, so that devices can count down together."""
    return no_store(jsonify(now=milliseconds(now())))


def room_view(viewer: Viewer, city_id: int) -> RoomView | None:
    """For templates: the workshop of this city that whoever looks is in. Asked once a request."""
    if viewer.id is None:
        return None
    kept: dict[int, RoomView | None] = g.setdefault("rooms", {})
    if city_id not in kept:
        kept[city_id] = bar_of(viewer.id, city_id, now())
    return kept[city_id]


def no_store(response: Response) -> Response:
    """True for a moment, and for one person."""
    response.headers["Cache-Control"] = "no-store"
    return response
