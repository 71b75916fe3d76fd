"""What is typed around moderators' acts: cleaned, checked, with a sentence for each mistake."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, DateInput, ListWidget

from app.accounts.forms import Form
from app.cities.queries import ThemeView
from app.core.config import LANGUAGES
from app.core.database import id_in
from app.core.text import clean_line, clean_text
from app.ideas.models import STATUSES, THEMES_MAX
from app.moderation.actions.objecting import OBJECTION_MAX, OBJECTION_MIN
from app.moderation.models import ANSWER_MAX, SENTENCE_MAX
from app.moderation.queries.reasons import ReasonView

BAN_MOST_DAYS = 365
STATUS_NAMES = {
    "new": _l("new"),
    "in_discussion": _l("in discussion"),
    "shortlisted": _l("shortlisted"),
    "taken_up": _l("taken up"),
    "not_pursued": _l("not pursued"),
}


def _sentence(label: Any) -> StringField:
    return StringField(
        label,
        filters=[clean_line],
        validators=[Length(max=SENTENCE_MAX, message=_l("Shorten the sentence to %(max)d characters."))],
    )


def _reason(label: Any) -> RadioField:
    return RadioField(
        label, coerce=id_in, validate_choice=False, validators=[InputRequired(_l("Choose a reason."))]
    )


class ReasonForm(Form):
    """One reason of the short list, and a sentence where somebody wants to add one."""

    reason = _reason(_l("Reason"))
    sentence = _sentence(_l("In a sentence (optional)"))

    def offer(self, reasons: Iterable[ReasonView]) -> None:
        """Let these be the reasons to choose from."""
        self.reason.choices = [SelectChoice(reason.id, reason.name) for reason in reasons]

    def validate_reason(self, field: Field) -> None:
        """One of those that are offered now."""
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(_("Choose a reason."))


class BanForm(ReasonForm):
    """Shutting somebody out until the end of a day, as the city's clocks show it."""

    until = StringField(_l("Until the end of"), filters=[clean_line], widget=DateInput())

    def __init__(self, zone: str, at: datetime, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.zone = ZoneInfo(zone)
        self.today = at.astimezone(self.zone).date()
        if not self.until.data and not self.is_submitted():
            self.until.data = (self.today + timedelta(days=7)).isoformat()

    def validate_until(self, field: Field) -> None:
        """A day that is not over yet."""
        try:
            day = date.fromisoformat(field.data or "")
        except ValueError:
            raise ValidationError(_("Enter the last day of the ban, like 2026-12-31.")) from None
        if day < self.today:
            raise ValidationError(_("That day is over. Choose today or a later day."))
        if day > self.today + timedelta(days=BAN_MOST_DAYS):
            raise ValidationError(_("Choose a day within the next year."))

    def until_moment(self) -> datetime:
        """When the chosen day ends in the city; of a valid form."""
        day = date.fromisoformat(self.until.data) + timedelta(days=1)
        return datetime.combine(day, time(), self.zone)


class TagForm(Form):
    """What a moderator may correct without touching what was said."""

    kind = RadioField(
        _l("Kind"),
        choices=[SelectChoice("challenge", _l("Challenge")), SelectChoice("opportunity", _l("Opportunity"))],
        validators=[InputRequired(_l("Choose whether it is a challenge or an opportunity."))],
    )
    themes = SelectMultipleField(
        _l("Themes"), coerce=id_in, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    language = SelectField(_l("Language"))

    def offer(self, themes: Sequence[ThemeView], language: str) -> None:
        """Let these be the themes and our languages, `language` among them, to choose from."""
        self.themes.choices = [SelectChoice(theme.id, theme.name) for theme in themes]
        known = {**LANGUAGES}
        known.setdefault(language, language)
        self.language.choices = [SelectChoice(code, name) for code, name in known.items()]

    def validate_themes(self, field: Field) -> None:
        """One to three themes."""
        if not 1 <= len(set(field.data or [])) <= THEMES_MAX:
            raise ValidationError(_("Choose one to three themes."))


class AnswerForm(Form):
    """A status, and what the city says to the idea."""

    status = RadioField(
        _l("Status"),
        choices=[SelectChoice(status, STATUS_NAMES[status]) for status in STATUSES],
        validators=[InputRequired(_l("Choose a status."))],
    )
    text = TextAreaField(
        _l("Answer"),
        filters=[clean_text],
        validators=[Length(max=ANSWER_MAX, message=_l("Shorten the answer to %(max)d characters."))],
    )


class ObjectionForm(Form):
    """An author says why an act should be looked at again."""

    text = TextAreaField(
        _l("Why should it be looked at again?"),
        filters=[clean_text],
        validators=[Length(OBJECTION_MIN, OBJECTION_MAX, _l("Write %(min)d to %(max)d characters."))],
    )


class SetAsideForm(Form):
    """Which accounts of an alert are set aside, and why."""

    users = SelectMultipleField(_l("Accounts"), coerce=id_in)
    sentence = _sentence(_l("In a sentence (optional)"))

    def validate_users(self, field: Field) -> None:
        """At least one of them."""
        if not field.data:
            raise ValidationError(_("Tick at least one account."))
