"""Signing in and out. A session is a row: ending it also ends copied cookies and open sockets."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from app.accounts import passwords
from app.accounts.actions.links import hash_token
from app.accounts.events import SessionsEnded
from app.accounts.models import Session, User
from app.accounts.policy import can_sign_in
from app.core.announce import announce
from app.core.clock import now
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work

LIFETIME = timedelta(days=60)
"""A session nobody has used for so long is over."""

SEEN_EVERY = timedelta(minutes=5)
"""How exactly `seen_at` is kept: a write for every page would be too many."""


def sign_in(email: str, password: str, at: datetime) -> User | None:
    """The person `email` and `password` belong to, or None. Starts no session.

    An address belongs to the account that confirmed it. An account that only claims it can sign in too, the newest one
    of them that has a password. A refusal always costs two verifications, so that its time tells nothing about which
    of the two exist.
    """
    for candidate in (owner_of(email), newest_claimant_of(email, with_password=True)):
        allowed = candidate is not None and can_sign_in(candidate)
        fits = passwords.verify(candidate.password_hash if candidate and allowed else None, password)
        if candidate is not None and fits:
            _renew_hash(candidate, password)
            return candidate
    return None


def owner_of(email: str) -> User | None:
    """The account that confirmed this address."""
    return db.session.scalar(select(User).where(User.email == email))


def newest_claimant_of(email: str, *, with_password: bool = False) -> User | None:
    """The newest account that only claims this address; who joined a workshop with it has no password at first."""
    query = select(User).where(User.claimed_email == email)
    if with_password:
        query = query.where(User.password_hash.is_not(None))
    return db.session.scalar(query.order_by(User.id.desc()).limit(1))


def _renew_hash(user: User, password: str) -> None:
    if user.password_hash and passwords.is_outdated(user.password_hash):
        with unit_of_work():
            user.password_hash = passwords.hash_password(password)


def start_session(user: User, at: datetime) -> str:
    """Sign `user` in: the token for the browser's cookie. Always a new one: one planted before is worthless."""
    token = secrets.token_urlsafe(32)
    with unit_of_work():
        too_old = at - LIFETIME
        db.session.execute(delete(Session).where(Session.user_id == user.id, Session.seen_at < too_old))
        session = Session(token_hash=hash_token(token), user_id=user.id, created_at=at, seen_at=at)
        db.session.add(session)
        db.session.flush()
        session_id = session.id
    user.session_id, user.session_token = session_id, token
    return token


def note_seen(session_id: int, at: datetime) -> None:
    """Remember that the session was in use at `at`."""
    with unit_of_work():
        db.session.execute(update(Session).where(Session.id == session_id).values(seen_at=at))


def end_session(session_id: int, at: datetime) -> None:
    """Sign one browser out. Nothing happens if it is signed out already."""
    _end(Session.id == session_id, at=at)


def end_all_sessions(user: User, except_: int | None = None, at: datetime | None = None) -> None:
    """Sign `user` out everywhere, but not in the session numbered `except_`; `at` is now unless given."""
    conditions = [Session.user_id == user.id]
    if except_ is not None:
        conditions.append(Session.id != except_)
    _end(*conditions, at=at or now())


def _end(*conditions: object, at: datetime) -> None:
    with unit_of_work():
        ended = db.session.scalars(
            update(Session)
            .where(Session.ended_at.is_(None), *conditions)  # type: ignore[arg-type]
            .values(ended_at=at)
            .returning(Session.id)
        ).all()
        if ended:
            announce(SessionsEnded(tuple(ended)))
