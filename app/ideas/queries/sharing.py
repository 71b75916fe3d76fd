"""What many pages that come back at the same moment are told alike: made and compressed once, as JSON.

Shared are the changes since a number and the board's figures, which are everybody's. What differs from page to page
(the counts it shows, its reader's upvotes) is read for each.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from flask_babel import get_locale

from app.core.compressing import Beginning
from app.core.extensions import db
from app.core.keeping import Kept, kept_in_app
from app.ideas.queries.board import figures
from app.ideas.queries.changes import board_messages, idea_messages, missed_since

T = TypeVar("T")
MOMENT = 0.25
"""Seconds that a count on a card in such an answer may be behind, while very many ask."""
FRESH = 20
BYTES_KEPT = 16_000_000
TOO_OLD = Beginning("")
_NOTHING = Beginning('{"changes":[]')


def changes_json(city_id: int, seq: int, since: int, idea_id: int | None) -> Beginning:
    """The messages after number `since` up to `seq`, the board's present one: an answer's beginning, up to its list.

    TOO_OLD where what is kept of the board's history does not say all. Gives the database's connection back first:
    whoever waits for somebody else's answer holds none.
    """

    def make() -> Beginning:
        missed = missed_since(city_id, seq, since, idea_id)
        if missed.too_old:
            return TOO_OLD
        messages = idea_messages(missed) if idea_id is not None else board_messages(missed)
        return Beginning(f'{{"changes":{as_json(messages)}')

    if since == seq:
        return _NOTHING
    key = (city_id, since, idea_id, str(get_locale()))
    return _shared("kept_changes", key, seq, make, lambda beginning: 2 * len(beginning.plain))


def figures_json(city_id: int, seq: int) -> str:
    """The figures of a board whose number is `seq`."""

    def make() -> str:
        numbers = figures(city_id)
        return as_json({"ideas": numbers.ideas, "upvotes": numbers.upvotes, "people": numbers.people})

    return _shared("kept_figures", city_id, seq, make, len)


def _shared(name: str, key: Any, seq: int, make: Callable[[], T], size: Callable[[T], int]) -> T:
    db.session.rollback()
    kept: Kept[T] = kept_in_app(
        name,
        moment=MOMENT,
        fresh=FRESH,
        most=BYTES_KEPT,
        size=lambda value: size(value) + 200,  # also what says nothing takes room: its key, at least
    )
    return kept.get(key, seq, make)


def as_json(value: Any) -> str:
    """Compact, and in the characters it was written in."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
