"""The sentences of this slice's refusals, said from more than one action."""

from __future__ import annotations

from typing import NoReturn

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.config import settings
from app.core.errors import NotAllowed


def too_late() -> str:
    """Editing and withdrawing are over."""
    return ngettext(
        "Texts can be changed or withdrawn for %(num)d minute, until there is an answer. That time is over.",
        "Texts can be changed or withdrawn for %(num)d minutes, until there is an answer. That time is over.",
        settings().edit_minutes,
    )


def refuse_unconfirmed() -> NoReturn:
    """The account's first day is over without a confirmed e-mail address. Raises NotAllowed."""
    raise NotAllowed(
        _(
            "Please confirm your e-mail address first: open the link we sent you, or ask for a new one on My page."
        )
    )


def waiting_sentence() -> str:
    """What somebody posted is held."""
    return _(
        "On this board a moderator looks first. You see it already; everybody else will once it is approved."
    )
