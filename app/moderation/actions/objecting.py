"""Authors ask that an act be looked at again, by another moderator where there is one."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.core.errors import AlreadyDone, Invalid, NotThere
from app.core.extensions import db
from app.core.text import clean_text
from app.core.unit_of_work import unit_of_work
from app.ideas.models import Comment, Idea
from app.moderation.actions.queueing import need_attention, row_of
from app.moderation.actions.showing import lock_item
from app.moderation.items import Item, key_of
from app.moderation.models import Act, Objection
from app.moderation.policy import can_object

OBJECTION_MIN, OBJECTION_MAX = 10, 2000


def object_to(act: Act, *, text: str, by: User, at: datetime) -> Objection:
    """The author of what `act` hid, declined, held back or merged says why that was wrong. Once an act.

    Raises Invalid for a text of fewer than 10 or more than 2,000 characters, AlreadyDone, NotThere.
    """
    text = clean_text(text).strip()
    with unit_of_work():
        item = _item_of(act)
        lock_item(item)
        db.session.refresh(act)
        if item.state == "withdrawn" or not can_object(by, act, author_id=item.author_id):
            raise NotThere()
        if item.state == "published":
            raise AlreadyDone(_("It is on the board again already."))
        if db.session.scalar(select(Objection.id).where(Objection.act_id == act.id)) is not None:
            raise AlreadyDone(_("You have objected to this already."))
        if not OBJECTION_MIN <= len(text) <= OBJECTION_MAX:
            raise Invalid(
                _("Write %(min)d to %(max)d characters.", min=OBJECTION_MIN, max=OBJECTION_MAX), "text"
            )
        objection = Objection(act_id=act.id, item_key=key_of(item), user_id=by.id, text=text, created_at=at)
        db.session.add(objection)
        db.session.flush()
        queued = row_of(item)
        queued.not_for_id = act.by_id
        need_attention(queued, "objection", at)
    return objection


def _item_of(act: Act) -> Item:
    item: Item | None = None
    if act.comment_id is not None:
        item = db.session.get(Comment, act.comment_id)
    elif act.idea_id is not None:
        item = db.session.get(Idea, act.idea_id)
    if item is None:
        raise NotThere()
    return item
