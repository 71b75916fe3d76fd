"""Acts on ideas and comments, one or many at once, and taking an act back."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, jsonify, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.cities.models import City
from app.core.clock import now
from app.core.database import id_in
from app.core.errors import AlreadyDone, Invalid, NotThere, Refusal
from app.core.extensions import db
from app.core.htmx import go, safe_next, wants_json
from app.core.text import clean_line
from app.ideas.models import Comment, Idea
from app.moderation.access import (
    act_to_undo,
    comment_to_moderate,
    idea_to_moderate,
)
from app.moderation.actions.deciding import DECISIONS, NEEDS_REASON
from app.moderation.actions.marking import lock_comments, pin, unlock_comments, unpin
from app.moderation.actions.undoing import undo
from app.moderation.items import Item
from app.moderation.models import Act, QueueItem
from app.moderation.policy import can_undo, undo_until
from app.moderation.queries.rows import row_on, rows_of
from app.moderation.queries.views import QueueRow
from app.moderation.routes import blueprint
from app.moderation.routes.showing import Typed, panel, row_html

MARKS: dict[str, Callable[..., Act]] = {
    "pin": pin,
    "unpin": unpin,
    "lock": lock_comments,
    "unlock": unlock_comments,
}
SAID = {
    "hide": _l("Hidden."),
    "decline": _l("Declined."),
    "hold": _l("Held until somebody decides."),
    "restore": _l("Restored."),
    "approve": _l("Approved."),
    "keep": _l("Kept as it is."),
    "pin": _l("Pinned."),
    "unpin": _l("Unpinned."),
    "lock": _l("Comments are locked."),
    "unlock": _l("Comments are open again."),
}


@blueprint.post("/ideas/<int:idea_id>/acts")
def act_on_idea(idea_id: int) -> Response:
    """Do one act to an idea."""
    return _act_on(*idea_to_moderate(idea_id))


@blueprint.post("/comments/<int:comment_id>/acts")
def act_on_comment(comment_id: int) -> Response:
    """Do one act to a comment."""
    return _act_on(*comment_to_moderate(comment_id))


def _act_on(user: User, city: City, item: Item) -> Response:
    try:
        act = act_as_asked(item, by=user, seen=request.values.get("seen", type=int))
    except NotThere:
        raise
    except Refusal as refusal:
        db.session.rollback()
        return _refused(refusal, row_on(item, city, user), city)
    return _done(act, str(SAID[act.kind]), row_on(item, city, user), city)


def act_as_asked(item: Item, *, by: User, seen: int | None) -> Act:
    """The act the form names. Raises Invalid where it names none that this item can meet."""
    kind = request.form.get("act", "")
    at = now()
    if kind in NEEDS_REASON:
        because, sentence = _reason(), clean_line(request.form.get("sentence", ""))
        return DECISIONS[kind](item, because=because, sentence=sentence, by=by, at=at, seen=seen)
    if kind in DECISIONS:
        return DECISIONS[kind](item, by=by, at=at, seen=seen)
    if kind in MARKS and isinstance(item, Idea):
        return MARKS[kind](item, by=by, at=at, seen=seen)
    raise Invalid(_("Choose what is to be done."), "act")


def _reason() -> int | None:
    return id_in(request.form.get("reason", "")) or None


@blueprint.post("/acts/<int:act_id>/undo")
def undo_act(act_id: int) -> Response:
    """Take an act back, within ten minutes."""
    user, city, act = act_to_undo(act_id)
    try:
        taken_back = undo(act, by=user, at=now())
    except NotThere:
        raise
    except Refusal as refusal:
        db.session.rollback()
        row = _row_about(act, city, user)
        if row is None or wants_json():
            return _refused(refusal, row, city)
        flash(refusal.message)
        return go(_back(city))
    return _done(taken_back, _("Undone."), _row_about(act, city, user), city)


def _row_about(act: Act, city: City, user: User) -> QueueRow | None:
    """The row of what an act was about, if that has one."""
    if act.comment_id is not None and (comment := db.session.get(Comment, act.comment_id)):
        return row_on(comment, city, user)
    if act.idea_id is not None and (idea := db.session.get(Idea, act.idea_id)):
        return row_on(idea, city, user)
    item = db.session.query(QueueItem).filter_by(key=f"person:{city.id}:{act.user_id}").first()
    return next(iter(rows_of([item], city, user)), None) if item else None


def _done(act: Act, message: str, row: QueueRow | None, city: City) -> Response:
    can_be_undone = can_undo(act, now())
    if wants_json():
        return jsonify(
            act=act.id,
            message=message,
            undo_until=undo_until(act).isoformat() if can_be_undone else None,
            item=row.id if row else None,
            row=row_html(row) if row and row.id else None,
        )
    flash(message, f"undo-{act.id}" if can_be_undone else "message")
    return go(_back(city))


def _back(city: City) -> str:
    return safe_next(request.form.get("next"), url_for("moderation.queue", city=city.slug))


def _refused(refusal: Refusal, row: QueueRow | None, city: City) -> Response:
    """What is in the way, with the item as it is now: nothing typed is lost."""
    if wants_json() or row is None:
        field = refusal.field if isinstance(refusal, Invalid) else None
        response = jsonify(
            message=refusal.message,
            errors={field: [refusal.message]} if field else {},
            item=row.id if row else None,
            row=row_html(row) if row and row.id and isinstance(refusal, AlreadyDone) else None,
        )
        response.status_code = refusal.code
        return response
    typed = Typed(_reason(), clean_line(request.form.get("sentence", "")), refusal.message)
    return panel(row, city, typed, refusal.code)
