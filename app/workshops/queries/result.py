"""What a workshop said, as plain data that can be kept for good: numbers and ids, never titles, names or texts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.accounts.models import User
from app.cities.models import Attendance, Workshop
from app.core.extensions import db
from app.ideas.models import Comment, Idea, IdeaTheme, Upvote
from app.workshops.queries.paper import counted_on_paper_in

Counts = dict[str, int]
"""By stakeholder group; those at nought are missing."""


def result_of(workshop: Workshop) -> dict[str, Any]:
    """The workshop's result as it stands now; its ideas, most upvoted in it first, on paper and on phones together.

    Only upvotes that count, so before the reveal of hidden ones there are none. `sample` is how many of its people
    are simulated.
    """
    upvotes, on_paper = _upvotes(workshop.id), counted_on_paper_in(workshop.id)
    comments = _comments(workshop.id)
    ideas = _ideas(workshop.id, {*upvotes, *on_paper, *comments})
    for idea in ideas:
        idea["upvotes"] = upvotes.get(idea["id"], {})
        idea["on_paper_upvotes"] = on_paper.get(idea["id"], 0)
        idea["comments"] = sum(comments.get(idea["id"], {}).values())
    ideas.sort(key=lambda idea: (-total_of(idea), -idea["id"]))  # as on the board
    said: Counts = {}
    for by_group in comments.values():
        for group, count in by_group.items():
            said[group] = said.get(group, 0) + count
    return {
        "people": _people(workshop.id),
        "sample": _simulated(workshop.id),
        "upvotes": sum(sum(by_group.values()) for by_group in upvotes.values()),
        "on_paper_upvotes": sum(on_paper.values()),
        "comments": sum(said.values()),
        "comments_by_group": said,
        "ideas": ideas,
    }


def total_of(idea: dict[str, Any]) -> int:
    """All upvotes an idea was given in the workshop."""
    return sum(idea["upvotes"].values()) + idea["on_paper_upvotes"]


def _people(workshop_id: int) -> Counts:
    rows = db.session.execute(
        select(User.group, func.count())
        .join(Attendance, Attendance.user_id == User.id)
        .where(Attendance.workshop_id == workshop_id)
        .group_by(User.group)
    )
    return dict(rows.all())


def _simulated(workshop_id: int) -> int:
    query = (
        select(func.count())
        .select_from(Attendance)
        .join(User, User.id == Attendance.user_id)
        .where(Attendance.workshop_id == workshop_id, User.origin == "sample")
    )
    return db.session.scalar(query) or 0


def _upvotes(workshop_id: int) -> dict[int, Counts]:
    return _by_idea_and_group(
        select(Upvote.idea_id, User.group, func.count())
        .join(User, User.id == Upvote.user_id)
        .join(Idea, Idea.id == Upvote.idea_id)
        .where(Upvote.workshop_id == workshop_id, Upvote.is_counted.is_(True), Idea.state == "published")
        .group_by(Upvote.idea_id, User.group)
    )


def _comments(workshop_id: int) -> dict[int, Counts]:
    return _by_idea_and_group(
        select(Comment.idea_id, User.group, func.count())
        .join(User, User.id == Comment.author_id)
        .join(Idea, Idea.id == Comment.idea_id)
        .where(Comment.workshop_id == workshop_id, Comment.state == "published", Idea.state == "published")
        .group_by(Comment.idea_id, User.group)
    )


def _by_idea_and_group(query: Any) -> dict[int, Counts]:
    found: dict[int, Counts] = {}
    for idea_id, group, count in db.session.execute(query):
        found.setdefault(idea_id, {})[group] = count
    return found


def _ideas(workshop_id: int, touched: set[int]) -> list[dict[str, Any]]:
    """The public ideas that were posted, commented on or upvoted in the workshop."""
    rows = db.session.execute(
        select(Idea.id, Idea.kind, Idea.workshop_id, Idea.on_paper, User.group)
        .join(User, User.id == Idea.author_id)
        .where((Idea.workshop_id == workshop_id) | Idea.id.in_(touched), Idea.state == "published")
    ).all()
    themes: dict[int, list[int]] = {}
    for idea_id, theme_id in db.session.execute(
        select(IdeaTheme.idea_id, IdeaTheme.theme_id)
        .where(IdeaTheme.idea_id.in_([row.id for row in rows]))
        .order_by(IdeaTheme.idea_id, IdeaTheme.position)
    ):
        themes.setdefault(idea_id, []).append(theme_id)
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "group": row.group,
            "posted_here": row.workshop_id == workshop_id,
            "on_paper": row.on_paper,
            "themes": themes.get(row.id, []),
        }
        for row in rows
    ]
