"""Letters about notices: one each at once, or one a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import ColumnElement, func, or_, select, update

from app.accounts.models import User
from app.cities.models import City
from app.core.database import insert_if_new
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.notices.letters import write_digest, write_one
from app.notices.models import USUAL_WAY, Notice, NoticeChoice
from app.notices.queries.facts import facts_of

log = structlog.get_logger(__name__)

BETWEEN_DIGESTS = timedelta(hours=23)
FIRST_HOUR = 7
STALE_AFTER = timedelta(days=14)
"""What could not be mailed for so long is found in the inbox only."""


def send_letters(notice_ids: tuple[int, ...]) -> None:
    """One letter for each of these notices that still is there for its reader. After the commit that made them."""
    query = (
        select(Notice.id, User)
        .join(User, User.id == Notice.user_id)
        .where(Notice.id.in_(notice_ids))
        .order_by(Notice.id)
    )
    for notice_id, user in db.session.execute(query).all():
        for facts in facts_of(user, Notice.id == notice_id):
            write_one(user, facts)


def send_due_digests(at: datetime) -> int:
    """Write to everybody whose daily letter is due at `at`; returns how many letters left.

    Due: something unread and unmailed waits, the last digest is 23 hours ago or more, and it is 7 o'clock or later
    where the newest of it comes from. Each person is claimed in a transaction of its own, so that processes which do
    this at the same time never write twice. A fault costs one person's letter, which is tried again.
    """
    sent = 0
    for user_id in _due(at):
        try:
            sent += _send(user_id, at)
        except Exception:
            db.session.rollback()
            log.exception("digest_failed", user=user_id)
    if sent:
        log.info("digests_sent", letters=sent)
    return sent


def _due(at: datetime) -> list[int]:
    newest = (
        select(Notice.user_id, func.max(Notice.id).label("id"))
        .where(*_waits(at))
        .group_by(Notice.user_id)
        .subquery()
    )
    query = (
        select(User.id, City.time_zone)
        .join(newest, newest.c.user_id == User.id)
        .join(Notice, Notice.id == newest.c.id)
        .join(City, City.id == Notice.city_id)
        .outerjoin(NoticeChoice, NoticeChoice.user_id == User.id)
        .where(
            User.email.is_not(None),
            User.erased_at.is_(None),
            or_(User.banned_until.is_(None), User.banned_until <= at),
            func.coalesce(NoticeChoice.mail, USUAL_WAY) == "daily",
            or_(NoticeChoice.digest_at.is_(None), NoticeChoice.digest_at <= at - BETWEEN_DIGESTS),
        )
        .order_by(User.id)
    )
    rows = db.session.execute(query).all()
    return [user_id for user_id, zone in rows if at.astimezone(ZoneInfo(zone)).hour >= FIRST_HOUR]


def _waits(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return Notice.mailed_at.is_(None), Notice.read_at.is_(None), Notice.created_at > at - STALE_AFTER


def _send(user_id: int, at: datetime) -> bool:
    """Claim this person's digest and write it; False where another process has, or nothing is left to tell."""
    with unit_of_work():
        insert_if_new(NoticeChoice, user_id=user_id, mail=USUAL_WAY)
        choice = db.session.scalars(
            select(NoticeChoice).where(NoticeChoice.user_id == user_id).with_for_update()
        ).one()
        user = db.session.get_one(User, user_id)
        is_due = choice.digest_at is None or choice.digest_at <= at - BETWEEN_DIGESTS
        if choice.mail != "daily" or not is_due or not user.email:
            return False
        facts = facts_of(user, *_waits(at))
        if not facts:
            return False
        choice.digest_at = at
        db.session.execute(
            update(Notice)
            .where(Notice.id.in_([one.id for one in facts]))
            .values(mailed_at=at)
            .execution_options(synchronize_session=False)
        )
        write_digest(user, facts)
    return True
