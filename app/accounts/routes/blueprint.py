"""The blueprint, and what its pages share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from app.accounts.forms import Form
from app.core.errors import Refusal, TooMany
from app.core.htmx import safe_next

blueprint = Blueprint("accounts", __name__)

HOME = "/"


def page(template: str, form: Form | None = None, status: int = 200, **context: Any) -> Response:
    """A page with its form. It is never kept by a cache: it belongs to one person."""
    if form is not None:
        context["form"] = form
    response = make_response(render_template(f"accounts/{template}.html", **context), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def shown_again(template: str, form: Form, refusal: Refusal | None = None, **context: Any) -> Response:
    """The form with everything that was typed (passwords excepted), and what to change or how long to wait."""
    if refusal is not None:
        form.refuse(refusal)
    response = page(template, form, refusal.code if refusal else 422, **context)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.seconds)
    return response


def next_page(default: str = HOME) -> str:
    """Where the person wanted to go: the `next` of the address or the form, if it is a path of our own."""
    return safe_next(request.values.get("next"), default)


def carried() -> dict[str, str]:
    """`next`, to hand on to another page."""
    wanted = next_page("")
    return {"next": wanted} if wanted else {}
