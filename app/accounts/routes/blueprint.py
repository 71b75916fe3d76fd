"""The blueprint, and what its pages share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, session, url_for
from flask_login import login_user, logout_user

from app.accounts.actions import start_session
from app.accounts.forms import Form
from app.accounts.models import User
from app.core.clock import now
from app.core.errors import Refusal, TooMany
from app.core.htmx import safe_next
from app.core.security import own_origin

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


def link_to(endpoint: str, **values: Any) -> Callable[[str], str]:
    """Makes the address of a one-time link, as it is written into a letter."""
    return lambda token: own_origin() + url_for(endpoint, token=token, **values)


def enter(user: User) -> None:
    """Sign `user` in, in this browser. Nothing of the cookie before survives but the language."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    session.permanent = True
    start_session(user, now())
    login_user(user)


def leave() -> None:
    """Forget in this browser who was signed in."""
    language = session.get("language")
    logout_user()
    session.clear()
    if language:
        session["language"] = language


def fingerprint(email: str) -> str:
    """Stands for an address where limits are counted: no personal data in Redis."""
    return hashlib.sha256(email.encode()).hexdigest()[:32]


def visitor() -> str:
    """The network address a request comes from."""
    return request.remote_addr or "unknown"
