"""Pin, lock, and sort anew: what moderators mark on an idea. Each is an act with what it found and what it left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.accounts.models import User
from app.cities.actions.numbering import lock_board
from app.cities.models import Theme
from app.cities.queries import curates
from app.core.database import lock
from app.core.errors import AlreadyDone, Invalid, NotThere
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.changing import note_change, note_unseen_change
from app.ideas.events import IDEA_MODERATED
from app.ideas.models import KINDS, PINS_MAX, THEMES_MAX, Idea, IdeaTheme
from app.moderation.actions.logging import log_act
from app.moderation.actions.queueing import note_decision, row_of
from app.moderation.faster import refuse_if_decided
from app.moderation.models import Act


def pin(idea: Idea, *, by: User | None, at: datetime, seen: int | None = None) -> Act:
    """Put a public idea above the others: three a board at most. Raises AlreadyDone, Invalid, NotThere."""
    with unit_of_work():
        _begin(idea, by, seen)
        if not idea.is_published:
            raise NotThere()
        if idea.pinned_at is not None:
            raise AlreadyDone(_("It is pinned already."))
        # The city's row is locked, so that two moderators do not both take the last place.
        lock_board(idea.city_id)
        pinned = select(func.count()).where(Idea.city_id == idea.city_id, Idea.pinned_at.is_not(None))
        if (db.session.scalar(pinned) or 0) >= PINS_MAX:
            raise Invalid(_("%(max)d ideas are pinned already. Unpin one first.", max=PINS_MAX))
        return _mark(idea, "pin", {"pinned_at": None}, {"pinned_at": at.isoformat()}, by, at)


def unpin(idea: Idea, *, by: User | None, at: datetime, seen: int | None = None) -> Act:
    """Back among the others. Raises AlreadyDone where it is not pinned."""
    with unit_of_work():
        _begin(idea, by, seen)
        if idea.pinned_at is None:
            raise AlreadyDone(_("It is not pinned any more."))
        return _mark(idea, "unpin", {"pinned_at": idea.pinned_at.isoformat()}, {"pinned_at": None}, by, at)


def lock_comments(idea: Idea, *, by: User | None, at: datetime, seen: int | None = None) -> Act:
    """Take no more comments, but moderators'. Raises AlreadyDone."""
    with unit_of_work():
        _begin(idea, by, seen)
        if idea.is_locked:
            raise AlreadyDone(_("It takes no comments already."))
        return _mark(idea, "lock", {"is_locked": False}, {"is_locked": True}, by, at)


def unlock_comments(idea: Idea, *, by: User | None, at: datetime, seen: int | None = None) -> Act:
    """Take comments again. Raises AlreadyDone."""
    with unit_of_work():
        _begin(idea, by, seen)
        if not idea.is_locked:
            raise AlreadyDone(_("It takes comments already."))
        return _mark(idea, "unlock", {"is_locked": True}, {"is_locked": False}, by, at)


def retag(
    idea: Idea,
    *,
    kind: str,
    theme_ids: Sequence[int],
    language: str,
    by: User | None,
    at: datetime,
    seen: int | None = None,
) -> Act:
    """Another kind, other themes (one to three, the first first) or another language. Raises Invalid, AlreadyDone."""
    wanted = list(dict.fromkeys(theme_ids))
    with unit_of_work():
        _begin(idea, by, seen)
        if kind not in KINDS:
            raise Invalid(_("Choose whether it is a challenge or an opportunity."), "kind")
        known = db.session.scalar(select(func.count()).select_from(Theme).where(Theme.id.in_(wanted)))
        if not 1 <= len(wanted) <= THEMES_MAX or known != len(wanted):
            raise Invalid(_("Choose one to three themes."), "themes")
        before = {"kind": idea.kind, "theme_ids": _theme_ids(idea), "language": idea.language}
        after = {"kind": kind, "theme_ids": wanted, "language": language}
        if before == after:
            raise Invalid(_("Nothing is different. Change something, or leave it."))
        return _mark(idea, "retag", before, after, by, at)


def show_mark(idea: Idea, values: dict[str, Any], at: datetime) -> None:
    """Give a locked idea these marks; its board hears of it where it is public."""
    for name, value in values.items():
        if name == "theme_ids":
            idea.themes.clear()
            db.session.flush()
            idea.themes.extend(
                IdeaTheme(theme_id=theme_id, position=place) for place, theme_id in enumerate(value)
            )
        elif name in ("pinned_at", "answered_at"):
            setattr(idea, name, datetime.fromisoformat(value) if value else None)
        else:
            setattr(idea, name, value)
    if idea.is_published:
        note_change(idea, IDEA_MODERATED, at=at)
    else:
        note_unseen_change(idea)


def marks_of(idea: Idea, names: Sequence[str]) -> dict[str, Any]:
    """The present values of these marks, as an act keeps them."""
    found: dict[str, Any] = {}
    for name in names:
        if name == "theme_ids":
            found[name] = _theme_ids(idea)
        elif name in ("pinned_at", "answered_at"):
            moment = getattr(idea, name)
            found[name] = moment.isoformat() if moment else None
        else:
            found[name] = getattr(idea, name)
    return found


def _theme_ids(idea: Idea) -> list[int]:
    return [theme.theme_id for theme in idea.themes]


def _begin(idea: Idea, by: User | None, seen: int | None) -> None:
    lock(idea)
    if idea.state in ("withdrawn", "merged") or (by is not None and not curates(by, idea.city_id)):
        raise NotThere()
    refuse_if_decided(row_of(idea), seen)


def _mark(
    idea: Idea, kind: str, before: dict[str, Any], after: dict[str, Any], by: User | None, at: datetime
) -> Act:
    queued = row_of(idea)
    show_mark(idea, after, at)
    act = log_act(kind, idea.city_id, by=by, at=at, on=idea, before=before, after=after)
    note_decision(queued, act)
    return act
