"""What accounts write to people: plain text, in the receiver's language."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from flask_babel import force_locale
from flask_babel import gettext as _

from app.accounts.models import User
from app.core import mail


def _in_language_of(user: User) -> AbstractContextManager[None]:
    if not user.language:
        return nullcontext()
    return force_locale(user.language)


def _send(to: str, user: User, subject: str, *paragraphs: str) -> None:
    greeting = _("Hello %(name)s,", name=user.name)
    mail.send(to, subject, "\n\n".join((greeting, *paragraphs, "Cities in Progress")) + "\n")


def confirm_address(user: User, to: str, link: str) -> None:
    """After registration, and whenever it is asked for again."""
    with _in_language_of(user):
        _send(
            to,
            user,
            _("Please confirm your e-mail address"),
            _("welcome to Cities in Progress. Please confirm that this address is yours:"),
            link,
            _("The link works once, for 7 days.")
            if user.is_confirmed
            else _("From then on your upvotes count. The link works once, for 7 days."),
            _("If you did not register, you need not do anything."),
        )


def keep_account(user: User, to: str, link: str) -> None:
    """After joining a workshop with an address: until now the account lives in one browser only."""
    with _in_language_of(user):
        _send(
            to,
            user,
            _("Keep your account"),
            _(
                "you have joined a workshop of Cities in Progress. "
                "Confirm that this address is yours, and choose a password, to sign in on any device:"
            ),
            link,
            _("The link works once, for 7 days. You can go on in the workshop without it."),
            _("If you did not join, you need not do anything."),
        )


def registered_again(owner: User) -> None:
    """To the owner of an address with which somebody, perhaps they themselves, has registered once more."""
    with _in_language_of(owner):
        _send(
            str(owner.email),
            owner,
            _("You have an account already"),
            _("somebody has just tried to open another account at Cities in Progress with this address."),
            _(
                "If it was you: you have an account already, please sign in with it. "
                "The other account cannot use this address."
            ),
            _("If it was not you, you need not do anything. Nobody has learned that you have an account."),
        )


def choose_new_password(user: User, link: str) -> None:
    """After "forgotten password"."""
    with _in_language_of(user):
        _send(
            str(user.address),
            user,
            _("Choose a new password"),
            _("here you can choose a new password for Cities in Progress:"),
            link,
            _("The link works once, for 2 hours. You will be signed out on all devices."),
            _("If you did not ask for this, you need not do anything: your password stays as it is."),
        )


def password_was_changed(user: User) -> None:
    """A notice, so that nobody's password is changed behind their back."""
    if not user.address:
        return
    with _in_language_of(user):
        _send(
            user.address,
            user,
            _("Your password was changed"),
            _("your password at Cities in Progress was changed just now, and other devices were signed out."),
            _("If it was not you, choose a new one with “Forgotten password” on the sign-in page."),
        )


def confirm_new_address(user: User, to: str, link: str) -> None:
    """To the address somebody wants to use from now on."""
    with _in_language_of(user):
        _send(
            to,
            user,
            _("Please confirm your new e-mail address"),
            _("please confirm that you want to use this address at Cities in Progress from now on:"),
            link,
            _("The link works once, for 7 days. Until then the old address stays."),
            _("If you did not ask for this, you need not do anything."),
        )


def address_is_changing(user: User, to: str, done: bool) -> None:
    """A notice to the old address; `done` unless the new one must be confirmed first."""
    with _in_language_of(user):
        _send(
            to,
            user,
            _("Your e-mail address is being changed") if not done else _("Your e-mail address was changed"),
            _("somebody who knows your password has asked to use another e-mail address for your account.")
            if not done
            else _("your account at Cities in Progress now uses another e-mail address."),
            _("If it was not you, sign in and change your password, and write to the organisers.")
            if not done
            else _("If it was not you, write to the organisers."),
        )
