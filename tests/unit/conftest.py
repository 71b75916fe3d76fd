"""Ana and Ben moderate Rotterdam, where Mara posts and Tom answers."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core.extensions import db
from app.moderation.items import Item, key_of
from app.moderation.models import QueueItem
from tests.boards import post


@pytest.fixture
def ana(city, make_moderator):
    """A moderator of Rotterdam."""
    return make_moderator(city, "Ana")


@pytest.fixture
def ben(city, make_moderator):
    """Another."""
    return make_moderator(city, "Ben")


@pytest.fixture
def mara(make_user):
    """Who posts."""
    return make_user("Mara")


@pytest.fixture
def tom(make_user):
    """Who answers."""
    return make_user("Tom")


@pytest.fixture
def idea(city, mara, clock):
    """Hers, of noon."""
    return post(city, mara)


@pytest.fixture
def queued(app):
    """`queued(idea)` -> its row in the queue, as it is now."""

    def row(item: Item) -> QueueItem:
        db.session.rollback()
        return db.session.scalars(select(QueueItem).where(QueueItem.key == key_of(item))).one()

    return row
