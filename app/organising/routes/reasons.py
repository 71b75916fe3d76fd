"""The short list of reasons: for reporting, hiding, declining, banning."""

from __future__ import annotations

from flask import Response, flash, url_for
from flask_babel import gettext as _

from app.accounts.access import require_organiser
from app.core.errors import Invalid, NotThere
from app.core.htmx import go
from app.moderation.actions.reasons import add_reason, move_reason, rename_reason, retire_reason
from app.moderation.models import Reason
from app.organising.forms.vocabulary import NamesForm, names_form
from app.organising.queries.vocabulary import reasons as all_reasons
from app.organising.routes.blueprint import blueprint, one_of, page, refused, wanted


@blueprint.route("/reasons", methods=["GET", "POST"])
def reasons() -> Response:
    """All reasons in their order, and the form of a new one."""
    require_organiser()
    form = names_form()
    if not form.is_submitted():
        return _reasons(form)
    if not form.validate():
        return _reasons(form, refused(form))
    try:
        add_reason(form.names())
    except Invalid as refusal:
        return _reasons(form, refused(form, refusal))
    flash(_("The reason is added."), "success")
    return go(url_for("organising.reasons"))


def _reasons(form: NamesForm, status: int = 200) -> Response:
    return page("reasons", status, form=form, words=all_reasons())


@blueprint.route("/reasons/<int:word_id>", methods=["GET", "POST"])
def reason(word_id: int) -> Response:
    """Rename a reason."""
    require_organiser()
    row: Reason = one_of(Reason, word_id)
    word = next((one for one in all_reasons() if one.id == word_id), None)
    if word is None:
        raise NotThere()
    form = names_form(word.names)

    def shown(status: int = 200) -> Response:
        return page("reason", status, form=form, word=word)

    if not form.is_submitted():
        return shown()
    if not form.validate():
        return shown(refused(form))
    try:
        rename_reason(row, form.names())
    except Invalid as refusal:
        return shown(refused(form, refusal))
    flash(_("Saved."), "success")
    return go(url_for("organising.reasons"))


@blueprint.post("/reasons/<int:word_id>/acts")
def act_on_reason(word_id: int) -> Response:
    """Move a reason up or down, retire it or bring it back."""
    require_organiser()
    row: Reason = one_of(Reason, word_id)
    act = wanted("up", "down", "retire", "bring_back")
    try:
        if act in ("up", "down"):
            move_reason(row, up=act == "up")
        else:
            retire_reason(row, is_retired=act == "retire")
    except Invalid as refusal:
        flash(refusal.message, "error")
    return go(url_for("organising.reasons") + f"#word-{word_id}")
