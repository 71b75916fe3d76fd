"""One act on many items of the queue at once."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, jsonify, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.database import id_in
from app.core.errors import Invalid, NotThere, Refusal
from app.core.extensions import db
from app.core.htmx import go, safe_next, wants_json
from app.ideas.models import Comment, Idea
from app.moderation.access import moderator_at, queue_item_at
from app.moderation.items import Item
from app.moderation.models import QueueItem
from app.moderation.queries.queue import AT_ONCE
from app.moderation.queries.rows import rows_of
from app.moderation.routes import blueprint
from app.moderation.routes.acts import act_as_asked
from app.moderation.routes.showing import row_html


@blueprint.post("/<city>/moderate/acts")
def act_on_many(city: str) -> Response:
    """One act on many items of the queue; each is decided by itself, and those that cannot be are counted."""
    user, place = moderator_at(city)
    slug, done, told, touched = place.slug, 0, [], []
    for item_id, seen in _many():
        try:
            _user, place, item = queue_item_at(item_id)
            if place.slug != slug:
                raise NotThere()
            touched.append(item.id)
            act_as_asked(_subject_of(item), by=user, seen=seen)
            done += 1
        except Refusal as refusal:
            db.session.rollback()
            told.append({"id": item_id, "message": refusal.message})
    message = _("Nothing was ticked.") if not done and not told else _summary(done, told)
    if wants_json():
        _user, place = moderator_at(slug)
        items = db.session.query(QueueItem).filter(QueueItem.id.in_(touched)).all()
        rows = [{"id": row.id, "html": row_html(row)} for row in rows_of(items, place, user)]
        response = jsonify(message=message, done=done, refused=told, rows=rows)
        response.status_code = 200 if done else 422
        return response
    flash(message)
    return go(safe_next(request.form.get("next"), url_for("moderation.queue", city=slug)))


def _many() -> list[tuple[int, int | None]]:
    """Ids of queue items, with the decisions the page had seen where it said so: `12` or `12:3`."""
    found = []
    for value in request.form.getlist("items")[:AT_ONCE]:
        item_id, _colon, seen = value.partition(":")
        if id_in(item_id):
            found.append((id_in(item_id), id_in(seen) if seen else None))
    return found


def _subject_of(item: QueueItem) -> Item:
    subject = (
        db.session.get(Comment, item.comment_id)
        if item.comment_id is not None
        else db.session.get(Idea, item.idea_id)
        if item.subject == "idea"
        else None
    )
    if subject is None:
        raise Invalid(_("This one is decided on a page of its own."))
    return subject


def _summary(done: int, told: list[dict[str, Any]]) -> str:
    parts = [ngettext("%(num)d item decided.", "%(num)d items decided.", done)]
    if told:
        parts.append(ngettext("%(num)d was left as it is.", "%(num)d were left as they are.", len(told)))
        parts.append(next((one["message"] for one in told if one["message"]), ""))
    return " ".join(part for part in parts if part)
