"""How people come in by a workshop's code: without a password, and without an e-mail address where that is allowed."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import select

from app.accounts import letters
from app.accounts.actions.links import Address, make_link
from app.accounts.actions.sessions import owner_of
from app.accounts.events import EmailConfirmed
from app.accounts.groups import WITHOUT_AFFILIATION
from app.accounts.models import User
from app.core.announce import announce
from app.core.extensions import db


def arrive(
    name: str,
    email: str | None,
    group: str,
    affiliation: str | None,
    language: str | None,
    *,
    room_id: int,
    at: datetime,
    link: Address,
    key: str,
) -> User:
    """A participant who came by the code of the workshop `room_id`; inside a transaction. All values are clean.

    The code vouches for them, so they count as confirmed. An address is only claimed until its owner opens the link
    of a letter, where they choose a password too; with a taken one its owner gets a letter that says so. Both look
    the same here, with a mail server and without. `key` is the form's own: sent again, it makes nobody twice.
    """
    user = User(
        name=name,
        claimed_email=email or None,
        group=group,
        affiliation=None if group in WITHOUT_AFFILIATION else affiliation or None,
        origin="registered",
        import_key=_kept(key),
        language=language,
        created_at=at,
        consented_at=at,
        confirmed_at=at,
        room_id=None if email else room_id,
    )
    db.session.add(user)
    db.session.flush()
    if email:
        owner = owner_of(email)
        token = make_link("confirm", at, user.id, email)
        if owner is not None:
            letters.registered_again(owner)
        else:
            letters.keep_account(user, email, link(token))
    return user


def arrived_with(key: str) -> User | None:
    """Who this very form has made already, as long as nobody else could be let in by it: without a password."""
    return db.session.scalar(
        select(User).where(
            User.import_key == _kept(key), User.password_hash.is_(None), User.erased_at.is_(None)
        )
    )


def vouch_for(user: User, at: datetime) -> None:
    """Somebody registered has come by a code: they count as confirmed from now on; inside a transaction."""
    db.session.refresh(user, with_for_update={"key_share": True})
    if user.confirmed_at is None:
        user.confirmed_at = at
        announce(EmailConfirmed(user.id))


def _kept(key: str) -> str:
    return f"joined/{hashlib.sha256(key.encode()).hexdigest()}"
