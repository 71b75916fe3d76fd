"""The addresses under /organise. For everybody but organisers there is nothing there."""

from __future__ import annotations

from app.organising.routes.blueprint import blueprint

__all__ = ["blueprint"]

from app.organising.routes import (  # noqa: F401
    affiliations,
    cities,
    editions,
    imports,
    overview,
    participants,
    reasons,
    rules,
    themes,
    workshops,
)
