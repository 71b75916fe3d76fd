"""My page: what one has contributed, one's own data, and the end of the account."""

from __future__ import annotations

from flask import Response, flash, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import logout_user
from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import InputRequired

from app.accounts.access import require_person
from app.accounts.actions.erasing import erase
from app.accounts.passwords import verify
from app.core.clock import now
from app.core.errors import TooMany
from app.core.htmx import go
from app.core.limits import spend
from app.ideas.queries.mine import my_page, own_data
from app.ideas.routes import blueprint
from app.ideas.routes.answering import refused_form
from app.ideas.routes.viewing import viewer_of


class DeletionForm(FlaskForm):
    """Makes sure that it is the owner who wants the account deleted."""

    password = PasswordField(_l("Password"), validators=[InputRequired(_l("Enter your password."))])

    def needs_no_password(self) -> None:
        """The account was made in a workshop and has none: being signed in is all there is."""
        del self.password


@blueprint.get("/me")
def me() -> str:
    """What I have posted, commented and upvoted."""
    user = require_person()
    mine = my_page(user)
    return render_template("ideas/me.html", mine=mine, viewer=viewer_of(user))


@blueprint.get("/me/data.json")
def own_data_file() -> Response:
    """All that is kept about me, as a file."""
    user = require_person()
    spend("own data", str(user.id), limit="20 per hour")
    response = jsonify(own_data(user))
    response.headers["Content-Disposition"] = 'attachment; filename="cities-in-progress-my-data.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/me/deletion", methods=["GET", "POST"])
def delete_account() -> Response | str:
    """Delete the account: the author becomes nobody, the public text stays."""
    user = require_person()
    form = DeletionForm()
    if user.password_hash is None:
        form.needs_no_password()

    def page() -> str:
        return render_template("ideas/delete_account.html", form=form, viewer=viewer_of(user))

    if request.method == "GET":
        return page()
    if not form.validate_on_submit():
        return refused_form(form, page())
    if user.password_hash is not None:
        try:
            spend("passwords", str(user.id), limit="10 per 10 minutes")
        except TooMany as refusal:
            form.password.errors = [refusal.message]
            return refused_form(form, page(), refusal)
        if not verify(user.password_hash, form.password.data or ""):
            form.password.errors = [_("That is not your password.")]
            return refused_form(form, page())
    erase(user, now())
    logout_user()
    flash(_("Your account is deleted. What you posted stays, under “Former participant”."))
    return go(url_for("cities.home"))
