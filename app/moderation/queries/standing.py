"""How many acts there have been on an idea, as a page shows it and a form brings it back."""

from __future__ import annotations

from sqlalchemy import select

from app.core.extensions import db
from app.moderation.items import Item, key_of
from app.moderation.models import QueueItem


def decisions_on(item: Item) -> int:
    """The number of acts on an idea or comment so far. An act that saw fewer is refused: somebody was faster."""
    return db.session.scalar(select(QueueItem.decisions).where(QueueItem.key == key_of(item))) or 0
