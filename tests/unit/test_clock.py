"""The clock can be held, moved and let go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.core import clock as core_clock
from app.core.database import UtcDateTime


def test_a_held_clock_stands_until_it_is_moved(clock):
    before = clock.now()
    assert clock.now() == before
    assert clock.advance(90) == before + timedelta(seconds=90) == clock.now()


def test_a_released_clock_runs_in_utc(clock):
    clock.release()
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_moment_of_another_zone_is_held_in_utc(clock):
    clock.freeze(datetime(2026, 9, 14, 14, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == datetime(2026, 9, 14, 12, tzinfo=UTC)
    assert core_clock.now().utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_cannot_be_stored(app):
    from app.core.extensions import db

    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), db.engine.dialect)  # noqa: DTZ001


def test_moments_come_back_from_the_database_aware_and_equal(app, make_user):
    from app.accounts.models import User
    from app.core.extensions import db

    at = datetime(2026, 9, 14, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    user_id = make_user("Mara", created_at=at).id
    db.session.expire_all()
    kept = db.session.get_one(User, user_id).created_at
    assert kept == at and kept.utcoffset() == timedelta(0)
