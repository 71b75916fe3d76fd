"""Two moderators, one item: the second hears what the first has done, and by whom."""

from __future__ import annotations

from flask_babel import gettext as _

from app.accounts.models import User
from app.core.errors import AlreadyDone
from app.core.extensions import db
from app.core.times import ago
from app.moderation.items import Item
from app.moderation.models import Act, QueueItem
from app.moderation.queries.words import act_words, role_label

_STATES = {"held": "hold", "hidden": "hide", "merged": "merge"}


def _decided() -> str:
    return _("This has been decided already. Reload the page to see it.")


def refuse_if_decided(item: QueueItem, seen: int | None) -> None:
    """Raises AlreadyDone where an act has happened since the page showed `seen` acts on the item."""
    if seen is not None and item.decisions > seen:
        raise AlreadyDone(_said(item))


def was_faster(item: Item, queued: QueueItem) -> AlreadyDone:
    """The refusal of an act that the item's state does not allow any more."""
    if queued.act_id is not None:
        return AlreadyDone(_said(queued))
    if item.state == "withdrawn":
        return AlreadyDone(_("Its author has taken it back."))
    if item.state == "published":
        return AlreadyDone(_decided())
    return AlreadyDone(_("Already %(act)s.", act=act_words(_STATES[item.state])))


def _said(item: QueueItem) -> str:
    act = db.session.get(Act, item.act_id) if item.act_id is not None else None
    if act is None:
        return _decided()
    by = db.session.get(User, act.by_id) if act.by_id is not None else None
    return _(
        "Already %(act)s by %(who)s, %(when)s.",
        act=act_words(act.kind, undoes=act.undoes_id is not None),
        who=by.name if by and by.name else role_label(act.role),
        when=ago(act.at),
    )
