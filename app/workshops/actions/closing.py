"""Freezes what a workshop has said, at the moment it is closed."""

from __future__ import annotations

from datetime import datetime

from app.cities.models import Workshop
from app.core.extensions import db
from app.workshops.models import WorkshopResult
from app.workshops.queries.result import result_of


def freeze(workshop: Workshop, at: datetime) -> None:
    """Keep the result as it is now, inside the transaction that closes the workshop."""
    db.session.merge(WorkshopResult(workshop_id=workshop.id, made_at=at, result=result_of(workshop)))
