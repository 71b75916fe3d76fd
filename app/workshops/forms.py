"""What is typed to join a workshop, to set one up, and in the name of those without a device."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp

from app.accounts.forms import Form, RegisterForm
from app.accounts.groups import GROUPS, group_label
from app.cities.models import Workshop
from app.core.text import clean_line, clean_text
from app.ideas.forms import IdeaForm
from app.workshops.actions.rehearsing import MINUTES, MINUTES_MAX, PEOPLE, PEOPLE_MAX

TALLY_MAX = 500


class JoinForm(RegisterForm):
    """Registering with a workshop's code: no password is asked in the room."""

    password = None
    submission_key = HiddenField(validators=[Optional(), Regexp(r"^[A-Za-z0-9-]{20,64}$")])

    def __init__(self, *, email_is_optional: bool, **more: Any) -> None:
        super().__init__(**more)
        if email_is_optional:
            self.email.validators = [Optional(), *self.email.validators]


class SettingsForm(Form):
    """How a workshop is run."""

    question = StringField(_l("Guiding question"), filters=[clean_line])
    upvote_budget = IntegerField(_l("Upvotes a person"), validators=[Optional()])
    hides_counts = BooleanField(_l("Hide the counts until the reveal"))
    email_is_optional = BooleanField(_l("People can join without an e-mail address"))
    agenda = TextAreaField(_l("Agenda"), filters=[clean_text])

    def given(self) -> dict[str, Any]:
        """What a valid form says, for `set_up`: what is empty takes something back."""
        said = {name: self[name].data for name in SETTINGS if name in self}
        return {**said, "question": said["question"] or None, "agenda": said["agenda"] or ""}

    def keep_counts_as_they_are(self) -> None:
        """Upvotes have been given: whether they are hidden is asked no more."""
        del self.hides_counts


SETTINGS = ("question", "upvote_budget", "hides_counts", "email_is_optional", "agenda")


def settings_of(workshop: Workshop) -> dict[str, Any]:
    """What the form shows of a workshop."""
    return {name: getattr(workshop, name) for name in SETTINGS}


class PaperIdeaForm(IdeaForm):
    """An idea read from paper, and who wrote it."""

    group = RadioField(
        _l("Stakeholder group"),
        choices=[SelectChoice(key, group_label(key)) for key in GROUPS],
        validators=[InputRequired(_l("Choose the stakeholder group that it comes from."))],
    )


class TallyForm(Form):
    """Raised hands or dots, counted."""

    upvotes = IntegerField(
        _l("Upvotes"),
        validators=[
            InputRequired(_l("Write how many hands or dots you counted.")),
            NumberRange(1, TALLY_MAX, _l("Write a number from %(min)d to %(max)d.")),
        ],
    )
    after = IntegerField(validators=[Optional()])


class RehearsalForm(Form):
    """How many simulated people come, and for how long."""

    people = IntegerField(
        _l("People"),
        default=PEOPLE,
        validators=[
            InputRequired(_l("Write how many people rehearse.")),
            NumberRange(1, PEOPLE_MAX, _l("Write a number from %(min)d to %(max)d.")),
        ],
    )
    minutes = IntegerField(
        _l("Minutes"),
        default=MINUTES,
        validators=[
            InputRequired(_l("Write for how many minutes they stay.")),
            NumberRange(1, MINUTES_MAX, _l("Write a number from %(min)d to %(max)d.")),
        ],
    )
