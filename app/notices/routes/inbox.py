"""The inbox: what there is to know, and how to be told of it."""

from __future__ import annotations

import structlog
from flask import Response, flash, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError

from app.accounts.access import require_person
from app.accounts.models import User
from app.core.clock import now
from app.core.database import is_id
from app.core.errors import NotThere
from app.core.extensions import db
from app.core.htmx import go, wants_json
from app.notices.actions.choosing import choose_mail
from app.notices.actions.reading import mark_all_read, mark_read
from app.notices.forms import WORDS, MailForm
from app.notices.queries.inbox import inbox_of, opened, way_of
from app.notices.queries.standing import unread_of
from app.notices.routes import blueprint

log = structlog.get_logger(__name__)


@blueprint.get("/me/notices")
def inbox() -> Response:
    """Everything one was told, newest first; a script is told how many wait."""
    user = require_person()
    if wants_json():
        return jsonify(unread=unread_of(user))
    return _page(user, MailForm(formdata=None, mail=way_of(user.id)))


def _page(user: User, form: MailForm, status: int = 200) -> Response:
    before = request.args.get("before", type=int)
    page = inbox_of(user, before if before and is_id(before) else None)
    response = make_response(render_template("notices/inbox.html", inbox=page, form=form), status)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/me/notices/<int:notice_id>")
def notice(notice_id: int) -> Response:
    """Go where a notice leads; it, and what is gathered with it, counts as read."""
    user = require_person()
    if not is_id(notice_id):
        raise NotThere()
    seen, path = opened(user, notice_id)
    try:
        mark_read(user, seen, at=now())
    except OperationalError:
        # Who only wants to read must not notice that the database cannot be written at the moment.
        db.session.rollback()
        log.warning("notice_not_marked")
    return go(path)


@blueprint.post("/me/notices/read")
def read_all() -> Response:
    """Everything that was on the page has been seen: what came since stays new."""
    user = require_person()
    newest = request.form.get("newest", type=int)
    if newest and is_id(newest):
        mark_all_read(user, up_to=newest, at=now())
    if wants_json():
        return jsonify(unread=unread_of(user))
    return go(url_for("notices.inbox"))


@blueprint.post("/me/notices/mail")
def choose_way() -> Response:
    """Each at once, one a day, or none."""
    user = require_person()
    form = MailForm()
    if not form.validate():
        return _page(user, form, 422)
    choose_mail(user, form.mail.data, at=now())
    flash(_("Noted: %(choice)s.", choice=WORDS[form.mail.data]), "success")
    return go(url_for("notices.inbox"))
