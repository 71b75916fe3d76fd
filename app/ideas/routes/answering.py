"""How a refused form is answered: with itself, its messages and everything typed, or with JSON for a script."""

from __future__ import annotations

from flask import Response, jsonify, make_response
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.core.errors import Refusal, TooMany
from app.core.htmx import wants_json


def refused_form(form: FlaskForm, page: str, refusal: Refusal | None = None) -> Response:
    """422 (429 where it was too often) with the page, or the messages by field for a script."""
    code = refusal.code if refusal else 422
    if wants_json():
        message = refusal.message if refusal else _("Please check what you typed.")
        errors = {name: [str(error) for error in messages] for name, messages in form.errors.items() if name}
        response = jsonify(message=message, errors=errors)
    else:
        response = make_response(page)
    response.status_code = code
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.seconds)
    return response
