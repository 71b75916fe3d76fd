"""A board's own rules: who reads it, whether it takes posts, and when moderators look. Each change is in the log."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from app.accounts.models import User
from app.cities.events import BoardRulesChanged
from app.cities.models import MODERATION, City
from app.core.announce import announce
from app.core.database import lock
from app.core.errors import Invalid
from app.core.unit_of_work import unit_of_work
from app.moderation.actions.logging import log_act
from app.moderation.models import Act


def change_rules(
    city: City,
    *,
    by: User | None,
    at: datetime,
    posting_is_open: bool | None = None,
    moderation: str | None = None,
    is_public: bool | None = None,
) -> Act | None:
    """Set what is given; None leaves it. Returns the act, or None where nothing differs. Raises Invalid."""
    if moderation is not None and moderation not in MODERATION:
        raise Invalid(_("Moderators look after publication or before it."), "moderation")
    wanted = {"posting_is_open": posting_is_open, "moderation": moderation, "is_public": is_public}
    with unit_of_work():
        lock(city)
        after = {
            name: value
            for name, value in wanted.items()
            if value is not None and value != getattr(city, name)
        }
        if not after:
            return None
        before = {name: getattr(city, name) for name in after}
        for name, value in after.items():
            setattr(city, name, value)
        announce(BoardRulesChanged(city.id))
        return log_act("settings", city.id, by=by, at=at, before=before, after=after)
