"""Events: past tense, frozen, carrying ids. Announced inside a unit of work, heard during it or after its commit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import structlog

from app.core.extensions import db

log = structlog.get_logger(__name__)

Handler = Callable[[Any], None]
_during: dict[type, list[Handler]] = defaultdict(list)
_after: dict[type, list[Handler]] = defaultdict(list)


def during(event_type: type) -> Callable[[Handler], Handler]:
    """Hear events inside the transaction that makes them true; what the handler writes commits with it."""

    def register(handler: Handler) -> Handler:
        if handler not in _during[event_type]:
            _during[event_type].append(handler)
        return handler

    return register


def after(event_type: type) -> Callable[[Handler], Handler]:
    """Hear events after the commit. A handler that fails is logged and stops no other."""

    def register(handler: Handler) -> Handler:
        if handler not in _after[event_type]:
            _after[event_type].append(handler)
        return handler

    return register


def announce(event: object) -> None:
    """Say what has happened. Only inside `unit_of_work`; a rollback takes it back."""
    events = db.session.info.get("events")
    if events is None:
        raise RuntimeError(f"{type(event).__name__} was announced outside a unit of work")
    events.append(event)
    for handler in _during[type(event)]:
        handler(event)


def deliver(events: list[object]) -> None:
    """Hand committed events to those who listen, in order."""
    for event in events:
        for handler in _after[type(event)]:
            try:
                handler(event)
            except Exception:
                log.exception("event_handler_failed", announced=type(event).__name__)
