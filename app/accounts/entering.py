"""Signing a browser in and out, and what routes need to know of who is at the other end of the line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import request, session, url_for
from flask_login import login_user, logout_user

from app.accounts.actions import start_session
from app.accounts.models import User
from app.core.clock import now
from app.core.security import own_origin


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


def link_to(endpoint: str, **values: Any) -> Callable[[str], str]:
    """Makes the address of a one-time link, as it is written into a letter."""
    return lambda token: own_origin() + url_for(endpoint, token=token, **values)


def fingerprint(email: str) -> str:
    """Stands for an address where limits are counted: no personal data in Redis."""
    return hashlib.sha256(email.encode()).hexdigest()[:32]


def visitor() -> str:
    """The network address a request comes from."""
    return request.remote_addr or "unknown"
