"""Appointing, finding, banning."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, EmailField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from app.accounts.forms import Form, fold_email
from app.core.text import clean_line, clean_text
from app.moderation.models import SENTENCE_MAX
from app.moderation.queries.reasons import reasons

BAN_DAYS = 7


class AppointmentForm(Form):
    """Who is to moderate."""

    email = EmailField(
        _l("E-mail"),
        filters=[fold_email],
        validators=[InputRequired(_l("Enter the person's e-mail address."))],
    )


class FindForm(Form):
    """Part of a name or of an e-mail address. A search, sent with GET: no token."""

    class Meta:
        """A search changes nothing."""

        csrf = False

    q = StringField(_l("Name or e-mail"), filters=[clean_line])


class BanForm(Form):
    """Until when somebody is shut out, and why; `city` is the board in whose log it is written."""

    city = SelectField(_l("In the log of"))
    until = DateField(_l("Until the end of"), validators=[InputRequired(_l("Choose a day."))])
    reason = SelectField(_l("Reason"), coerce=int)
    sentence = TextAreaField(
        _l("Sentence"),
        filters=[clean_text],
        validators=[Length(max=SENTENCE_MAX, message=_l("Shorten this to %(max)d characters."))],
    )

    def until_moment(self, zone: str) -> datetime:
        """The end of the chosen day in the board's time zone."""
        day = self.until.data + timedelta(days=1)
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))

    def validate_until(self, field: Any) -> None:
        """A century is enough, and the databases cannot keep the year 9999 and a day."""
        if field.data and field.data.year > 2100:
            raise ValidationError(_("Choose an earlier day."))


def ban_form(boards: tuple[tuple[str, str], ...], at: datetime) -> BanForm:
    """The form with the boards and reasons to choose from; a week is proposed."""
    form = BanForm(data={"until": (at + timedelta(days=BAN_DAYS)).date()})
    form.city.choices = [SelectChoice(slug, name) for slug, name in boards]
    form.reason.choices = [SelectChoice(reason.id, reason.name) for reason in reasons()]
    return form


class OnBoardForm(Form):
    """A decision about somebody that needs nothing but the board in whose log it is written."""

    city = SelectField(_l("In the log of"))


def on_board_form(boards: tuple[tuple[str, str], ...]) -> OnBoardForm:
    """The form with the boards to choose from."""
    form = OnBoardForm()
    form.city.choices = [SelectChoice(slug, name) for slug, name in boards]
    return form
