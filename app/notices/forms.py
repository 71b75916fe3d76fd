"""How somebody wants to be told by mail."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.notices.models import WAYS

WORDS = {
    "each": _l("A mail for each notice, at once"),
    "daily": _l("One mail a day with everything new"),
    "none": _l("No mail: notices wait here"),
}


class MailForm(FlaskForm):
    """One of three ways."""

    mail = RadioField(
        _l("How shall we tell you?"),
        choices=[SelectChoice(way, WORDS[way]) for way in WAYS],
        validators=[InputRequired(_l("Choose how you want to be told."))],
    )
