"""What people type about ideas: cleaned, checked, with a sentence for each mistake."""

from __future__ import annotations

from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from app.cities.queries import CityView, ThemeView
from app.core.config import LANGUAGES
from app.core.text import clean_line, clean_text
from app.ideas.actions.posting import Draft
from app.ideas.languages import guess_language, language_name
from app.ideas.models import COMMENT_MAX, TEXT_MAX, THEMES_MAX, TITLE_MAX, TITLE_MIN

_KEY = Optional(), Regexp(r"^[A-Za-z0-9-]{8,64}$")


class IdeaForm(FlaskForm):
    """Posting or editing an idea."""

    kind = RadioField(
        _l("Kind"),
        choices=[SelectChoice("challenge", _l("Challenge")), SelectChoice("opportunity", _l("Opportunity"))],
        validators=[InputRequired(_l("Choose whether it is a challenge or an opportunity."))],
        validate_choice=True,
    )
    title = StringField(
        _l("Title"),
        filters=[clean_line],
        validators=[
            Length(TITLE_MIN, TITLE_MAX, _l("Write a title of %(min)d to %(max)d characters.")),
        ],
    )
    text = TextAreaField(
        _l("Text"),
        filters=[clean_text],
        validators=[Length(max=TEXT_MAX, message=_l("Shorten the text to %(max)d characters."))],
    )
    themes = SelectMultipleField(
        _l("Themes"), coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    language = SelectField(_l("Language"), choices=[], validators=[Optional()], validate_choice=True)
    workshop = SelectField(_l("Workshop"), choices=[], validators=[Optional()], validate_choice=True)
    submission_key = HiddenField(validators=list(_KEY))

    def validate_themes(self, field: Any) -> None:
        """One to three themes."""
        if not 1 <= len(set(field.data or [])) <= THEMES_MAX:
            raise ValidationError(_("Choose one to three themes."))


F = TypeVar("F", bound=IdeaForm)


def idea_form(
    city: CityView, themes: tuple[ThemeView, ...], *, also_language: str = "", **data: Any
) -> IdeaForm:
    """The form of a board, with its themes, the languages and the workshop that is running."""
    return offering(IdeaForm(**data), city, themes, also_language)


def offering(form: F, city: CityView, themes: tuple[ThemeView, ...], also_language: str = "") -> F:
    """The form with what a board lets people choose from."""
    form.themes.choices = [SelectChoice(theme.id, theme.name) for theme in themes]
    languages = {"": _("Guess from the text"), **LANGUAGES}
    for code in filter(None, (city.language, *city.more_languages, also_language)):
        languages.setdefault(code, language_name(code))
    form.language.choices = [SelectChoice(code, name) for code, name in languages.items()]
    running = city.running_workshop
    form.workshop.choices = [SelectChoice("", _("Online"))]
    if running:
        form.workshop.choices.append(SelectChoice(str(running.id), running.label))
    return form


def draft_of(form: IdeaForm, city: CityView, *, workshop: Any = None) -> Draft:
    """What a valid form says."""
    language = form.language.data or guess_language(
        f"{form.title.data} {form.text.data}", default=city.language
    )
    return Draft(
        kind=form.kind.data,
        title=form.title.data or "",
        text=form.text.data or "",
        theme_ids=list(dict.fromkeys(form.themes.data or [])),
        language=language,
        workshop=workshop,
    )


class CommentForm(FlaskForm):
    """Commenting, replying, or editing either."""

    text = TextAreaField(
        _l("Your comment"),
        filters=[clean_text],
        validators=[Length(1, COMMENT_MAX, _l("Write a comment of %(min)d to %(max)d characters."))],
    )
    stance = RadioField(
        _l("Your stance"),
        choices=[
            SelectChoice("", _l("No stance")),
            SelectChoice("support", _l("Support")),
            SelectChoice("concern", _l("Concern")),
        ],
        default="",
        validators=[Optional()],
    )
    parent = IntegerField(widget=HiddenInput(), validators=[Optional()])
    submission_key = HiddenField(validators=list(_KEY))
