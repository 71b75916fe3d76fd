"""The vocabulary of themes."""

from __future__ import annotations

from flask import Response, flash, url_for
from flask_babel import gettext as _

from app.accounts.access import require_organiser
from app.cities.actions.theming import add_theme, place_theme, rename_theme, retire_theme
from app.cities.models import Theme
from app.core.errors import Invalid, NotThere
from app.core.htmx import go
from app.organising.forms.vocabulary import NamesForm, names_form
from app.organising.queries.vocabulary import themes as all_themes
from app.organising.routes.blueprint import blueprint, one_of, page, refused, wanted


@blueprint.route("/themes", methods=["GET", "POST"])
def themes() -> Response:
    """All themes in their order, and the form of a new one."""
    require_organiser()
    form = names_form()
    if not form.is_submitted():
        return _themes(form)
    if not form.validate():
        return _themes(form, refused(form))
    try:
        add_theme(form.names())
    except Invalid as refusal:
        return _themes(form, refused(form, refusal))
    flash(_("The theme is added."), "success")
    return go(url_for("organising.themes"))


def _themes(form: NamesForm, status: int = 200) -> Response:
    return page("themes", status, form=form, words=all_themes())


@blueprint.route("/themes/<int:word_id>", methods=["GET", "POST"])
def theme(word_id: int) -> Response:
    """Rename a theme."""
    require_organiser()
    row: Theme = one_of(Theme, word_id)
    word = next((one for one in all_themes() if one.id == word_id), None)
    if word is None:
        raise NotThere()
    form = names_form(word.names)

    def shown(status: int = 200) -> Response:
        return page("theme", status, form=form, word=word)

    if not form.is_submitted():
        return shown()
    if not form.validate():
        return shown(refused(form))
    try:
        rename_theme(row, form.names())
    except Invalid as refusal:
        return shown(refused(form, refusal))
    flash(_("Saved."), "success")
    return go(url_for("organising.themes"))


@blueprint.post("/themes/<int:word_id>/acts")
def act_on_theme(word_id: int) -> Response:
    """Move a theme up or down, retire it or bring it back."""
    require_organiser()
    row: Theme = one_of(Theme, word_id)
    act = wanted("up", "down", "retire", "bring_back")
    if act in ("up", "down"):
        order = [one.id for one in all_themes()]
        place_theme(row, order.index(row.id) + (0 if act == "up" else 2))
    else:
        retire_theme(row, act == "retire")
    return go(url_for("organising.themes") + f"#word-{word_id}")
