"""Who is at the other end of this request. For routes only: nothing below them asks who is signed in."""

from __future__ import annotations

import structlog
from flask import abort, jsonify, make_response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.exc import OperationalError

from app.accounts.actions.sessions import SEEN_EVERY, note_seen
from app.accounts.models import User
from app.accounts.queries import live_session
from app.core.clock import now
from app.core.errors import NotThere
from app.core.extensions import db, login_manager
from app.core.htmx import go, wants_json

log = structlog.get_logger(__name__)

# Phones change their address all day. A session is bound to its token and to the database, not to an address.
login_manager.session_protection = None


@login_manager.user_loader
def _whose_session(token: str) -> User | None:
    """The person whose live session `token` is. A copied cookie dies with the session it was copied from."""
    at = now()
    found = live_session(token, at)
    if found is None:
        return None
    user, session_id, seen_at = found
    user.session_id, user.session_token = session_id, token
    if at - seen_at >= SEEN_EVERY:
        try:
            note_seen(session_id, at)
        except OperationalError:
            # Somebody who only reads must not notice that the database cannot be written at the moment.
            db.session.rollback()
            log.warning("session_not_noted")
    return user


def person() -> User | None:
    """Who is signed in, or None."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def require_organiser() -> User:
    """The signed-in organiser; for every other person there is nothing here."""
    user = require_person()
    if not user.is_organiser:
        raise NotThere()
    return user


def require_person() -> User:
    """Who is signed in; everybody else is sent to sign in and back, scripts get a 401 that says where."""
    user = person()
    if user is None:
        back = request.full_path.rstrip("?") if request.method == "GET" else request.form.get("next", "")
        where = url_for("accounts.sign_in", next=back or None)
        if wants_json():
            abort(make_response(jsonify(message=_("Please sign in first."), sign_in=where), 401))
        abort(go(where))
    return user
