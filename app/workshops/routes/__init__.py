"""The addresses of a workshop: its remote and room, its screens, joining, what was said on paper, and its result."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("workshops", __name__)

from app.workshops.routes import (  # noqa: E402, F401
    door,
    joining,
    pairing,
    papering,
    rehearsal,
    remote,
    result,
    room,
    screening,
    screens,
    settings,
)
