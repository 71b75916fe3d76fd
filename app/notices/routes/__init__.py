"""The addresses of the inbox, and of the end of mail."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("notices", __name__)

from app.notices.routes import inbox, unsubscribing  # noqa: E402, F401
