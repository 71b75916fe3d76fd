"""Appointing a city's moderators, and letting them go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from app.accounts.models import User
from app.accounts.policy import can_sign_in
from app.cities.events import RightsChanged
from app.cities.models import City, Moderator
from app.core.announce import announce
from app.core.database import insert_if_new
from app.core.errors import Invalid
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work


def appoint(city: City, user: User, at: datetime) -> bool:
    """Make `user` a moderator of `city`. Returns whether they were none before.

    Raises Invalid where nobody can sign in with the account, or its e-mail address is not confirmed.
    """
    with unit_of_work():
        db.session.refresh(user)
        if not can_sign_in(user) or user.email is None:
            raise Invalid("A moderator needs an account with a confirmed e-mail address.", "email")
        is_new = insert_if_new(Moderator, city_id=city.id, user_id=user.id, appointed_at=at)
        if is_new:
            announce(RightsChanged(user.id))
    return is_new


def dismiss(city: City, user: User) -> bool:
    """Take the city's board out of `user`'s hands; what they have open closes. Returns whether they had it."""
    with unit_of_work():
        gone = db.session.execute(
            delete(Moderator)
            .where(Moderator.city_id == city.id, Moderator.user_id == user.id)
            .returning(Moderator.user_id)
        ).first()
        if gone:
            announce(RightsChanged(user.id))
    return gone is not None
