"""One's own account: password, e-mail, language; and the privacy notice."""

from __future__ import annotations

from email.utils import parseaddr

import structlog
from flask import Response, flash, request, session, url_for
from flask_babel import gettext as _

from app.accounts import actions
from app.accounts.access import person, require_person
from app.accounts.entering import fingerprint, link_to
from app.accounts.forms import ChangeEmailForm, ChangePasswordForm, CompletionForm
from app.accounts.models import User
from app.accounts.queries import account_view
from app.accounts.routes.blueprint import blueprint, next_page, page
from app.core.clock import now
from app.core.config import LANGUAGES, settings
from app.core.errors import Invalid, Refusal, TooMany
from app.core.extensions import csrf
from app.core.htmx import go
from app.core.limits import spend
from app.core.security import comes_from_own_page

log = structlog.get_logger(__name__)


def _account_page(
    user: User,
    password_form: ChangePasswordForm | None = None,
    email_form: ChangeEmailForm | None = None,
    completion_form: CompletionForm | None = None,
    refusal: Refusal | None = None,
) -> Response:
    typed = password_form or email_form or completion_form
    if typed is not None and refusal is not None:
        typed.refuse(refusal)
    status = 200 if typed is None else refusal.code if refusal else 422
    response = page(
        "account",
        status=status,
        account=account_view(user),
        password_form=password_form or ChangePasswordForm(formdata=None),
        email_form=email_form or ChangeEmailForm(formdata=None),
        completion_form=completion_form or CompletionForm(formdata=None, data={"email": user.address}),
    )
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.seconds)
    return response


@blueprint.get("/me/account")
def account() -> Response:
    """Everything about the account that can be changed."""
    return _account_page(require_person())


@blueprint.post("/me/password")
def change_password() -> Response:
    """Ends every other session of this person."""
    user = require_person()
    form = ChangePasswordForm(about=(user.name, user.address, user.affiliation))
    if not form.validate():
        return _account_page(user, password_form=form)
    try:
        spend("passwords", str(user.id), limit="10 per 10 minutes")
        actions.change_password(
            user, form.current_password.data, form.password.data, now(), session_id=user.session_id
        )
    except (Invalid, TooMany) as refusal:
        log.info("password_change_refused", user=user.id)
        return _account_page(user, password_form=form, refusal=refusal)
    log.info("password_changed", user=user.id)
    flash(_("Your password is changed. Other devices are signed out."), "success")
    return go(url_for("accounts.account"))


@blueprint.post("/me/email")
def change_email() -> Response:
    """With a mail server the new address must be confirmed before it is used."""
    user = require_person()
    form = ChangeEmailForm()
    if not form.validate():
        return _account_page(user, email_form=form)
    try:
        spend("passwords", str(user.id), limit="10 per 10 minutes")
        done = actions.ask_to_change_email(
            user, form.email.data, form.current_password.data, now(), link_to("accounts.confirm")
        )
    except (Invalid, TooMany) as refusal:
        log.info("email_change_refused", user=user.id)
        return _account_page(user, email_form=form, refusal=refusal)
    if done:
        log.info("email_changed", user=user.id)
        flash(_("Your e-mail address is changed."), "success")
    else:
        flash(
            _("Check the mail of your new address: the link in it completes the change."),
            "success",
        )
    return go(url_for("accounts.account"))


@blueprint.post("/me/completion")
def complete_account() -> Response:
    """Add an e-mail address and a password to an account that was made in a workshop."""
    user = require_person()
    form = CompletionForm(about=(user.name, user.affiliation))
    if user.email is not None:
        form.email.data = user.email  # theirs already: only the password is missing
    if not form.validate():
        return _account_page(user, completion_form=form)
    try:
        spend("passwords", str(user.id), limit="10 per 10 minutes")
        spend("register-address", fingerprint(form.email.data), limit="5 per hour")
        done = actions.complete(user, form.email.data, form.password.data, now(), link_to("accounts.confirm"))
    except (Invalid, TooMany) as refusal:
        log.info("completion_refused", user=user.id)
        return _account_page(user, completion_form=form, refusal=refusal)
    log.info("account_completed", user=user.id)
    if done:
        flash(
            _("Your account is complete: you can sign in with your e-mail address on any device."), "success"
        )
    else:
        flash(_("Your password is set. Check your mail: the link in it confirms your address."), "success")
    return go(url_for("accounts.account"))


@blueprint.post("/language")
@csrf.exempt
def choose_language() -> Response:
    """The language of all pages, in this browser and, for who is signed in, everywhere and in mail.

    Pages of nobody in particular hold no token; then the browser must say that it comes from one of them.
    """
    if person() is not None or not comes_from_own_page():
        csrf.protect()
    language = request.form.get("language", "")
    if language in LANGUAGES:
        session["language"] = language
        user = person()
        if user is not None:
            actions.choose_language(user, language)
    return go(next_page())


@blueprint.get("/privacy")
def privacy() -> Response:
    """What is stored, what is public, and how to get it out or away."""
    config = settings()
    return page(
        "privacy",
        contact=parseaddr(config.mail_from)[1] if config.mail_server else "",
        uses_cdn=config.assets == "cdn",
    )
