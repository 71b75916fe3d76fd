"""Coming in by a code: typed at `/join`, or read from the wall at `/j/<code>`."""

from __future__ import annotations

import uuid

import structlog
from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from app.accounts.access import person
from app.accounts.entering import enter, fingerprint, link_to, visitor
from app.accounts.models import User
from app.cities.models import City, Workshop
from app.cities.queries import workshop_of
from app.core.clock import now
from app.core.errors import Invalid, Refusal, TooMany
from app.core.extensions import db
from app.core.htmx import go
from app.core.limits import spend
from app.workshops.actions.joining import Newcomer, join, join_as_new, wrong_code
from app.workshops.forms import JoinForm
from app.workshops.queries.joining import door_of, workshop_with_code
from app.workshops.routes import blueprint

log = structlog.get_logger(__name__)

WRONG_CODES = "30 per 10 minutes"
"""Of one network address. Right ones are not counted: a room shares an address, and no guesser shuts it out."""
A_ROOM = "300 per 5 minutes"
"""Accounts that a workshop's code lets make, of the workshop and of one network address."""
ONE_PERSON = "30 per 10 minutes"


@blueprint.get("/join")
def join_by_typing() -> Response:
    """Where the code from the screen is typed."""
    typed = request.args.get("code", "")
    if not typed.strip():
        return _code_page()
    found = workshop_with_code(typed, now())
    if found is None:
        return _wrong(typed, 422)
    return go(url_for("workshops.join_with_code", code=found.join_code))


@blueprint.route("/j/<code>", methods=["GET", "POST"])
def join_with_code(code: str) -> Response:
    """The door of a workshop: one tap for who is signed in, three fields for who is new."""
    found = workshop_with_code(code, now())
    if found is None or found.join_code is None:
        return _wrong(code, 404)
    city, user = db.session.get_one(City, found.city_id), person()
    board = url_for("ideas.board", city=city.slug)
    if user is not None:
        return _one_tap(found, city, user, board)
    form = JoinForm(email_is_optional=found.email_is_optional)
    if not form.is_submitted():
        form.submission_key.data = str(uuid.uuid4())
        return _door(found, city, form=form)
    if not form.validate():
        return _door(found, city, form=form, status=422)
    try:
        came = _let_in(found, form)
    except (Invalid, TooMany) as refusal:
        log.info("joining_refused", kind=type(refusal).__name__, workshop=found.id)
        form.refuse(refusal)
        return _door(found, city, form=form, refusal=refusal)
    enter(came)
    log.info("joined", user=came.id, workshop=found.id)
    if came.claimed_email:
        flash(
            _(
                "Welcome. With the link in our letter you can choose a password, later. "
                "If you have an account with this address already, sign in with that one."
            ),
            "success",
        )
    else:
        flash(_("Welcome. You are in: post your first idea."), "success")
    return go(board)


def _one_tap(found: Workshop, city: City, user: User, board: str) -> Response:
    here = workshop_of(user.id, city.id, now())
    if request.method == "GET":
        if here is not None and here.id == found.id:
            return go(board)  # scanned again
        return _door(found, city, name=user.name)
    try:
        spend("join-person", str(user.id), limit=ONE_PERSON)
        join(found, str(found.join_code), by=user, at=now())
    except (Invalid, TooMany) as refusal:
        return _door(found, city, name=user.name, refusal=refusal)
    log.info("joined", user=user.id, workshop=found.id)
    flash(_("Welcome. You are in."), "success")
    return go(board)


def _let_in(found: Workshop, form: JoinForm) -> User:
    spend("join", str(found.id), limit=A_ROOM)
    spend("join-address", visitor(), limit=A_ROOM)
    if form.email.data:
        spend("register-address", fingerprint(form.email.data), limit="5 per hour")
    newcomer = Newcomer(
        name=form.name.data or "",
        email=form.email.data or None,
        group=form.group.data,
        affiliation=form.affiliation.data,
        language=get_locale().language,
        key=form.submission_key.data or str(uuid.uuid4()),
    )
    return join_as_new(found, str(found.join_code), newcomer, at=now(), link=link_to("accounts.complete"))


def _wrong(typed: str, status: int) -> Response:
    """A code that opens nothing; who types very many of them waits."""
    refusal: Refusal = wrong_code()
    try:
        spend("join-wrong", visitor(), limit=WRONG_CODES)
    except TooMany as too_many:
        refusal, status = too_many, too_many.code
    log.info("joining_refused", kind=type(refusal).__name__)
    return _code_page(typed[:20], refusal, status)


def _code_page(typed: str = "", refusal: Refusal | None = None, status: int = 200) -> Response:
    page = render_template("workshops/code.html", typed=typed, message=refusal.message if refusal else "")
    return _answer(page, refusal, status)


def _door(
    found: Workshop,
    city: City,
    *,
    form: JoinForm | None = None,
    name: str = "",
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    page = render_template(
        "workshops/join.html",
        door=door_of(found, city),
        form=form,
        name=name,
        message=refusal.message if refusal and form is None else "",
    )
    return _answer(page, refusal, refusal.code if refusal else status)


def _answer(page: str, refusal: Refusal | None, status: int) -> Response:
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.seconds)
    return response
