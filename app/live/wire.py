"""Committed events as they travel between processes: JSON of ids, words and flags; never a rendered text.

What arrives is believed as little as any other input: only these events, only these fields, only of these types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, fields
from datetime import UTC, datetime
from typing import Any

from app.accounts.events import SessionsEnded
from app.cities.events import BoardRulesChanged, RightsChanged
from app.ideas.events import BoardChanged, CountsChanged, UpvotesChanged
from app.moderation.events import QueueChanged
from app.notices.events import NoticesChanged
from app.workshops.events import RoomChanged, ScreensChanged, WorkshopChanged

HEARD = (
    BoardChanged,
    UpvotesChanged,
    CountsChanged,
    SessionsEnded,
    RightsChanged,
    BoardRulesChanged,
    QueueChanged,
    NoticesChanged,
    WorkshopChanged,
    RoomChanged,
    ScreensChanged,
)
"""The events that open pages are told of."""

_BY_NAME: dict[str, type] = {event.__name__: event for event in HEARD}
_WORD_MOST = 40
_STAYS_AT_HOME = {"registered_at"}
"""Needed only where somebody wrote."""


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _is_numbers(value: Any) -> bool:
    return type(value) is list and all(_is_number(number) for number in value)


def _is_moment(value: Any) -> bool:
    return value is None or (type(value) is float and 0 <= value < 1e11)


_FITS: dict[str, Callable[[Any], bool]] = {
    "int": _is_number,
    "int | None": lambda value: value is None or _is_number(value),
    "bool": lambda value: type(value) is bool,
    "str": lambda value: type(value) is str and len(value) <= _WORD_MOST,
    "tuple[int, ...]": _is_numbers,
    "datetime | None": _is_moment,
}
"""What has arrived, by the annotation of its field. A moment travels as seconds since 1970."""


def _carried(event: type) -> list[Field[Any]]:
    return [field for field in fields(event) if field.name not in _STAYS_AT_HOME]


_FIELDS: dict[str, list[Field[Any]]] = {name: _carried(event) for name, event in _BY_NAME.items()}


def written(origin: str, events: Sequence[object], *, missed: bool = False) -> str:
    """A message of `origin` with these events, in their order; `missed`: some before them could not be said."""
    said = [
        [
            type(event).__name__,
            {field.name: _outward(getattr(event, field.name)) for field in _FIELDS[type(event).__name__]},
        ]
        for event in events
    ]
    return json.dumps({"from": origin, "missed": missed, "events": said}, separators=(",", ":"))


def read(message: str | bytes) -> tuple[str, bool, list[object]]:
    """Origin, whether some were missed, and the events of a message. Raises ValueError where it is none of ours.

    Events of a kind that this version does not know are left out: during an update another one may run beside it.
    """
    said = json.loads(message)
    if (
        not isinstance(said, dict)
        or not isinstance(said.get("from"), str)
        or not isinstance(said.get("events"), list)
    ):
        raise ValueError("not a message of the bus")
    return (
        said["from"],
        said.get("missed") is True,
        [_event(item) for item in said["events"] if _is_known(item)],
    )


def _outward(value: Any) -> Any:
    return value.timestamp() if isinstance(value, datetime) else value


def _inward(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return datetime.fromtimestamp(value, UTC) if isinstance(value, float) else value


def _is_known(item: Any) -> bool:
    if (
        not isinstance(item, list)
        or len(item) != 2
        or not isinstance(item[0], str)
        or not isinstance(item[1], dict)
    ):
        raise ValueError("not an event")
    return item[0] in _BY_NAME


def _event(item: list[Any]) -> object:
    name, given = item
    values: dict[str, Any] = {}
    for field in _FIELDS[name]:
        if field.name not in given:
            if field.default is MISSING:
                raise ValueError(f"{name} without {field.name}")
            continue
        value = given[field.name]
        if not _FITS[str(field.type)](value):
            raise ValueError(f"{name} with another {field.name}")
        values[field.name] = _inward(value)
    made: object = _BY_NAME[name](**values)
    return made
