"""The socket: it takes *watch* and *unwatch*, nothing else; writes are HTTP.

A subscription is made from what the database says at that moment: a topic of an idea that is not public, or of
another city's, is not given out, however the request is put. An idea hidden later is no longer sent to anyone, since
delivery renders public content only.
"""

from __future__ import annotations

from typing import Any

import structlog
from flask import request
from flask_login import current_user
from flask_socketio import Namespace, join_room, leave_room
from sqlalchemy import select

from app.accounts.queries import live_session
from app.cities.access import city_named
from app.cities.models import Attendance, City, Workshop
from app.cities.policy import can_read_board
from app.cities.queries import curates
from app.core.clock import now
from app.core.config import LANGUAGES
from app.core.database import is_id
from app.core.errors import NotThere
from app.core.extensions import db
from app.core.security import is_own_origin
from app.ideas.models import Idea
from app.live.delivery import delivery
from app.live.topics import NAMESPACE, Watch, person_topic, watchers
from app.workshops.events import RoomChanged
from app.workshops.queries.screens import open_screen, shown_workshop

log = structlog.get_logger(__name__)


class Live(Namespace):
    """Who may listen, and to what."""

    def on_connect(self, _auth: Any = None) -> bool:
        """Only pages of our own origin. A missing Origin is refused: every browser sends one."""
        if not is_own_origin(request.headers.get("Origin")):
            log.info("refused", kind="socket_origin")
            return False
        delivery.listen()
        sid = _sid()
        user = current_user if current_user.is_authenticated else None
        watchers.connected(sid, user.session_id if user else None, user.id if user else None)
        if user:
            join_room(person_topic(user.id))
            if not _still_signed_in(user):
                watchers.left(sid, disconnected=True)
                return False
        return True

    def on_disconnect(self, _reason: Any = None) -> None:
        """A page has gone."""
        gone = watchers.left(_sid(), disconnected=True)
        if gone:
            delivery.watchers_changed(gone.city_id)

    def on_watch(self, asked: Any = None, *_more: Any) -> dict[str, Any]:
        """Begin to watch a board, one of its ideas or, as its moderator, its queue; what was watched before is left."""
        sid = _sid()
        self._unwatch(sid)
        watch = self._authorised(asked)
        if watch is None:
            return {"ok": False}
        for room in watch.rooms():
            join_room(room)
        watchers.watching(sid, watch)
        numbers = select(City.seq, City.queue_seq).where(City.id == watch.city_id)
        seq, stamp = db.session.execute(numbers).one()
        delivery.watch_begins(watch.city_id, seq, stamp)
        if watch.workshop_id is not None:
            delivery.take(RoomChanged(watch.city_id, watch.workshop_id))
        return {
            "ok": True,
            "seq": stamp if watch.is_queue else seq,
            "watching": delivery.on_city(watch.city_id),
        }

    def on_unwatch(self, *_said: Any) -> dict[str, Any]:
        """Stop watching."""
        self._unwatch(_sid())
        return {"ok": True}

    def _unwatch(self, sid: str) -> None:
        watched = watchers.left(sid)
        if watched:
            for room in watched.rooms():
                leave_room(room)
            delivery.watchers_changed(watched.city_id)

    @staticmethod
    def _authorised(asked: Any) -> Watch | None:
        if not isinstance(asked, dict):
            return None
        if "screen" in asked:
            return _screen(asked["screen"])
        slug, language, idea_id = asked.get("city"), asked.get("language"), asked.get("idea")
        if not isinstance(slug, str) or not isinstance(language, str) or language not in LANGUAGES:
            return None
        user = current_user if current_user.is_authenticated else None
        try:
            city = city_named(slug)
        except NotThere:
            return None
        city_id, is_queue = city.id, asked.get("queue") is True
        if not can_read_board(user, city.is_public, now()) or (is_queue and not _curates(user, city_id)):
            return None
        if idea_id is not None:
            if isinstance(idea_id, bool) or not isinstance(idea_id, int) or not 0 < idea_id < 2**31:
                return None
            public = db.session.scalar(
                select(Idea.id).where(Idea.id == idea_id, Idea.city_id == city_id, Idea.state == "published")
            )
            if public is None:
                return None
        return Watch(
            city_id=city_id,
            city_slug=slug,
            language=language,
            idea_id=idea_id,
            session_id=user.session_id if user else None,
            user_id=user.id if user else None,
            is_queue=is_queue,
            workshop_id=_workshop(asked.get("workshop"), city_id, user),
        )


def _screen(token: Any) -> Watch | None:
    """A screen is nobody: its link says what it may see."""
    found = open_screen(token) if isinstance(token, str) else None
    if found is None:
        return None
    screen, city = found
    workshop = shown_workshop(screen)
    return Watch(
        city_id=city.id,
        city_slug=city.slug,
        language=city.language if city.language in LANGUAGES else "en",
        idea_id=None,
        session_id=None,
        user_id=None,
        workshop_id=workshop.id if workshop else None,
        screen_id=screen.id,
    )


def _workshop(asked: Any, city_id: int, user: Any) -> int | None:
    """The workshop asked for, where this person is in it or drives it."""
    if user is None or isinstance(asked, bool) or not isinstance(asked, int) or not is_id(asked):
        return None
    if (
        db.session.scalar(select(Workshop.id).where(Workshop.id == asked, Workshop.city_id == city_id))
        is None
    ):
        return None
    attends = select(Attendance.user_id).where(Attendance.workshop_id == asked, Attendance.user_id == user.id)
    return asked if db.session.scalar(attends) is not None or curates(user, city_id) else None


def _curates(user: Any, city_id: int) -> bool:
    return user is not None and curates(user, city_id)


def _still_signed_in(user: Any) -> bool:
    """Asked once the socket is known: an end of the session before that found no socket to close."""
    db.session.rollback()
    return live_session(user.session_token, now()) is not None


def _sid() -> str:
    sid: str = request.sid  # type: ignore[attr-defined]
    return sid


live = Live(NAMESPACE)
