"""A theme's or a reason's names in the languages of the pages."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.accounts.forms import Form
from app.cities.actions.theming import NAME_MAX
from app.core.config import LANGUAGES
from app.core.text import clean_line


def _name(code: str) -> StringField:
    return StringField(
        LANGUAGES[code],
        filters=[clean_line],
        validators=[
            InputRequired(_l("Write the name in this language.")),
            Length(max=NAME_MAX, message=_l("Shorten this to %(max)d characters.")),
        ],
    )


class NamesForm(Form):
    """One name a language, under the language's own name: every reader is shown theirs."""

    en = _name("en")
    de = _name("de")
    fr = _name("fr")
    nl = _name("nl")
    zh = _name("zh")

    def names(self) -> dict[str, str]:
        """What was typed, by language."""
        return {code: self[code].data or "" for code in LANGUAGES}


def names_form(names: Mapping[str, str] | None = None) -> NamesForm:
    """The form, filled with the names there are."""
    return NamesForm(data=dict(names or {}))
