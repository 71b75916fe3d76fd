"""How the first organiser comes to be: by a link from the console, since there is no default account."""

from __future__ import annotations

from datetime import datetime

import structlog

from app.accounts.actions.links import make_link, use_link
from app.accounts.models import User
from app.core.clock import now
from app.core.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)


def make_organiser_link(at: datetime | None = None) -> str:
    """The token of a link that makes its first holder organiser, within 7 days."""
    return make_link("organiser", at or now())


def become_organiser(token: str, user: User, at: datetime | None = None) -> None:
    """Make `user` organiser by the link. Raises Invalid if the link does not work."""
    with unit_of_work():
        use_link(token, "organiser", at=at or now())
        user.is_organiser = True
        user_id = user.id
    log.info("organiser_appointed", user=user_id)
