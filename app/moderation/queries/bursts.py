"""Who upvoted an idea with an account that is hardly older than the upvote."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from app.accounts.models import User
from app.cities.models import Attendance, Workshop
from app.core.extensions import db
from app.ideas.models import Upvote
from app.ideas.rooms import waits_for_reveal

NEW_ACCOUNT = timedelta(hours=1)
BURST_WINDOW = timedelta(minutes=10)
LAGS = timedelta(minutes=1)
"""So much later than what it shows, at most, an alert is brought up to date."""

# Whom a code has let into one of the city's workshops.
_IN_A_ROOM = (
    select(Attendance.user_id)
    .join(Workshop, Workshop.id == Attendance.workshop_id)
    .where(Workshop.city_id == bindparam("city_id"))
)
# Made once: a crowd that registers and votes asks it again and again.
_NEW_UPVOTERS = (
    select(Upvote.user_id)
    .join(User, User.id == Upvote.user_id)
    .where(
        Upvote.idea_id == bindparam("idea_id"),
        Upvote.created_at > bindparam("upvoted_since"),
        Upvote.created_at <= bindparam("upvoted_until"),
        User.created_at > bindparam("made_since"),
        User.origin == "registered",
        User.id.not_in(_IN_A_ROOM),
        ~waits_for_reveal(),  # an alert would tell moderators how the vote goes
    )
    .order_by(Upvote.created_at)
)


def new_upvoters(city_id: int, idea_id: int, at: datetime) -> list[int]:
    """Who upvoted the idea within BURST_WINDOW of `at` while younger than NEW_ACCOUNT, the earliest first."""
    return _upvoters(city_id, idea_id, at, since=at - BURST_WINDOW, until=at)


def people_of(seen: dict[str, Any], city_id: int) -> list[int]:
    """The accounts an alert was seen of; with those of a burst who came after it was last brought up to date."""
    known = list(seen.get("user_ids", ()))
    if "until" not in seen:
        return known
    until, idea_id = datetime.fromisoformat(seen["until"]), seen["idea_ids"][0]
    now_seen = _upvoters(city_id, idea_id, until, since=until - BURST_WINDOW, until=until + LAGS)
    return known + [user_id for user_id in now_seen if user_id not in known]


def _upvoters(city_id: int, idea_id: int, at: datetime, *, since: datetime, until: datetime) -> list[int]:
    values = {
        "idea_id": idea_id,
        "city_id": city_id,
        "upvoted_since": since,
        "upvoted_until": until,
        "made_since": at - NEW_ACCOUNT,
    }
    return list(db.session.scalars(_NEW_UPVOTERS, values))
