"""The addresses of the queue, of acts and what else moderators and those they meet see of moderation."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("moderation", __name__)

from app.moderation.routes import (  # noqa: E402, F401
    acts,
    alerts,
    answering,
    log,
    many,
    merging,
    objecting,
    people,
    queue,
    reporting,
    tagging,
)
