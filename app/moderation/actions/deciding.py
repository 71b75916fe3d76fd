"""Hide, decline, restore, approve, keep, hold: the decisions about an idea or a comment.

Each locks its item, looks whether somebody else was faster, changes the state, writes the log, settles the queue and
answers those who reported: in one transaction. Rows are locked in the order of the house: ideas, then cities, then
the queue.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_babel import gettext as _

from app.accounts.models import User
from app.cities.queries import curates
from app.core.errors import Invalid, NotAllowed, NotThere
from app.core.unit_of_work import unit_of_work
from app.ideas.models import Idea
from app.moderation.actions.judging import judge_objections, judge_reports
from app.moderation.actions.logging import log_act
from app.moderation.actions.marking import marks_of
from app.moderation.actions.queueing import as_it_was, need_attention, note_decision, row_of, settle
from app.moderation.actions.showing import lock_item, put_into_state
from app.moderation.faster import refuse_if_decided, was_faster
from app.moderation.items import Item, idea_of
from app.moderation.models import Act
from app.moderation.queries.judges import others_can_judge

_FROM = {
    "hide": ("published", "held"),
    "decline": ("held",),
    "hold": ("published",),
    "restore": ("hidden",),
    "approve": ("held",),
    "keep": ("published", "hidden", "merged"),
}
_TO = {"hide": "hidden", "decline": "hidden", "hold": "held", "restore": "published", "approve": "published"}
_REPORTS_WERE = {
    "hide": "upheld",
    "decline": "upheld",
    "restore": "dismissed",
    "approve": "dismissed",
    "keep": "dismissed",
}
_OBJECTIONS_WERE = {
    "restore": "upheld",
    "approve": "upheld",
    "keep": "dismissed",
    "decline": "dismissed",
    "hide": "dismissed",
}
NEEDS_REASON = ("hide", "decline", "hold")


def hide(
    item: Item, *, because: int, sentence: str, by: User | None, at: datetime, seen: int | None = None
) -> Act:
    """Take a public or held item out of sight, for a reason of the list and a sentence everybody may read.

    Raises AlreadyDone where somebody was faster, Invalid without a reason, NotThere where it is gone.
    """
    return _decide("hide", item, by=by, at=at, seen=seen, because=because, sentence=sentence)


def decline(
    item: Item, *, because: int, sentence: str, by: User | None, at: datetime, seen: int | None = None
) -> Act:
    """What waited before publication is not published. Raises as `hide`."""
    return _decide("decline", item, by=by, at=at, seen=seen, because=because, sentence=sentence)


def hold(
    item: Item, *, because: int, sentence: str, by: User | None, at: datetime, seen: int | None = None
) -> Act:
    """Take a public item out of sight until it is decided about. Raises as `hide`."""
    return _decide("hold", item, by=by, at=at, seen=seen, because=because, sentence=sentence)


def restore(item: Item, *, by: User | None, at: datetime, seen: int | None = None, sentence: str = "") -> Act:
    """Make a hidden item public again, however long ago it was hidden. Raises as `hide`."""
    return _decide("restore", item, by=by, at=at, seen=seen, sentence=sentence)


def approve(item: Item, *, by: User | None, at: datetime, seen: int | None = None, sentence: str = "") -> Act:
    """Publish what was held. Raises as `hide`."""
    return _decide("approve", item, by=by, at=at, seen=seen, sentence=sentence)


def keep(item: Item, *, by: User | None, at: datetime, seen: int | None = None, sentence: str = "") -> Act:
    """Looked at, and it stays as it is: public, or after an objection hidden. Raises as `hide`."""
    return _decide("keep", item, by=by, at=at, seen=seen, sentence=sentence)


DECISIONS: dict[str, Callable[..., Act]] = {
    "hide": hide,
    "decline": decline,
    "hold": hold,
    "restore": restore,
    "approve": approve,
    "keep": keep,
}


def _decide(
    kind: str,
    item: Item,
    *,
    by: User | None,
    at: datetime,
    seen: int | None,
    because: int | None = None,
    sentence: str = "",
) -> Act:
    if kind in NEEDS_REASON and because is None:
        raise Invalid(_("Choose a reason from the list."), "reason")
    with unit_of_work():
        lock_item(item)
        idea = idea_of(item)
        if by is not None and not curates(by, idea.city_id):
            raise NotThere()
        queued = row_of(item)
        refuse_if_decided(queued, seen)
        if kind == "keep" and item.state == "held":
            raise Invalid(_("This is held: approve it or decline it."))
        if item.state not in _FROM[kind] or (kind == "keep" and not queued.needs):
            raise was_faster(item, queued)
        if by is not None and queued.not_for_id == by.id and others_can_judge(idea.city_id, by.id):
            raise NotAllowed(_("Another moderator looks at an objection to your own act."))
        before = {"state": item.state, "queue": as_it_was(queued)}
        if isinstance(item, Idea):
            before |= marks_of(item, ["pinned_at"])
        state = _TO.get(kind, item.state)
        if kind != "keep":
            put_into_state(item, state, at)
        act = log_act(
            kind,
            idea.city_id,
            by=by,
            at=at,
            on=item,
            because=because,
            sentence=sentence,
            before=before,
            after={"state": state},
            item=queued,
        )
        if kind == "hold":
            need_attention(queued, "held", at)
            note_decision(queued, act)
        else:
            settle(queued, act, at)
            judge_reports(item, _REPORTS_WERE[kind], at)
            judge_objections(item, _OBJECTIONS_WERE[kind], at)
    return act
