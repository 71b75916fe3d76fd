"""What a text said before an edit stays to be read by everybody: so only what everybody could read is kept."""

from __future__ import annotations

from sqlalchemy import func, select

from app.cities.models import Change
from app.core.extensions import db
from app.ideas.models import Comment, Idea


def could_be_read(idea: Idea, comment: Comment | None = None) -> bool:
    """Whether everybody can or could read the idea, or its comment, as it is before an edit.

    What is held was public as it stands only where its board's last change of it is later than its last edit.
    """
    item = comment or idea
    if item.state == "published":
        return True
    about = Change.comment_id == comment.id if comment else Change.comment_id.is_(None)
    changed_at = db.session.scalar(
        select(func.max(Change.at)).where(Change.city_id == idea.city_id, Change.idea_id == idea.id, about)
    )
    return changed_at is not None and (item.edited_at is None or changed_at > item.edited_at)
