"""What boards do when a word of the shared vocabulary changes."""

from __future__ import annotations

from sqlalchemy import select, update

from app.core.extensions import db
from app.ideas.models import Idea, IdeaTheme


def show_theme_anew(theme_id: int) -> None:
    """Let every card with this theme be rendered again: rendered ones are kept by their idea's version.

    Inside the unit of work that renames it. No numbered change: open pages show the new name when they load again.
    """
    shown = select(IdeaTheme.idea_id).where(IdeaTheme.theme_id == theme_id)
    db.session.execute(
        update(Idea)
        .where(Idea.id.in_(shown))
        .values(version=Idea.version + 1)
        .execution_options(synchronize_session=False)
    )
