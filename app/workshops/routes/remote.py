"""The remote: a moderator's phone that drives a workshop. Every act says which state it saw, see `agreeing`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, flash, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.cities.models import PHASES, City, Workshop
from app.cities.phases import is_final
from app.cities.queries import city_view
from app.core.clock import now
from app.core.database import is_id
from app.core.errors import Invalid, NotThere, Refusal
from app.core.extensions import db
from app.core.htmx import go, wants_json
from app.ideas.models import Idea
from app.ideas.queries.watching import watching_on
from app.workshops.access import city_to_drive, workshop_to_drive
from app.workshops.access_to_screens import workshop_among
from app.workshops.actions.agreeing import Seen, agreed
from app.workshops.actions.driving import move_on, open_workshop, renew_code, show, spotlight
from app.workshops.actions.timing import add_minute, clear_timer, pause_timer, resume_timer, start_timer
from app.workshops.queries.contrast import SIDES
from app.workshops.queries.remote import remote_view, workshop_labels
from app.workshops.queries.room import room_message
from app.workshops.queries.screens import screens_panel
from app.workshops.queries.watching import watching_in
from app.workshops.queries.words import phase_name
from app.workshops.routes import blueprint
from app.workshops.routes.room import no_store


@blueprint.get("/<city>/remote")
def remote(city: str) -> Response:
    """The remote of `?workshop=1`, else of the one that is open; else the workshops to choose from."""
    _user, place = city_to_drive(city)
    workshop = workshop_among(place, request.args.get("workshop", ""))
    if workshop is None:
        begun = [one for one in place.workshops if one.is_open]
        workshop = begun[0] if len(begun) == 1 else None
    return no_store(make_response(_page(place, workshop)))


def _page(place: City, workshop: Workshop | None, sure: str = "") -> str:
    if workshop is None:
        return render_template(
            "workshops/choose.html", city=city_view(place), workshops=workshop_labels(place)
        )
    return render_template(
        "workshops/remote.html",
        remote=remote_view(place, workshop),
        panel=screens_panel(place, now(), workshop=workshop),
        watching=watching_on(place.id),
        sure=sure,
    )


@blueprint.post("/<city>/workshops/<int:number>/opening")
def opening(city: str, number: int) -> Response:
    """Let people in."""
    user, place, workshop = workshop_to_drive(city, number)
    return _do(
        place,
        workshop,
        "phase",
        lambda: open_workshop(workshop, by=user, at=now()),
        _("The workshop is open."),
    )


@blueprint.post("/<city>/workshops/<int:number>/phase")
def phase(city: str, number: int) -> Response:
    """Go to the phase `to`. Without JavaScript, what cannot be undone is asked about first."""
    user, place, workshop = workshop_to_drive(city, number)
    to = request.form.get("to", "")
    if to in PHASES and is_final(workshop, to) and request.form.get("sure") != "1":
        if wants_json():
            return _refused(place, workshop, Invalid(_("This cannot be undone. Are you sure?"), "sure"))
        return no_store(make_response(_page(place, workshop, sure=to)))
    return _do(
        place,
        workshop,
        "phase",
        lambda: move_on(workshop, to, by=user, at=now()),
        phase_name(to) if to in PHASES else "",
    )


@blueprint.post("/<city>/workshops/<int:number>/timer")
def timer(city: str, number: int) -> Response:
    """`act`: start (with `minutes`), pause, resume, add, clear."""
    user, place, workshop = workshop_to_drive(city, number)
    acts: dict[str, Callable[[], None]] = {
        "start": lambda: start_timer(workshop, _minutes(), by=user, at=now()),
        "pause": lambda: pause_timer(workshop, by=user, at=now()),
        "resume": lambda: resume_timer(workshop, by=user, at=now()),
        "add": lambda: add_minute(workshop, by=user, at=now()),
        "clear": lambda: clear_timer(workshop, by=user),
    }
    return _do(place, workshop, "timer", acts.get(request.form.get("act", ""), _nothing_chosen), "")


@blueprint.post("/<city>/workshops/<int:number>/shows")
def shows(city: str, number: int) -> Response:
    """Let the screens that follow show `mode`; *contrast* with the groups `left` and `right`."""
    user, place, workshop = workshop_to_drive(city, number)
    mode = request.form.get("mode", "")
    return _do(
        place, workshop, "shows", lambda: show(workshop, mode, by=user, contrasts=_contrasts(mode)), ""
    )


@blueprint.post("/<city>/workshops/<int:number>/spotlight")
def light(city: str, number: int) -> Response:
    """Put `idea` into the light; without one, put it out."""
    user, place, workshop = workshop_to_drive(city, number)
    typed = request.form.get("idea", "")
    return _do(place, workshop, "spotlight", lambda: spotlight(workshop, _idea(typed), by=user), "")


@blueprint.post("/<city>/workshops/<int:number>/code")
def code(city: str, number: int) -> Response:
    """Another code; the old one lets nobody in."""
    user, place, workshop = workshop_to_drive(city, number)
    return _do(
        place,
        workshop,
        "code",
        lambda: renew_code(workshop, by=user),
        _("There is a new code. The old one lets nobody in."),
    )


def _minutes() -> int:
    typed = request.form.get("minutes", "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0


def _contrasts(mode: str) -> str:
    """The two groups as they are kept; empty where none were chosen. Raises Invalid."""
    left, right = request.form.get("left", ""), request.form.get("right", "")
    if mode != "contrast" or not (left or right):
        return ""
    if left not in SIDES or right not in SIDES or left == right:
        raise Invalid(_("Choose two different groups."), "right")
    return f"{left},{right}"


def _idea(typed: str) -> Idea | None:
    if not typed:
        return None
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 11 else 0
    idea = db.session.get(Idea, number) if is_id(number) else None
    if idea is None:
        raise NotThere()
    return idea


def _nothing_chosen() -> None:
    raise Invalid(_("Choose what is to be done."), "act")


def _seen(part: str) -> Seen:
    return Seen(part, seq=request.form.get("seen", type=int), was=request.form.get("was", ""))


def _do(place: City, workshop: Workshop, part: str, act: Callable[[], None], said: str) -> Response:
    """Act, and answer with the room as it is then; or with why not, and what is so now."""
    try:
        agreed(workshop, _seen(part), act)
    except NotThere:
        raise
    except Refusal as refusal:
        return _refused(place, workshop, refusal)
    if wants_json():
        return no_store(jsonify(message=said, room=_room(workshop)))
    if said:
        flash(said)
    return go(_back(place, workshop))


def _refused(place: City, workshop: Workshop, refusal: Refusal) -> Response:
    db.session.rollback()
    if wants_json():
        response = jsonify(message=refusal.message, room=_room(workshop))
        response.status_code = refusal.code
        return no_store(response)
    flash(refusal.message)
    return go(_back(place, workshop))


def _room(workshop: Workshop) -> dict[str, Any]:
    return room_message(workshop, watching=watching_in(workshop.id))


def _back(place: City, workshop: Workshop) -> str:
    return url_for("workshops.remote", city=place.slug, workshop=workshop.number)
