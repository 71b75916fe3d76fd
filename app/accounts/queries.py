"""What is shown of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, or_, select

from app.accounts.actions.links import hash_token
from app.accounts.actions.sessions import LIFETIME
from app.accounts.groups import group_label
from app.accounts.models import OneTimeLink, Session, User
from app.accounts.policy import is_lost_by_leaving, takes_part_until
from app.core.extensions import db


@dataclass(frozen=True)
class AuthorView:
    """Somebody as everybody may see them."""

    id: int
    name: str
    """Empty once erased: templates then show "Former participant"."""
    group: str
    affiliation: str | None
    is_verified: bool
    is_sample: bool
    is_erased: bool

    @property
    def group_label(self) -> str:
        """The group's name in the language of whoever reads now."""
        return str(group_label(self.group))


def author_view(user: User) -> AuthorView:
    """The public side of `user`; costs no query."""
    return AuthorView(
        id=user.id,
        name=user.name,
        group=user.group,
        affiliation=user.affiliation,
        is_verified=user.verified_at is not None,
        is_sample=user.origin == "sample",
        is_erased=user.erased_at is not None,
    )


@dataclass(frozen=True)
class AccountView:
    """Somebody's account as they themselves see it."""

    name: str
    email: str
    is_confirmed: bool
    owns_address: bool
    """Whether the e-mail address is confirmed: somebody who joined with a code counts without."""
    has_password: bool
    is_lost_by_leaving: bool
    takes_part_until: datetime | None
    group_label: str
    affiliation: str | None
    is_verified: bool
    is_organiser: bool


def account_view(user: User) -> AccountView:
    """The account page's contents."""
    return AccountView(
        name=user.name,
        email=user.address or "",
        is_confirmed=user.is_confirmed,
        owns_address=user.email is not None,
        has_password=user.password_hash is not None,
        is_lost_by_leaving=is_lost_by_leaving(user),
        takes_part_until=takes_part_until(user),
        group_label=str(group_label(user.group)),
        affiliation=user.affiliation,
        is_verified=user.verified_at is not None,
        is_organiser=user.is_organiser,
    )


# Made once: every request of somebody signed in begins with it.
_LIVE = (
    select(User, Session.id, Session.seen_at)
    .join(Session, Session.user_id == User.id)
    .where(
        Session.token_hash == bindparam("token_hash"),
        Session.ended_at.is_(None),
        Session.seen_at > bindparam("since"),
        User.erased_at.is_(None),
        or_(User.banned_until.is_(None), User.banned_until <= bindparam("at")),
    )
)


class LiveSession(NamedTuple):
    """Who is signed in, by which session, and when it was last noted that they were there."""

    user: User
    id: int
    seen_at: datetime


def live_session(token: str, at: datetime) -> LiveSession | None:
    """Whose session `token` is, and what is asked of the session.

    None if it is unknown, ended, 60 days unused, or its owner banned. One query.
    """
    found = db.session.execute(
        _LIVE, {"token_hash": hash_token(token), "since": at - LIFETIME, "at": at}
    ).first()
    return LiveSession(*found) if found else None


def link_is_open(token: str, *purposes: str, at: datetime) -> bool:
    """Whether the one-time link would still work; does not use it."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    OneTimeLink.token_hash == hash_token(token),
                    OneTimeLink.purpose.in_(purposes),
                    OneTimeLink.used_at.is_(None),
                    OneTimeLink.expires_at > at,
                )
            )
        )
    )


def own_account_data(user: User) -> dict[str, Any]:
    """All that is stored about the account itself, for its owner, ready for JSON; moments in ISO 8601, UTC.

    Not the password's hash nor the sessions' tokens: they are of no use to their owner and of some to a
    thief.
    """
    sessions = db.session.scalars(select(Session).where(Session.user_id == user.id).order_by(Session.id))
    return {
        "id": user.id,
        "name": user.name,
        "email": user.address,
        "email_confirmed_at": _iso(user.confirmed_at),
        "made_in_workshop_without_email": user.room_id,
        "stakeholder_group": user.group,
        "affiliation": user.affiliation,
        "affiliation_verified_at": _iso(user.verified_at),
        "is_organiser": user.is_organiser,
        "language": user.language,
        "registered_at": _iso(user.created_at),
        "agreed_to_privacy_notice_at": _iso(user.consented_at),
        "sessions": [
            {
                "signed_in_at": _iso(session.created_at),
                "last_seen_at": _iso(session.seen_at),
                "ended_at": _iso(session.ended_at),
            }
            for session in sessions
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
