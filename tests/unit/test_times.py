"""Moments and numbers, as readers of each language expect them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask_babel import force_locale

from app.core.times import ago, day, moment, number

AT = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"),
        (44, "just now"),
        (-30, "just now"),
        (45, "1 minute ago"),
        (119, "1 minute ago"),
        (120, "2 minutes ago"),
        (12 * 60 + 59, "12 minutes ago"),
        (3_599, "59 minutes ago"),
        (3_600, "1 hour ago"),
        (86_399, "23 hours ago"),
        (86_400, "1 day ago"),
        (6 * 86_400, "6 days ago"),
    ],
)
def test_how_long_ago(app, clock, seconds, said):
    with force_locale("en"):
        assert ago(clock.now() - timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("de", "vor 12 Minuten"),
        ("fr", "il y a 12 minutes"),
        ("nl", "12 minuten geleden"),
        ("zh_Hans_CN", "12分钟前"),
    ],
)
def test_how_long_ago_in_the_readers_language(app, clock, locale, said):
    with force_locale(locale):
        assert ago(clock.now() - timedelta(minutes=12)) == said


def test_a_moment_is_told_in_the_citys_own_zone(app):
    with force_locale("en"):
        assert moment(AT, "Europe/Amsterdam") == "14 September 2026 14:00 CEST"
        assert moment(AT, "America/Los_Angeles") == "14 September 2026 05:00 PDT"
        assert moment(AT, "Australia/Melbourne") == "14 September 2026 22:00 AEST"
    with force_locale("zh_Hans_CN"):
        assert moment(AT, "Asia/Shanghai") == "2026年9月14日 20:00 CST"
    with force_locale("de"):
        assert moment(AT, "Europe/Berlin") == "14. September 2026 14:00 CEST"


def test_a_day_is_the_citys_own_day(app):
    late = datetime(2026, 9, 14, 23, 30, tzinfo=UTC)
    with force_locale("en"):
        assert day(late, "America/Los_Angeles") == "September 14, 2026"
        assert day(late, "Australia/Melbourne") == "September 15, 2026"
        assert day(date(2026, 9, 14)) == "September 14, 2026"


def test_numbers_have_the_readers_separators(app):
    with force_locale("en"):
        assert number(12_345) == "12,345"
    with force_locale("de"):
        assert number(12_345) == "12.345"
