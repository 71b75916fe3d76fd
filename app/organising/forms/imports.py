"""The files of an import."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from app.accounts.forms import Form
from app.core.text import clean_line

FILES = ("ideas", "comments", "upvotes")


class ImportForm(Form):
    """One to three CSV files for a board, and where they come from."""

    city = SelectField(_l("City"))
    ideas = FileField(_l("Ideas"))
    comments = FileField(_l("Comments"))
    upvotes = FileField(_l("Upvotes"))
    source = StringField(_l("Source of the content"), filters=[clean_line])
    source_url = StringField(
        _l("Address of the source"),
        filters=[clean_line],
        validators=[Length(max=500, message=_l("Shorten this to %(max)d characters."))],
    )


def import_form(cities: list[tuple[str, str]]) -> ImportForm:
    """The form with the boards to choose from."""
    form = ImportForm()
    form.city.choices = [SelectChoice(slug, name) for slug, name in cities]
    return form
