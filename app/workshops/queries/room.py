"""What the phones, screens and remotes of a workshop are told: the same for all of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.cities.models import Attendance, Workshop
from app.core.clock import now
from app.core.extensions import db
from app.ideas.models import Idea, Upvote


def room_message(workshop: Workshop, *, watching: int = 0) -> dict[str, Any]:
    """The state of a workshop: moments in milliseconds since 1970, UTC, by this server's clock."""
    return {
        "workshop": workshop.id,
        "seq": workshop.state_seq,
        "phase": workshop.phase,
        "shows": workshop.shows,
        "contrasts": workshop.contrasts,
        "spotlight": workshop.spotlight_id,
        "timer": {
            "ends": milliseconds(workshop.timer_ends_at) if workshop.timer_ends_at else None,
            "left": workshop.timer_left_ms,
        },
        "now": milliseconds(now()),
        "people": {**people_of(workshop.id), "watching": watching},
    }


def milliseconds(moment: datetime) -> int:
    """Since 1970, UTC."""
    return int(moment.timestamp() * 1000)


def people_of(workshop_id: int) -> dict[str, int]:
    """How many joined, posted an idea there, and of those who joined gave an upvote there."""

    def count(column: Any, *conditions: Any) -> int:
        return db.session.scalar(select(func.count(func.distinct(column))).where(*conditions)) or 0

    joined = select(Attendance.user_id).where(Attendance.workshop_id == workshop_id)
    return {
        "joined": count(Attendance.user_id, Attendance.workshop_id == workshop_id),
        "posted": count(Idea.author_id, Idea.workshop_id == workshop_id, Idea.state == "published"),
        "voted": count(Upvote.user_id, Upvote.workshop_id == workshop_id, Upvote.user_id.in_(joined)),
    }
