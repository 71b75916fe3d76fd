"""Every act is a row of the log, written in the transaction that does it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.accounts.models import User
from app.cities.queries import is_appointed
from app.core.announce import announce
from app.core.errors import Invalid
from app.core.extensions import db
from app.core.text import clean_text
from app.moderation.events import Acted
from app.moderation.items import Item, comment_id_of, idea_of
from app.moderation.models import SENTENCE_MAX, Act, QueueItem, Reason


def log_act(
    kind: str,
    city_id: int,
    *,
    by: User | None,
    at: datetime,
    on: Item | None = None,
    person: User | None = None,
    because: int | None = None,
    sentence: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    item: QueueItem | None = None,
    undoes: Act | None = None,
    role: str = "",
) -> Act:
    """Write one act down and announce it. `by` is None for the board itself, or an organiser's command.

    Raises Invalid for a reason nobody knows, or a sentence longer than SENTENCE_MAX.
    """
    if because is not None and db.session.get(Reason, because) is None:
        raise Invalid(_("Choose a reason from the list."), "reason")
    idea = idea_of(on) if on is not None else None
    act = Act(
        city_id=city_id,
        kind=kind,
        at=at,
        role=role or _role(by, city_id),
        by_id=by.id if by else None,
        idea_id=idea.id if idea else None,
        comment_id=comment_id_of(on) if on is not None else None,
        user_id=person.id if person else None,
        reason_id=because,
        sentence=public_sentence(sentence),
        before=before or {},
        after=after or {},
        waited_seconds=_waited(item, at) if undoes is None else None,
        undoes_id=undoes.id if undoes else None,
    )
    db.session.add(act)
    db.session.flush()
    announce(
        Acted(act.id, kind, city_id, act.idea_id, act.comment_id, act.user_id, act.by_id, undoes is not None)
    )
    return act


def public_sentence(sentence: str) -> str:
    """What a moderator adds for everybody to read. Raises Invalid where it is too long."""
    cleaned = clean_text(sentence).strip()
    if len(cleaned) > SENTENCE_MAX:
        raise Invalid(_("Shorten this to %(max)d characters.", max=SENTENCE_MAX), "sentence")
    return cleaned


def _role(by: User | None, city_id: int) -> str:
    """Moderators of the city act as such, also where they are organisers too."""
    return "moderator" if by is not None and is_appointed(by.id, city_id) else "organiser"


def _waited(item: QueueItem | None, at: datetime) -> int | None:
    """How long the item has waited for this, in seconds; None where it did not wait."""
    if item is None or not item.needs:
        return None
    return max(0, int((at - item.since).total_seconds()))
