"""Who may take part. Nothing here loads or changes anything."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.accounts.models import User
from app.core.config import settings


def takes_part_until(user: User) -> datetime | None:
    """When an unconfirmed account stops being able to post; None once it is confirmed."""
    if user.is_confirmed:
        return None
    return user.created_at + timedelta(hours=settings().unconfirmed_hours)


def may_take_part(user: User, at: datetime) -> bool:
    """Whether `user` may post, comment and upvote at `at`: confirmed, or registered less than 24 h ago."""
    if user.erased_at is not None or is_banned(user, at):
        return False
    until = takes_part_until(user)
    return until is None or at < until


def is_banned(user: User, at: datetime) -> bool:
    """Whether this person is shut out at `at`."""
    return user.banned_until is not None and at < user.banned_until


def counts_upvotes(user: User) -> bool:
    """Whether this person's upvotes are counted for everybody; before that only they themselves see them."""
    return user.is_confirmed


def can_choose_password(user: User) -> bool:
    """Whether whoever reads the mail of this account's address may choose a password for it."""
    return user.origin == "registered" and user.erased_at is None


def is_lost_by_leaving(user: User) -> bool:
    """Whether nobody could ever sign in again as this person: neither by a password nor by a letter."""
    return user.password_hash is None and user.address is None


def can_sign_in(user: User) -> bool:
    """Only people who registered and still are here; imported and sample participants have no password."""
    return can_choose_password(user) and user.password_hash is not None
