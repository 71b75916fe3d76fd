"""Moments and numbers as readers expect them, in their language and the city's time zone."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _

from app.core.clock import now

JUST_NOW_SECONDS = 45
_THRESHOLD = 1.0
"""Change to the larger unit as soon as one of it is full, as the pages' scripts do."""
_STEPS = ((86_400, 86_400), (3_600, 3_600), (60, 60))


def ago(moment: datetime) -> str:
    """ "12 minutes ago" in the reader's language; whole minutes, hours, days, rounded down."""
    seconds = age(moment, now())
    return _ago(seconds, str(get_locale())) if seconds else _("just now")


def age(moment: datetime, at: datetime) -> int:
    """Whole minutes, hours or days from `moment` to `at`, in seconds; 0 where that is "just now"."""
    seconds = int((at - moment).total_seconds())
    if seconds < JUST_NOW_SECONDS:
        return 0
    if seconds < 60:
        return 60
    for least, step in _STEPS:
        if seconds >= least:
            return seconds - seconds % step
    return seconds


@lru_cache(maxsize=4096)
def _ago(seconds: int, locale: str) -> str:
    return format_timedelta(-seconds, add_direction=True, locale=locale, threshold=_THRESHOLD)


def moment(value: datetime, zone: str) -> str:
    """The full date and time in `zone`, in the reader's language, zone named."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{_long(local.replace(second=0, microsecond=0, tzinfo=None), str(get_locale()))} {local.tzname()}"


@lru_cache(maxsize=4096)
def _long(local: datetime, locale: str) -> str:
    # English readers of five cities do not agree on the order of day and month: a day before its month is clear.
    date_ = format_date(local, "d MMMM y" if locale == "en" else "long", locale=locale)
    return f"{date_} {format_time(local, 'HH:mm', locale=locale)}"


def day(value: datetime | date, zone: str | None = None) -> str:
    """The date in the reader's language; of a moment, in `zone`."""
    if isinstance(value, datetime) and zone:
        value = value.astimezone(ZoneInfo(zone))
    return format_date(value, "long", locale=get_locale())


def number(value: int) -> str:
    """A whole number with the reader's separators."""
    return _number(value, str(get_locale()))


@lru_cache(maxsize=4096)
def _number(value: int, locale: str) -> str:
    return format_decimal(value, locale=locale)


def init_times(app: Flask) -> None:
    """Register the filters."""
    for function in (ago, moment, day, number):
        app.jinja_env.filters[function.__name__] = function
