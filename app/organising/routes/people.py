"""Loads a participant by the number in an address."""

from __future__ import annotations

from app.accounts.models import User
from app.core.database import is_id
from app.core.errors import NotThere
from app.organising.queries.people import participant


def person_at(user_id: int) -> User:
    """The participant with this id. Raises NotThere, also where the account is deleted."""
    user = participant(user_id) if is_id(user_id) else None
    if user is None:
        raise NotThere()
    return user
