"""Register, sign in, sign out."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Response, flash, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from app.accounts import actions
from app.accounts.access import person
from app.accounts.entering import enter, fingerprint, leave, link_to, visitor
from app.accounts.forms import RegisterForm, SignInForm
from app.accounts.policy import is_banned, is_lost_by_leaving
from app.accounts.refusals import banned_sentence
from app.accounts.routes.blueprint import blueprint, carried, next_page, page, shown_again
from app.core.clock import now
from app.core.config import settings
from app.core.errors import Invalid, NotAllowed, TooMany
from app.core.htmx import go
from app.core.limits import spend

log = structlog.get_logger(__name__)


@blueprint.route("/register", methods=["GET", "POST"])
def register() -> Response:
    """One page; afterwards the person is signed in, confirmed or not, and where they wanted to be."""
    if person() is not None:
        return go(next_page())
    form = RegisterForm()
    context: dict[str, Any] = {"carried": carried(), "is_taken": False}
    if not form.is_submitted():
        return page("register", form, **context)
    if not form.validate():
        return shown_again("register", form, **context)
    try:
        spend("register", visitor(), limit="50 per hour")
        spend("register-address", fingerprint(form.email.data), limit="5 per hour")
        user = actions.register(
            form.name.data,
            form.email.data,
            form.password.data,
            form.group.data,
            form.affiliation.data,
            get_locale().language,
            now(),
            link=link_to("accounts.confirm", **carried()),
        )
    except (Invalid, TooMany) as refusal:
        log.info("registration_refused", kind=type(refusal).__name__)
        context["is_taken"] = isinstance(refusal, Invalid)
        return shown_again("register", form, refusal, **context)
    enter(user)
    log.info("registered", user=user.id)
    if settings().confirm_email:
        flash(
            _("Welcome. Check your mail: the link in it confirms your address."),
            "success",
        )
    else:
        flash(_("Welcome. You are registered and signed in."), "success")
    return go(next_page())


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response:
    """The same answer and the same work, whether the address is known or not."""
    if person() is not None:
        return go(next_page())
    form = SignInForm()
    if not form.is_submitted():
        return page("sign_in", form, carried=carried())
    if not form.validate():
        return shown_again("sign_in", form, carried=carried())
    try:
        spend("sign-in", visitor(), limit="200 per 10 minutes")
        spend("sign-in-address", fingerprint(form.email.data), limit="10 per 10 minutes")
    except TooMany as refusal:
        return shown_again("sign_in", form, refusal, carried=carried())
    user = actions.sign_in(form.email.data, form.password.data, now())
    if user is None:
        log.info("sign_in_refused")
        refusal_ = Invalid(_("E-mail or password is not right."))
        return shown_again("sign_in", form, refusal_, carried=carried())
    if is_banned(user, now()):
        log.info("sign_in_refused", kind="banned", user=user.id)
        return shown_again("sign_in", form, NotAllowed(banned_sentence(user)), carried=carried())
    enter(user)
    log.info("signed_in", user=user.id, session=user.session_id)
    return go(next_page())


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """Ends the session in the database: copies of its cookie end too. Whoever could not come back is asked first."""
    user = person()
    if user is not None and is_lost_by_leaving(user) and not request.form.get("sure"):
        flash(
            _("You could not come back: this account has no password yet. Add one, or sign out below."),
            "error",
        )
        return go(url_for("accounts.account"))
    if user is not None and user.session_id is not None:
        actions.end_session(user.session_id, now())
        log.info("signed_out", user=user.id, session=user.session_id)
    leave()
    flash(_("You are signed out."), "success")
    return go(next_page())
