"""Who looks at a page, for the templates."""

from __future__ import annotations

from collections.abc import Sequence

from app.accounts.models import User
from app.accounts.policy import may_take_part
from app.cities.access import moderated_by
from app.core.clock import now
from app.ideas.queries.board import upvoted_among
from app.ideas.queries.views import NOBODY, Viewer


def viewer_of(user: User | None, idea_ids: Sequence[int] = ()) -> Viewer:
    """The person's state on these ideas."""
    if user is None:
        return NOBODY
    return Viewer(
        id=user.id,
        name=user.name,
        is_signed_in=True,
        upvoted=upvoted_among(user.id, idea_ids),
        may_take_part=may_take_part(user, now()),
        needs_confirmation=not user.is_confirmed,
        is_organiser=user.is_organiser,
        moderates=moderated_by(user),
    )
