"""Links that do one thing, once. Only their hash is stored: a stolen database opens nothing."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, update

from app.accounts.models import OneTimeLink
from app.core.errors import Invalid
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work

LIFETIMES = {
    "organiser": timedelta(days=7),
    "reset": timedelta(hours=2),
    "confirm": timedelta(days=7),
    "email": timedelta(days=7),
}
FORGOTTEN_AFTER = timedelta(days=7)
"""How long used and expired links stay in the database."""

Address = Callable[[str], str]
"""Turns a token into the address to click; the routes know it."""


def hash_token(token: str) -> str:
    """What is stored of a token. It is 256 random bits, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(purpose: str, at: datetime, user_id: int | None = None, email: str | None = None) -> str:
    """Store a link for `purpose` (one of LIFETIMES) and return its token, which nobody can read again."""
    token = secrets.token_urlsafe(32)
    with unit_of_work():
        db.session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < at - FORGOTTEN_AFTER))
        db.session.add(
            OneTimeLink(
                token_hash=hash_token(token),
                purpose=purpose,
                user_id=user_id,
                email=email,
                created_at=at,
                expires_at=at + LIFETIMES[purpose],
            )
        )
    return token


def use_link(token: str, *purposes: str, at: datetime) -> OneTimeLink:
    """Use up the link in the database, whoever else clicks at the same moment, and return it.

    Call it inside the unit of work that does what the link is for. Raises Invalid if it is unknown, was
    used, has expired or is for something else: these look alike.
    """
    used = db.session.scalar(
        update(OneTimeLink)
        .where(
            OneTimeLink.token_hash == hash_token(token),
            OneTimeLink.purpose.in_(purposes),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > at,
        )
        .values(used_at=at)
        .returning(OneTimeLink)
    )
    if used is None:
        raise Invalid(_("This link has been used already, or it has expired."))
    return used


def void_links(user_id: int) -> None:
    """Forget every link sent to this person: who held an old one must not come in after a change of locks."""
    db.session.execute(delete(OneTimeLink).where(OneTimeLink.user_id == user_id))
