"""What has no number and may have been missed while the bus was away, as events to be told once more.

All of it says how things are now, so telling it in vain does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import User
from app.core.extensions import db
from app.ideas.events import UpvotesChanged
from app.ideas.models import Idea, Upvote
from app.live.rights import Standing
from app.notices.events import NoticesChanged
from app.notices.queries.standing import unread_of_each
from app.workshops.events import ScreensChanged, WorkshopChanged

PEOPLE_AT_ONCE = 500


def rooms_again(standing: Sequence[Standing]) -> Iterator[object]:
    """Every workshop that one of these sockets hears."""
    watches = [watch for *_, watch in standing if watch is not None]
    for city_id, workshop_id in sorted(
        {(w.city_id, w.workshop_id) for w in watches if w.workshop_id is not None}
    ):
        yield WorkshopChanged(city_id, workshop_id, 0)


def screens_again(standing: Sequence[Standing]) -> Iterator[object]:
    """Every screen among these sockets."""
    watches = [watch for *_, watch in standing if watch is not None]
    for city_id, screen_id in sorted({(w.city_id, w.screen_id) for w in watches if w.screen_id is not None}):
        yield ScreensChanged(city_id, (screen_id,))


def people_again(standing: Sequence[Standing], since: datetime) -> Iterator[object]:
    """Of the people behind these sockets: their unread notices, and what they have upvoted since then.

    What they took back is not among it: that leaves no trace, and their pages ask for it within half a minute.
    """
    ids = sorted({user_id for _sid, _session_id, user_id, _watch in standing if user_id is not None})
    for start in range(0, len(ids), PEOPLE_AT_ONCE):
        some = ids[start : start + PEOPLE_AT_ONCE]
        users = db.session.scalars(select(User).where(User.id.in_(some))).all()
        for user_id, unread in unread_of_each(users).items():
            yield NoticesChanged(user_id, unread)
        given = (
            select(Idea.city_id, Upvote.idea_id, Upvote.user_id)
            .join(Idea, Idea.id == Upvote.idea_id)
            .where(Upvote.user_id.in_(some), Upvote.created_at >= since)
        )
        for city_id, idea_id, user_id in db.session.execute(given).all():
            yield UpvotesChanged(city_id, idea_id, user_id, upvoted=True, is_counted=False)
