"""The blueprint, and what its pages share."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, Response, make_response, render_template, request

from app.accounts.forms import Form
from app.core.database import is_id
from app.core.errors import Invalid, NotThere, Refusal
from app.core.extensions import db

blueprint = Blueprint("organising", __name__, url_prefix="/organise")


def page(template: str, status: int = 200, **context: Any) -> Response:
    """An organiser's page. It is never kept by a cache: it may hold what only organisers see."""
    response = make_response(render_template(f"organising/{template}.html", **context), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def refused(form: Form, refusal: Refusal | None = None) -> int:
    """Put a refusal beside what was typed; returns the status to show it with."""
    if refusal is None:
        return 422
    form.refuse(refusal)
    return refusal.code


def one_of(model: Any, row_id: int) -> Any:
    """The row with this id. Raises NotThere."""
    row = db.session.get(model, row_id) if is_id(row_id) else None
    if row is None:
        raise NotThere()
    return row


def wanted(*known: str) -> str:
    """What the pressed button says in `act`. Raises Invalid for what no button says."""
    act = request.form.get("act", "")
    if act not in known:
        raise Invalid("")
    return act


def time_zones() -> tuple[str, ...]:
    """The names to choose from: places first looked for, the technical ones left out."""
    return tuple(
        sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    )
