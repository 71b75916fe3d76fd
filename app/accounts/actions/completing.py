"""How an account made in a workshop becomes one like any other: with an e-mail address and a password."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.accounts import passwords
from app.accounts.actions.changing import own_address, password_is_too_easy
from app.accounts.actions.links import Address, use_link
from app.accounts.actions.registering import ask_to_confirm, email_is_taken
from app.accounts.actions.sessions import end_all_sessions
from app.accounts.models import User
from app.core.config import settings
from app.core.errors import Invalid
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work


def complete(user: User, email: str, password: str, at: datetime, link: Address) -> bool:
    """Add what the account lacks. Returns whether the address is theirs now, or (False) waits for a letter's link.

    As at registration, with a mail server a taken address gets the same answer as a free one. Raises Invalid where
    there is a password already, and, without a mail server, for an address that is taken.
    """
    password_hash = passwords.hash_password(password)
    confirm = settings().confirm_email
    try:
        with unit_of_work():
            db.session.refresh(user, with_for_update={"key_share": True})
            if user.password_hash is not None:
                raise Invalid(_("This account has a password already."))
            user.password_hash, user.room_id = password_hash, None
            if user.email is not None:
                return True
            if confirm:
                user.claimed_email = email
                ask_to_confirm(user, at, link)
            else:
                own_address(user, email, at)
    except IntegrityError:
        raise email_is_taken() from None
    return not confirm


def complete_by_link(token: str, password: str, at: datetime, session_id: int | None = None) -> User:
    """Confirm the address and set the password by the link of a letter; other browsers are signed out.

    Raises Invalid for a link that does not work, a password that is too easy (field `password`; the link stays good),
    or an address that belongs to another account by now.
    """
    password_hash = passwords.hash_password(password)
    try:
        with unit_of_work():
            used = use_link(token, "confirm", at=at)
            user = db.session.get(User, used.user_id) if used.user_id else None
            if user is None or used.email is None or user.erased_at is not None:
                raise Invalid(_("This link has been used already, or it has expired."))
            if passwords.is_too_easy(password, (user.name, used.email)):
                raise password_is_too_easy()
            user.password_hash = password_hash
            own_address(user, used.email, at)
            end_all_sessions(user, except_=session_id, at=at)
    except IntegrityError:
        raise Invalid(_("This address belongs to another account. Please sign in with that one.")) from None
    return user
