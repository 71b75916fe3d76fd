"""Whether those who listen still may: asked of the database every moment, whoever changed it and from where."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from app.accounts.models import Session, User
from app.accounts.policy import may_take_part
from app.cities.models import City, Moderator
from app.core.clock import now
from app.core.extensions import db
from app.live.topics import Watch
from app.workshops.models import Screen

Standing = tuple[str, int | None, int | None, Watch | None]


def without_right(standing: Sequence[Standing]) -> list[str]:
    """Of these sockets (id, session, person, watch) those whose session has ended, or that may not watch any more.

    Three queries at most, whatever their number.
    """
    if not standing:
        return []
    sessions = {session_id for _sid, session_id, _user_id, _watch in standing if session_id is not None}
    alive = _alive(sessions) if sessions else set()
    members_only, moderators = _doors(
        {watch.city_id for *_, watch in standing if watch is not None}, standing
    )
    ended = []
    for sid, session_id, user_id, watch in standing:
        if session_id is not None and session_id not in alive:
            ended.append(sid)
        elif watch is not None and watch.is_queue:
            if (user_id, watch.city_id) not in moderators and (user_id, None) not in moderators:
                ended.append(sid)
        elif (
            watch is not None and watch.city_id in members_only and user_id not in members_only[watch.city_id]
        ):
            ended.append(sid)
    return ended


def revoked_screens(standing: Sequence[Standing]) -> list[int]:
    """The screens among these sockets whose link is revoked or gone. One query at most, none without screens."""
    shown = {watch.screen_id for *_, watch in standing if watch is not None and watch.screen_id is not None}
    if not shown:
        return []
    open_ones = select(Screen.id).where(Screen.id.in_(shown), Screen.revoked_at.is_(None))
    return sorted(shown.difference(db.session.scalars(open_ones)))


def _alive(sessions: set[int]) -> set[int]:
    at = now()
    return set(
        db.session.scalars(
            select(Session.id)
            .join(User, User.id == Session.user_id)
            .where(
                Session.id.in_(sessions),
                Session.ended_at.is_(None),
                User.erased_at.is_(None),
                or_(User.banned_until.is_(None), User.banned_until <= at),
            )
        )
    )


def _doors(
    city_ids: set[int], standing: Sequence[Standing]
) -> tuple[dict[int, set[int | None]], set[tuple[int | None, int | None]]]:
    """Who may watch the members-only ones of these boards, and who curates what (no city: all of them)."""
    people = {user_id for _sid, _session_id, user_id, _watch in standing if user_id is not None}
    closed = list(db.session.scalars(select(City.id).where(City.id.in_(city_ids), City.is_public.is_(False))))
    has_queues = any(watch is not None and watch.is_queue for *_, watch in standing)
    members: set[int | None] = set()
    moderators: set[tuple[int | None, int | None]] = set()
    if people and (closed or has_queues):
        users = db.session.scalars(select(User).where(User.id.in_(people))).all()
        members = {user.id for user in users if may_take_part(user, now())}
        moderators = {(user.id, None) for user in users if user.is_organiser}
        moderators |= {
            (user_id, city_id)
            for user_id, city_id in db.session.execute(
                select(Moderator.user_id, Moderator.city_id).where(Moderator.user_id.in_(people))
            )
        }
    return dict.fromkeys(closed, members), moderators
