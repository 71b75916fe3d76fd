"""What is typed into the accounts' pages, cleaned and checked. Labels are a contract with people who hear them."""

from __future__ import annotations

import unicodedata
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Field, PasswordField, RadioField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, StopValidation

from app.accounts import passwords
from app.accounts.actions.changing import password_is_too_easy
from app.accounts.groups import GROUPS, WITHOUT_AFFILIATION, group_label
from app.core.errors import Refusal
from app.core.text import clean_line


def fold_email(value: str | None) -> str:
    """An address as it is compared and stored: without spaces around it, in small letters."""
    return unicodedata.normalize("NFC", value or "").strip().lower()


def _an_address(_form: FlaskForm, field: Field) -> None:
    if not field.data:
        raise StopValidation(_("Enter your e-mail address."))
    try:
        if len(field.data) > 254:
            raise EmailNotValidError
        validate_email(field.data, check_deliverability=False)
    except EmailNotValidError:
        raise StopValidation(
            _("Enter an e-mail address in the right format, like name@example.com.")
        ) from None


def _a_password(_form: FlaskForm, field: Field) -> None:
    if len(field.data or "") < passwords.SHORTEST:
        raise StopValidation(
            _("The password must have at least %(number)s characters.", number=passwords.SHORTEST)
        )
    if len(field.data) > passwords.LONGEST:
        raise StopValidation(
            _("The password must have at most %(number)s characters.", number=passwords.LONGEST)
        )


def _email(label: Any) -> EmailField:
    return EmailField(label, filters=[fold_email], validators=[_an_address])


def _new_password(label: Any) -> PasswordField:
    return PasswordField(label, validators=[_a_password])


class Form(FlaskForm):
    """A form to which an action's refusal can be added, so that it is shown with everything that was typed."""

    def refuse(self, refusal: Refusal) -> None:
        """Show `refusal` at the field it names, else above the form."""
        field = getattr(refusal, "field", None)
        if field is not None and field in self._fields:
            self[field].errors = [*self[field].errors, refusal.message]
        else:
            self.form_errors.append(refusal.message)


class RegisterForm(Form):
    """One page, under 30 seconds on a phone."""

    name = StringField(_l("Name"), filters=[clean_line])
    email = _email(_l("E-mail"))
    password = _new_password(_l("Password"))
    group = RadioField(
        _l("Stakeholder group"),
        choices=[SelectChoice(key, group_label(key)) for key in GROUPS],
        validators=[InputRequired(_l("Choose your stakeholder group."))],
    )
    affiliation = StringField(_l("Affiliation"), filters=[clean_line])
    consent = BooleanField(_l("I agree to the privacy notice"))

    def validate_name(self, field: Field) -> None:
        """Shown in public beside what this person writes."""
        if not field.data:
            raise ValidationError(_("Enter your name."))
        if len(field.data) > 80:
            raise ValidationError(_("The name must have at most 80 characters."))

    def validate_password(self, field: Field) -> None:
        """Not one of those that attackers try first."""
        about = (self.name.data, self.email.data, self.affiliation.data)
        if passwords.is_too_easy(field.data, about):
            raise ValidationError(password_is_too_easy().message)

    def validate_affiliation(self, field: Field) -> None:
        """For whom somebody speaks; residents and students speak for themselves."""
        if not field.data and self.group.data in set(GROUPS) - WITHOUT_AFFILIATION:
            raise ValidationError(_("Enter your affiliation: who do you work for?"))
        if len(field.data) > 120:
            raise ValidationError(_("The affiliation must have at most 120 characters."))

    def validate_consent(self, field: Field) -> None:
        """Nothing is stored without it."""
        if not field.data:
            raise ValidationError(_("To register, you need to agree to the privacy notice."))


class SignInForm(Form):
    """Says nothing about which of the two was wrong."""

    email = _email(_l("E-mail"))
    password = PasswordField(_l("Password"), validators=[InputRequired(_l("Enter your password."))])

    def validate_password(self, field: Field) -> None:
        """Not megabytes."""
        if len(field.data) > passwords.LONGEST:
            raise ValidationError(_("E-mail or password is not right."))


class ForgottenPasswordForm(Form):
    """Where to send the link."""

    email = _email(_l("E-mail"))


class NewPasswordForm(Form):
    """After the link was clicked."""

    password = _new_password(_l("New password"))


class CompletionForm(Form):
    """On the account page, for an account made in a workshop. `about` are words the password must not consist of."""

    email = _email(_l("E-mail"))
    password = _new_password(_l("Password"))

    def __init__(self, about: tuple[str | None, ...] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.about = about

    def validate_password(self, field: Field) -> None:
        """Not one of those that attackers try first."""
        if passwords.is_too_easy(field.data, (*self.about, self.email.data)):
            raise ValidationError(password_is_too_easy().message)


class ChangePasswordForm(Form):
    """On the account page. `about` are words the password must not consist of."""

    current_password = PasswordField(
        _l("Current password"), validators=[InputRequired(_l("Enter your current password."))]
    )
    password = _new_password(_l("New password"))

    def __init__(self, about: tuple[str | None, ...] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.about = about

    def validate_password(self, field: Field) -> None:
        """Not one of those that attackers try first."""
        if passwords.is_too_easy(field.data, self.about):
            raise ValidationError(password_is_too_easy().message)


class ChangeEmailForm(Form):
    """On the account page."""

    email = _email(_l("New e-mail"))
    current_password = PasswordField(
        _l("Current password"),
        id="email_current_password",  # the other form of the page has the field too
        validators=[InputRequired(_l("Enter your current password."))],
    )
