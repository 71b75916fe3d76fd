"""Who may read a board. Pure."""

from __future__ import annotations

from datetime import datetime

from app.accounts.models import User
from app.accounts.policy import may_take_part


def can_read_board(user: User | None, is_public: bool, at: datetime) -> bool:
    """Public boards are everyone's; the others belong to those who are signed in and may take part."""
    return is_public or (user is not None and may_take_part(user, at))
