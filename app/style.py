"""The style page, in development only: every component in every state, on one page."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("style", __name__)
