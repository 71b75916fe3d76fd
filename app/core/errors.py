"""Refusals that carry a sentence for the person, and the pages that show them."""

from __future__ import annotations

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException

from app.core.extensions import db
from app.core.htmx import wants_json

log = structlog.get_logger(__name__)


class Refusal(Exception):
    """Something a person asked for and does not get; `message` is for that person."""

    code = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotAllowed(Refusal):
    """The person may know it is there, but may not do this."""

    code = 403


class Invalid(Refusal):
    """What was typed cannot be taken; `field` names where, if it is one field's fault."""

    code = 422

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class TooMany(Refusal):
    """Too often; `seconds` says how long to wait."""

    code = 429

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class AlreadyDone(Refusal):
    """Somebody else was faster; `message` says who and what."""

    code = 409


class NotThere(Refusal):
    """Nothing there, or not for this person: the two look alike."""

    code = 404

    def __init__(self) -> None:
        super().__init__("")


def _words(code: int) -> tuple[str, str]:
    known = {
        400: (_("That request did not work"), _("Please go back, reload the page and try again.")),
        403: (_("This is not possible"), _("You may not do this here.")),
        404: (
            _("There is nothing here"),
            _("The address may be mistyped, or what was here has been withdrawn."),
        ),
        405: (_("That request did not work"), _("Please go back, reload the page and try again.")),
        409: (_("Somebody was faster"), _("This has been decided already. Reload the page to see it.")),
        413: (_("That was too much"), _("What you sent is larger than the board takes. Please shorten it.")),
        422: (_("Something is missing or wrong"), _("Please check what you typed.")),
        429: (_("Too many requests"), _("Please wait a moment and try again.")),
        503: (
            _("The board is busy"),
            _("Nothing was saved. Go back: what you typed is still there. Please try again in a moment."),
        ),
    }
    return known.get(
        code,
        (
            _("Something went wrong on our side"),
            _("Nothing was saved. Go back: what you typed is still there. The fault has been noted."),
        )
        if code >= 500
        else known[400],
    )


def error_response(code: int, message: str = "", **extra: object) -> Response:
    """The page, or the JSON for a script, that says what happened and what to do."""
    title, advice = _words(code)
    if wants_json():
        response = jsonify(message=message or f"{title}. {advice}", **extra)
    else:
        page = render_template(
            "errors/error.html",
            code=code,
            title=title,
            message=message or advice,
            reference=g.get("request_id", ""),
        )
        response = make_response(page)
    response.status_code = code
    response.headers["Cache-Control"] = "no-store"
    return response


def init_errors(app: Flask) -> None:
    """Register the error pages."""

    @app.errorhandler(Refusal)
    def _refused(refusal: Refusal) -> Response:
        log.info("refused", status=refusal.code, kind=type(refusal).__name__)
        response = error_response(refusal.code, refusal.message)
        if isinstance(refusal, TooMany):
            response.headers["Retry-After"] = str(refusal.seconds)
        return response

    @app.errorhandler(CSRFError)
    def _forged(_error: CSRFError) -> Response:
        log.info("refused", status=400, kind="csrf")
        return error_response(
            400,
            _(
                "This page was open for too long, or cookies are switched off. "
                "Go back, reload the page and send it again: what you typed is kept in the page."
            ),
            csrf=True,
        )

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        if error.response is not None:
            return make_response(error.get_response())
        return error_response(error.code or 500)

    @app.errorhandler(OperationalError)
    @app.errorhandler(NoConnectionFree)
    def _database(_error: Exception) -> Response:
        db.session.rollback()
        log.exception("database_unavailable")
        response = error_response(503)
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(Exception)
    def _fault(_error: Exception) -> Response:
        db.session.rollback()
        log.exception("unhandled")
        return error_response(500)
