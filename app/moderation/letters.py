"""What moderation writes to people who cannot read it in the product."""

from __future__ import annotations

from contextlib import nullcontext

from flask_babel import force_locale
from flask_babel import gettext as _

from app.accounts.models import User
from app.cities.models import City
from app.core import mail
from app.core.times import moment
from app.moderation.models import Act
from app.moderation.queries.reasons import reason_name


def you_are_banned(person: User, act: Act, city: City) -> None:
    """The reason and the end of a ban, to somebody who is signed out from now on."""
    if not person.email or person.banned_until is None:
        return
    with force_locale(person.language) if person.language else nullcontext():
        paragraphs = [
            _("Hello %(name)s,", name=person.name),
            _(
                "your account at Cities in Progress is banned until %(until)s. "
                "You are signed out; what you posted stays.",
                until=moment(person.banned_until, city.time_zone),
            ),
            _("The reason: %(reason)s.", reason=reason_name(act.reason_id or 0)),
            act.sentence,
            _("If you think this is wrong, answer this mail: the organisers read it."),
            "Cities in Progress",
        ]
        mail.send(
            person.email, _("Your account is banned"), "\n\n".join(part for part in paragraphs if part) + "\n"
        )
