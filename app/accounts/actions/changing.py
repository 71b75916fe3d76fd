"""Forgotten and changed passwords, confirmed and changed addresses."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts import letters, passwords
from app.accounts.actions.links import Address, make_link, use_link, void_links
from app.accounts.actions.registering import email_is_taken
from app.accounts.actions.sessions import end_all_sessions, newest_claimant_of, owner_of
from app.accounts.events import EmailConfirmed
from app.accounts.models import User
from app.accounts.policy import can_choose_password
from app.core.announce import announce
from app.core.config import settings
from app.core.errors import Invalid
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work


def ask_for_reset(email: str, at: datetime, link: Address) -> None:
    """Send the person with this address a link to choose a new password; nobody is told whether there is one.

    An unknown address costs the same write: a link that belongs to nobody and opens nothing.
    """
    with unit_of_work():
        user = owner_of(email) or newest_claimant_of(email)
        if user is not None and not can_choose_password(user):
            user = None
        token = make_link("reset", at, user.id if user else None, email if user else None)
        if user is not None:
            letters.choose_new_password(user, link(token))


def reset_password(token: str, password: str, at: datetime) -> User:
    """Set a new password by the link, sign the person out everywhere, void every other link sent to them.

    Who can read the letter owns the address, so it counts as confirmed. Raises Invalid for a link that does
    not work, and for a password that is too easy for this person (field `password`; the link stays good).
    """
    password_hash = passwords.hash_password(password)
    with unit_of_work():
        used = use_link(token, "reset", at=at)
        user = db.session.get(User, used.user_id) if used.user_id else None
        if user is None or not can_choose_password(user):
            raise Invalid(_("This link has been used already, or it has expired."))
        if passwords.is_too_easy(password, (user.name, user.address)):
            raise password_is_too_easy()
        user.password_hash = password_hash
        if user.email is None and used.email is not None and _is_free(used.email, user):
            own_address(user, used.email, at)
        void_links(user.id)
        end_all_sessions(user, at=at)
        letters.password_was_changed(user)
    return user


def change_password(user: User, current: str, new: str, at: datetime, session_id: int | None = None) -> None:
    """Change the password and sign out every browser but the one of `session_id`.

    Raises Invalid for `current_password` if that is wrong.
    """
    _must_know_password(user, current)
    password_hash = passwords.hash_password(new)
    with unit_of_work():
        user.password_hash = password_hash
        void_links(user.id)
        end_all_sessions(user, except_=session_id, at=at)
        letters.password_was_changed(user)


def confirm_email(token: str, at: datetime) -> User:
    """Confirm by a link: the address of a registration, or the new one of somebody who changes theirs.

    Raises Invalid if the link does not work, or the address belongs to another account by now.
    """
    try:
        with unit_of_work():
            used = use_link(token, "confirm", "email", at=at)
            user = db.session.get(User, used.user_id) if used.user_id else None
            if user is None or used.email is None or user.erased_at is not None:
                raise Invalid(_("This link has been used already, or it has expired."))
            old, new = user.email, used.email
            own_address(user, new, at)
            if old and old != new:
                letters.address_is_changing(user, old, done=True)
    except IntegrityError:
        raise Invalid(_("This address belongs to another account. Please sign in with that one.")) from None
    return user


def ask_to_change_email(user: User, email: str, current: str, at: datetime, link: Address) -> bool:
    """Change the address: at once (True), or, with a mail server, by a link sent to the new one (False).

    With a mail server an address that has an account gets the same answer, and its owner a letter. Every
    link to the old address is void once it changes. Raises Invalid for `current_password` or `email`.
    """
    _must_know_password(user, current)
    if email == user.email:
        raise Invalid(_("This is your e-mail address already."), "email")
    try:
        with unit_of_work():
            old = user.address
            if settings().confirm_email:
                owner = owner_of(email)
                token = make_link("email", at, user.id, email)
                if owner is not None:
                    letters.registered_again(owner)
                else:
                    letters.confirm_new_address(user, email, link(token))
            else:
                own_address(user, email, at)
            if old and old != email:
                letters.address_is_changing(user, old, done=not settings().confirm_email)
    except IntegrityError:
        raise email_is_taken() from None
    return not settings().confirm_email


def password_is_too_easy() -> Invalid:
    """The refusal of a password that would be guessed."""
    return Invalid(
        _(
            "This password is among the first that attackers try. "
            "Choose another one: three or four words that have nothing to do with each other are good."
        ),
        "password",
    )


def _must_know_password(user: User, current: str) -> None:
    if not passwords.verify(user.password_hash, current):
        raise Invalid(_("This is not your current password."), "current_password")


def _is_free(email: str, user: User) -> bool:
    return db.session.scalar(select(User.id).where(User.email == email, User.id != user.id)) is None


def own_address(user: User, email: str, at: datetime) -> None:
    """The address is this person's from now on; every link sent to them before is void. Inside a transaction."""
    if not user.is_confirmed:
        # What they upvoted is locked before their address changes: while PostgreSQL changes a unique column, whoever
        # answers them would wait for it, holding that idea.
        user.confirmed_at = at
        db.session.flush()
        announce(EmailConfirmed(user.id))
    user.email, user.claimed_email, user.room_id = email, None, None
    void_links(user.id)
    db.session.flush()
