"""The short list of reasons: an organiser adds, renames, sorts and retires them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core.config import LANGUAGES
from app.core.database import insert_if_new
from app.core.errors import Invalid
from app.core.extensions import db
from app.core.text import clean_line
from app.core.unit_of_work import unit_of_work
from app.moderation.models import Reason, ReasonName

NAME_MAX = 80


def add_reason(names: Mapping[str, str]) -> Reason:
    """A new reason, the last of the list, named in all five languages. Raises Invalid, naming the language's field."""
    with unit_of_work():
        last = db.session.scalar(select(func.max(Reason.position))) or 0
        reason = Reason(position=last + 1)
        db.session.add(reason)
        db.session.flush()
        rename_reason(reason, names)
    return reason


def rename_reason(reason: Reason, names: Mapping[str, str]) -> None:
    """Other names for a reason; acts that gave it as their reason show the new ones. Raises Invalid."""
    with unit_of_work():
        for language in LANGUAGES:
            name = clean_line(names.get(language, ""))
            if not 1 <= len(name) <= NAME_MAX:
                raise Invalid(_("Write a name of 1 to %(max)d characters.", max=NAME_MAX), language)
            if not insert_if_new(ReasonName, reason_id=reason.id, language=language, name=name):
                db.session.get_one(ReasonName, (reason.id, language)).name = name
        db.session.flush()


def retire_reason(reason: Reason, *, is_retired: bool) -> None:
    """Offer a reason no more, or again; one must remain. Raises Invalid."""
    with unit_of_work():
        reason.is_retired = is_retired
        db.session.flush()
        left = select(func.count()).select_from(Reason).where(Reason.is_retired.is_(False))
        if not db.session.scalar(left):
            raise Invalid(_("One reason must remain."))


def move_reason(reason: Reason, *, up: bool) -> None:
    """One place up or down; at the end of the list nothing happens."""
    with unit_of_work():
        ordered = list(db.session.scalars(select(Reason).order_by(Reason.position, Reason.id)))
        here = ordered.index(reason)
        there = here - 1 if up else here + 1
        if 0 <= there < len(ordered):
            ordered[here], ordered[there] = ordered[there], ordered[here]
        for position, one in enumerate(ordered, start=1):
            one.position = position
