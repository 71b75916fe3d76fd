"""How people come in."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.accounts import letters, passwords
from app.accounts.actions.links import Address, make_link
from app.accounts.actions.sessions import owner_of
from app.accounts.groups import WITHOUT_AFFILIATION
from app.accounts.models import User
from app.core.config import settings
from app.core.errors import Invalid
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work


def email_is_taken() -> Invalid:
    """The refusal where it cannot be hidden that there is an account."""
    return Invalid(_("There is an account with this e-mail address already."), "email")


def register(
    name: str,
    email: str,
    password: str,
    group: str,
    affiliation: str | None,
    language: str | None,
    at: datetime,
    link: Address | None = None,
) -> User:
    """A new participant, who has agreed to the privacy notice at `at`. All values are checked and clean already.

    With a mail server the address is only claimed until the link in a letter is clicked (`link` turns its
    token into an address; without it no letter is written). Somebody who registers with an address that has
    an account gets the same answer and causes the same work as everybody else: an account that cannot
    confirm, and its owner gets a letter that says so. Hence nobody learns who takes part.

    Without a mail server accounts count as confirmed at once, so the address must be free, and it cannot be
    hidden that it is not: somebody who has an account would have no way to find out. Then this raises
    Invalid for `email`.
    """
    password_hash = passwords.hash_password(password)
    confirm = settings().confirm_email
    user = User(
        name=name,
        email=None if confirm else email,
        claimed_email=email if confirm else None,
        password_hash=password_hash,
        group=group,
        affiliation=None if group in WITHOUT_AFFILIATION else affiliation or None,
        confirmed_at=None if confirm else at,
        origin="registered",
        language=language,
        created_at=at,
        consented_at=at,
    )
    try:
        with unit_of_work():
            db.session.add(user)
            db.session.flush()
            if confirm and link is not None:
                ask_to_confirm(user, at, link)
    except IntegrityError:
        raise email_is_taken() from None
    return user


def ask_to_confirm(user: User, at: datetime, link: Address) -> None:
    """Write the letter that confirms `user.claimed_email`, or tell its owner that somebody else claims it."""
    with unit_of_work():
        email = user.claimed_email
        if user.email is not None or email is None:
            return
        owner = owner_of(email)
        # The link is made in both cases: the same work, and nothing to tell them apart by.
        token = make_link("confirm", at, user.id, email)
        if owner is not None:
            letters.registered_again(owner)
        else:
            letters.confirm_address(user, email, link(token))


def add_pseudonymous(
    name: str,
    at: datetime,
    *,
    origin: str,
    import_key: str | None = None,
    group: str = "resident",
    affiliation: str | None = None,
    language: str | None = None,
) -> User:
    """A participant of an import or of the sample content (`origin` "imported" or "sample").

    No e-mail, no password: nobody can sign in as them. They count as confirmed, so their upvotes do.
    `import_key` (unique) names them in their source, so that importing again finds them instead of adding
    them twice.
    """
    if origin not in ("imported", "sample"):
        raise ValueError(f"a pseudonymous participant is imported or sample, not {origin!r}")
    user = User(
        name=name,
        group=group,
        affiliation=affiliation,
        origin=origin,
        import_key=import_key,
        language=language,
        created_at=at,
        confirmed_at=at,
    )
    with unit_of_work():
        db.session.add(user)
        db.session.flush()
    return user
