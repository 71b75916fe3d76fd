"""What is reached by links in letters and on the console: each works once, and only by a button.

Mail programs and chat windows open links to look at them; a link that acted when opened would be used up, or would
confirm an address nobody had looked at.
"""

from __future__ import annotations

import structlog
from flask import Response, flash, url_for
from flask_babel import gettext as _

from app.accounts import actions
from app.accounts.access import person, require_person
from app.accounts.entering import enter, fingerprint, link_to, visitor
from app.accounts.forms import ForgottenPasswordForm, Form, NewPasswordForm
from app.accounts.queries import link_is_open
from app.accounts.routes.blueprint import blueprint, next_page, page, shown_again
from app.core.clock import now
from app.core.errors import Invalid, TooMany
from app.core.htmx import go
from app.core.limits import spend

log = structlog.get_logger(__name__)


def _dead_link() -> Response:
    return page("dead_link", status=404)


@blueprint.route("/forgotten-password", methods=["GET", "POST"])
def forgotten_password() -> Response:
    """Sends a link, and says the same whether there is an account or not."""
    form = ForgottenPasswordForm()
    if not form.is_submitted():
        return page("forgotten_password", form)
    if not form.validate():
        return shown_again("forgotten_password", form)
    try:
        spend("reset", visitor(), limit="100 per hour")
        spend("reset-address", fingerprint(form.email.data), limit="5 per hour")
    except TooMany as refusal:
        return shown_again("forgotten_password", form, refusal)
    actions.ask_for_reset(form.email.data, now(), link_to("accounts.reset_password"))
    log.info("reset_asked")
    return page("reset_sent", email=form.email.data)


@blueprint.route("/reset-password/<token>", methods=["GET", "POST"])
def reset_password(token: str) -> Response:
    """Choose a new password; everybody signed in with the old one is signed out."""
    if not link_is_open(token, "reset", at=now()):
        return _dead_link()
    form = NewPasswordForm()
    if not form.is_submitted():
        return page("reset_password", form)
    if not form.validate():
        return shown_again("reset_password", form)
    try:
        user = actions.reset_password(token, form.password.data, now())
    except Invalid as refusal:
        return _dead_link() if refusal.field is None else shown_again("reset_password", form, refusal)
    log.info("password_reset", user=user.id)
    flash(_("Your new password is set. Please sign in with it."), "success")
    return go(url_for("accounts.sign_in"))


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
def confirm(token: str) -> Response:
    """Confirm an address: of a new account, or a changed one."""
    form = Form()
    if not link_is_open(token, "confirm", "email", at=now()):
        return _dead_link()
    if not form.is_submitted():
        return page("confirm", form)
    try:
        user = actions.confirm_email(token, now())
    except Invalid as refusal:
        return shown_again("confirm", form, refusal)
    log.info("email_confirmed", user=user.id)
    flash(_("Your e-mail address is confirmed."), "success")
    return go(next_page())


@blueprint.route("/complete/<token>", methods=["GET", "POST"])
def complete(token: str) -> Response:
    """Who joined a workshop with an e-mail address confirms it and chooses a password, in one go."""
    if not link_is_open(token, "confirm", at=now()):
        return _dead_link()
    form = NewPasswordForm()
    if not form.is_submitted():
        return page("complete", form)
    if not form.validate():
        return shown_again("complete", form)
    here = person()
    try:
        user = actions.complete_by_link(
            token, form.password.data, now(), session_id=here.session_id if here else None
        )
    except Invalid as refusal:
        return shown_again("complete", form, refusal)
    log.info("account_completed", user=user.id)
    if here is None:
        enter(user)
    flash(_("Your account is complete: you can sign in with your e-mail address on any device."), "success")
    return go(next_page())


@blueprint.post("/confirm")
def resend_confirmation() -> Response:
    """Send the letter with the link again."""
    user = require_person()
    back = next_page(url_for("accounts.account"))
    try:
        spend("confirm", str(user.id), limit="5 per hour")
    except TooMany as refusal:
        flash(refusal.message, "error")
        return go(back)
    actions.ask_to_confirm(user, now(), link_to("accounts.confirm"))
    flash(_("Check your mail: the link in it confirms your address."), "success")
    return go(back)


@blueprint.route("/organiser/<token>", methods=["GET", "POST"])
def become_organiser(token: str) -> Response:
    """Make whoever holds the link from the console organiser."""
    form = Form()
    if not link_is_open(token, "organiser", at=now()):
        return _dead_link()
    if not form.is_submitted():
        user = person()
        here = url_for("accounts.become_organiser", token=token)
        return page("become_organiser", form, name=user.name if user else "", carried={"next": here})
    user = require_person()
    try:
        actions.become_organiser(token, user, now())
    except Invalid:
        return _dead_link()
    flash(_("You are an organiser now."), "success")
    return go(next_page())
