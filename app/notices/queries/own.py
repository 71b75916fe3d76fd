"""What is kept about somebody here, for the download of their own data."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.accounts.models import User
from app.core.extensions import db
from app.notices.models import Notice
from app.notices.queries.inbox import way_of


def own_notices(user: User) -> list[dict[str, Any]]:
    """Every notice, oldest first, as plain data; moments in ISO 8601, UTC."""
    rows = db.session.scalars(select(Notice).where(Notice.user_id == user.id).order_by(Notice.id))
    return [
        {
            "kind": row.kind,
            "idea": row.idea_id,
            "comment": row.comment_id,
            **row.details,
            "created_at": row.created_at.isoformat(),
            "read_at": row.read_at.isoformat() if row.read_at else None,
        }
        for row in rows
    ]


def own_choice(user: User) -> str:
    """How this person wants to be told by mail."""
    return way_of(user.id)
