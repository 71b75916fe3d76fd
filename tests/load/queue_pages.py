"""The pages of a queue that `bench_moderation` asks for."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import Select, select

from app.cities.models import City
from app.core.extensions import db
from app.moderation.models import NEEDS, QueueItem
from app.moderation.queries.filters import Key

LARGE, SMALL = "large", "small"
FAR = 10_000
Pages = dict[str, str]
"""Addresses by what they show."""


def pages_of(app: Flask) -> Pages:
    """The queues as they are now."""
    with app.app_context():
        counts = {slug: len(db.session.scalars(_waiting(slug)).all()) for slug in (LARGE, SMALL)}
        stamp = db.session.scalar(select(City.queue_seq).where(City.slug == LARGE)) or 0
        far = db.session.scalars(_waiting(LARGE).where(QueueItem.needs == "new").offset(FAR)).first()
        assert far is not None
        key = Key(NEEDS.index("new"), far.since.astimezone(UTC), far.id)
        db.session.rollback()
    queue = f"/{LARGE}/moderate"
    return {
        f"all that waits, {counts[LARGE]:,}": queue,
        f"all that waits, {counts[SMALL]:,}": f"/{SMALL}/moderate",
        "reported": f"{queue}?needs=reported",
        "new": f"{queue}?needs=new",
        "new, comments only": f"{queue}?needs=new&subject=comment",
        f"new, after {FAR:,} of them": f"{queue}?{urlencode({'needs': 'new', 'after': str(key)})}",
        "search, a common word": f"{queue}?q=bicing",
        "search, two words": f"{queue}?q=carril+bici",
        "search, a word nobody wrote": f"{queue}?q=zeppelin",
        "decided lately": f"{queue}?needs=settled",
        "what one act has changed": f"{queue}/items?since={stamp - 1}",
    }


def _waiting(slug: str) -> Select[Any]:
    return (
        select(QueueItem)
        .join(City, City.id == QueueItem.city_id)
        .where(City.slug == slug, QueueItem.needs != "")
        .order_by(QueueItem.urgency, QueueItem.since, QueueItem.id)
    )
