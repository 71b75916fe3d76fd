"""How this slice answers: pages no cache keeps, refused forms with all that was typed, acts with a way back."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, jsonify, make_response, render_template
from flask_babel import gettext as _

from app.accounts.forms import Form
from app.core.clock import now
from app.core.errors import Refusal, TooMany
from app.core.htmx import go, wants_json
from app.moderation.models import Act
from app.moderation.policy import can_undo, undo_until


def page(template: str, form: Form | None = None, status: int = 200, **context: Any) -> Response:
    """A page with its form. It shows what not everybody may see, or what somebody types: never kept by a cache."""
    response = make_response(render_template(f"moderation/{template}.html", form=form, **context), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def shown_again(template: str, form: Form, refusal: Refusal | None = None, **context: Any) -> Response:
    """The form with everything that was typed and what to change; for a script the messages by field."""
    if refusal is not None:
        form.refuse(refusal)
    status = refusal.code if refusal else 422
    if wants_json():
        message = refusal.message if refusal else _("Please check what you typed.")
        errors = {name: [str(error) for error in messages] for name, messages in form.errors.items() if name}
        response = jsonify(message=message, errors=errors)
        response.status_code = status
    else:
        response = page(template, form, status, **context)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.seconds)
    return response


def done(act: Act, message: str, where: str) -> Response:
    """Say what was done and how to take it back: to a script, or at the top of the page at `where`."""
    can_be_undone = can_undo(act, now())
    if wants_json():
        until = undo_until(act).isoformat() if can_be_undone else None
        return jsonify(act=act.id, message=message, undo_until=until, item=None, row=None)
    flash(message, f"undo-{act.id}" if can_be_undone else "message")
    return go(where)
