"""The sentences of this slice's refusals."""

from __future__ import annotations

from flask_babel import gettext as _

from app.accounts.models import User
from app.core.times import moment


def banned_sentence(user: User) -> str:
    """Why a banned person cannot sign in, and until when."""
    until = moment(user.banned_until, "UTC") if user.banned_until else ""
    return _(
        "This account is banned until %(until)s. The reason is in the mail we sent you; what you posted stays.",
        until=until,
    )
