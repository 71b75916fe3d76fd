"""How somebody wants to hear of notices by mail."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.accounts.models import User
from app.core.database import insert_if_new
from app.core.errors import Invalid
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.notices.models import USUAL_WAY, WAYS, Notice, NoticeChoice


def choose_mail(user: User, way: str, *, at: datetime) -> None:
    """From now on a letter for each notice, one a day, or none. Raises Invalid for anything else.

    Who had chosen none gets no letters about what came while it was so.
    """
    if way not in WAYS:
        raise Invalid(_("Choose how you want to be told."), "mail")
    with unit_of_work():
        insert_if_new(NoticeChoice, user_id=user.id, mail=USUAL_WAY)
        choice = db.session.scalars(
            select(NoticeChoice).where(NoticeChoice.user_id == user.id).with_for_update()
        ).one()
        if choice.mail == way:
            return
        if choice.mail == "none":
            db.session.execute(
                update(Notice)
                .where(Notice.user_id == user.id, Notice.mailed_at.is_(None))
                .values(mailed_at=at)
                .execution_options(synchronize_session=False)
            )
        choice.mail = way
