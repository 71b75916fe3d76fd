"""The addresses of boards, ideas, comments and My page."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("ideas", __name__)

from app.ideas.routes import boards, changes, comments, ideas, mine, upvotes  # noqa: E402, F401
