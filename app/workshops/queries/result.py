"""What a workshop said, as plain data: by theme and group, the ideas with their upvotes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.accounts.models import User
from app.cities.models import Attendance, Workshop
from app.core.extensions import db
from app.ideas.models import Comment, Idea, IdeaTheme, Upvote


def result_of(workshop: Workshop) -> dict[str, Any]:
    """The workshop's result as it stands now: counts, people by group, and its ideas, most upvoted in it first."""
    upvotes = _upvotes_by_group(workshop.id)
    ideas = [{**idea, "upvotes": upvotes.get(idea["id"], {})} for idea in _ideas(workshop.id, list(upvotes))]
    ideas.sort(key=lambda idea: (-sum(idea["upvotes"].values()) - idea["on_paper_upvotes"], idea["id"]))
    return {
        "people": _people_by_group(workshop.id),
        "comments": _count(Comment, workshop.id),
        "upvotes": sum(sum(by_group.values()) for by_group in upvotes.values()),
        "ideas": ideas,
    }


def _people_by_group(workshop_id: int) -> dict[str, int]:
    rows = db.session.execute(
        select(User.group, func.count())
        .join(Attendance, Attendance.user_id == User.id)
        .where(Attendance.workshop_id == workshop_id)
        .group_by(User.group)
    )
    return dict(rows.all())


def _upvotes_by_group(workshop_id: int) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for idea_id, group, count in db.session.execute(
        select(Upvote.idea_id, User.group, func.count())
        .join(User, User.id == Upvote.user_id)
        .join(Idea, Idea.id == Upvote.idea_id)
        .where(Upvote.workshop_id == workshop_id, Upvote.is_counted.is_(True), Idea.state == "published")
        .group_by(Upvote.idea_id, User.group)
    ):
        found.setdefault(idea_id, {})[group] = count
    return found


def _ideas(workshop_id: int, upvoted: list[int]) -> list[dict[str, Any]]:
    """The public ideas that were posted or upvoted in the workshop."""
    rows = db.session.execute(
        select(Idea, User.group)
        .join(User, User.id == Idea.author_id)
        .where((Idea.workshop_id == workshop_id) | Idea.id.in_(upvoted), Idea.state == "published")
    ).all()
    themes: dict[int, list[int]] = {}
    for idea_id, theme_id in db.session.execute(
        select(IdeaTheme.idea_id, IdeaTheme.theme_id)
        .where(IdeaTheme.idea_id.in_([idea.id for idea, _group in rows]))
        .order_by(IdeaTheme.idea_id, IdeaTheme.position)
    ):
        themes.setdefault(idea_id, []).append(theme_id)
    return [
        {
            "id": idea.id,
            "title": idea.title,
            "kind": idea.kind,
            "language": idea.language,
            "group": group,
            "posted_here": idea.workshop_id == workshop_id,
            "on_paper": idea.on_paper,
            "on_paper_upvotes": idea.paper_upvotes,
            "comments": idea.comment_count,
            "themes": themes.get(idea.id, []),
        }
        for idea, group in rows
    ]


def _count(table: Any, workshop_id: int) -> int:
    query = select(func.count()).where(table.workshop_id == workshop_id, table.state == "published")
    return db.session.scalar(query) or 0
