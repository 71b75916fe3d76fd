"""Editions, cities and their workshops."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import DateField, DateTimeLocalField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from app.accounts.forms import Form
from app.cities.models import AUDIENCES, City, Edition, Workshop
from app.cities.queries import audience_label
from app.core.text import clean_line
from app.workshops.forms import SettingsForm, settings_of


class EditionForm(Form):
    """A run of the series."""

    motto = StringField(
        _l("Motto"), filters=[clean_line], validators=[InputRequired(_l("Write the edition's motto."))]
    )
    year = IntegerField(_l("Year"), validators=[InputRequired(_l("Write the edition's year, like 2026."))])


class NewCityForm(Form):
    """What a board cannot do without."""

    edition = SelectField(_l("Edition"), coerce=int)
    name = StringField(
        _l("Name"), filters=[clean_line], validators=[InputRequired(_l("Write the city's name."))]
    )
    slug = StringField(
        _l("Address"), filters=[clean_line], validators=[InputRequired(_l("Write the board's address."))]
    )
    time_zone = StringField(
        _l("Time zone"), filters=[clean_line], validators=[InputRequired(_l("Choose the city's time zone."))]
    )
    language = StringField(
        _l("Language"), filters=[clean_line], validators=[InputRequired(_l("Write the board's language."))]
    )
    question = StringField(_l("Guiding question"), filters=[clean_line])


def new_city_form(editions: list[tuple[int, str]], current: int | None) -> NewCityForm:
    """The form with the editions to choose from."""
    form = NewCityForm()
    form.edition.choices = [SelectChoice(edition_id, label) for edition_id, label in editions]
    if not form.is_submitted():
        form.edition.data = current
    return form


class CityForm(Form):
    """All that is said of a city."""

    name = StringField(
        _l("Name"), filters=[clean_line], validators=[InputRequired(_l("Write the city's name."))]
    )
    partner = StringField(_l("Partner"), filters=[clean_line])
    question = StringField(_l("Guiding question"), filters=[clean_line])
    starts_on = DateField(_l("First day"), validators=[Optional()])
    ends_on = DateField(_l("Last day"), validators=[Optional()])
    time_zone = StringField(
        _l("Time zone"), filters=[clean_line], validators=[InputRequired(_l("Choose the city's time zone."))]
    )
    language = StringField(
        _l("Language"), filters=[clean_line], validators=[InputRequired(_l("Write the board's language."))]
    )
    more_languages = StringField(_l("Further languages"), filters=[clean_line])
    source_text = StringField(_l("Source of the content"), filters=[clean_line])
    source_url = StringField(_l("Address of the source"), filters=[clean_line])

    def facts(self) -> dict[str, Any]:
        """What a valid form says, for `state_facts`: an empty field takes a fact back."""
        said = {
            name: field.data or None
            for name, field in self._fields.items()
            if name not in ("csrf_token", "more_languages")
        }
        codes = (self.more_languages.data or "").replace(",", " ").split()
        return {**said, "more_languages": codes}


def city_form(city: City) -> CityForm:
    """The form, filled with what is known."""
    return CityForm(obj=city)


class RulesForm(Form):
    """How a board is run."""

    posting = RadioField(
        _l("Posting"),
        choices=[
            SelectChoice("open", _l("Open: participants can post, comment and upvote")),
            SelectChoice("paused", _l("Paused: everybody can read, nobody can write")),
        ],
        validators=[InputRequired(_l("Choose one."))],
    )
    moderation = RadioField(
        _l("Moderators look"),
        choices=[
            SelectChoice("after", _l("After publication: posts are public at once")),
            SelectChoice("before", _l("Before publication: posts wait until a moderator approves them")),
        ],
        validators=[InputRequired(_l("Choose one."))],
    )
    readers = RadioField(
        _l("Readers"),
        choices=[
            SelectChoice("public", _l("Public: everybody may read")),
            SelectChoice("members", _l("Members only: people sign in to read")),
        ],
        validators=[InputRequired(_l("Choose one."))],
    )


def rules_form(city: City) -> RulesForm:
    """The form, showing the rules as they are."""
    return RulesForm(
        data={
            "posting": "open" if city.posting_is_open else "paused",
            "moderation": city.moderation,
            "readers": "public" if city.is_public else "members",
        }
    )


class WorkshopForm(SettingsForm):
    """A workshop, and how it is run; the times are in the city's zone."""

    number = IntegerField(_l("Number"), validators=[InputRequired(_l("Write the workshop's number."))])
    audience = SelectField(
        _l("Audience"), choices=[SelectChoice(key, audience_label(key)) for key in AUDIENCES]
    )
    title = StringField(_l("Title"), filters=[clean_line])
    starts_at = DateTimeLocalField(_l("Starts"), format=["%Y-%m-%dT%H:%M"], validators=[Optional()])
    ends_at = DateTimeLocalField(_l("Ends"), format=["%Y-%m-%dT%H:%M"], validators=[Optional()])

    def given(self) -> dict[str, Any]:
        """What a valid form says, for `set_up`."""
        return {
            **super().given(),
            "audience": self.audience.data,
            "title": self.title.data or None,
            "starts_at": self.starts_at.data,
            "ends_at": self.ends_at.data,
        }


def workshop_form(city: City, workshop: Workshop | None, *, number: int = 1) -> WorkshopForm:
    """The form of a workshop, or of the next one."""
    if workshop is None:
        return WorkshopForm(data={"number": number})
    zone = ZoneInfo(city.time_zone)
    return WorkshopForm(
        data={
            "number": workshop.number,
            "audience": workshop.audience,
            "title": workshop.title,
            "starts_at": workshop.starts_at.astimezone(zone) if workshop.starts_at else None,
            "ends_at": workshop.ends_at.astimezone(zone) if workshop.ends_at else None,
            **settings_of(workshop),
        }
    )


def edition_form(edition: Edition | None = None) -> EditionForm:
    """The form of an edition, or of a new one."""
    return EditionForm(obj=edition)
