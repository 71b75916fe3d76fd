"""What moderation keeps about one person, for the download of their own data. Plain data; moments in ISO 8601, UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.accounts.models import User
from app.core.extensions import db
from app.moderation.models import Act, Objection, Report
from app.moderation.queries.reasons import reason_names


def own_reports(user: User) -> list[dict[str, Any]]:
    """What this person has reported, and what came of it."""
    names = reason_names()
    return [
        {
            "idea": report.idea_id,
            "comment": report.comment_id,
            "reason": names.get(report.reason_id, ""),
            "sentence": report.sentence,
            "created_at": report.created_at.isoformat(),
            "outcome": report.outcome,
        }
        for report in db.session.scalars(select(Report).where(Report.user_id == user.id).order_by(Report.id))
    ]


def own_objections(user: User) -> list[dict[str, Any]]:
    """What this person has objected to, and what came of it."""
    return [
        {
            "act": objection.act_id,
            "text": objection.text,
            "created_at": objection.created_at.isoformat(),
            "outcome": objection.outcome,
        }
        for objection in db.session.scalars(
            select(Objection).where(Objection.user_id == user.id).order_by(Objection.id)
        )
    ]


def acts_on_me(user: User) -> list[dict[str, Any]]:
    """Bans and verifications of this person."""
    names = reason_names()
    return [
        {
            "kind": act.kind,
            "at": act.at.isoformat(),
            "reason": names.get(act.reason_id or 0, ""),
            "sentence": act.sentence,
            "undone_at": act.undone_at.isoformat() if act.undone_at else None,
        }
        for act in db.session.scalars(select(Act).where(Act.user_id == user.id).order_by(Act.id))
    ]
