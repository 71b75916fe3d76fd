"""The moderators' queue: the page, and what of it a script asks for."""

from __future__ import annotations

from flask import Response, jsonify, request

from app.core.database import id_in, is_id
from app.core.htmx import is_fragment
from app.moderation.access import comment_to_moderate, idea_to_moderate, moderator_at
from app.moderation.queries.filters import queue_filter
from app.moderation.queries.queue import AT_ONCE, changed_since, queue_page, these
from app.moderation.queries.rows import row_on
from app.moderation.queries.views import QueueNews
from app.moderation.routes import blueprint
from app.moderation.routes.pages import page
from app.moderation.routes.showing import panel, row_html


@blueprint.get("/<city>/moderate")
def queue(city: str) -> Response:
    """What waits for a moderator, the most urgent first; for htmx, after a key, the next rows."""
    user, place = moderator_at(city)
    chosen = queue_filter(place.slug, request.args)
    found = queue_page(place, chosen, user, after=request.args.get("after", ""))
    return page("_items" if is_fragment() else "queue", page=found)


@blueprint.get("/<city>/moderate/items")
def queue_items(city: str) -> Response:
    """What has changed after the number `since`, or the items `ids`, as they belong to this view of the queue."""
    user, place = moderator_at(city)
    chosen = queue_filter(place.slug, request.args)
    if "ids" in request.args:
        ids = [item_id for item_id in map(id_in, request.args["ids"].split(",")) if item_id]
        news = these(place, chosen, user, ids[:AT_ONCE])
    else:
        since = request.args.get("since", type=int)
        news = changed_since(place, chosen, user, since if since is not None and is_id(since + 1) else 0)
    response = jsonify(_told(news))
    response.headers["Cache-Control"] = "no-store"
    return response


def _told(news: QueueNews) -> dict[str, object]:
    """`html` for a row that belongs to the view; else null, and as `settled` what to show where it stood."""
    shown = {row.id: row_html(row) for row in news.rows}
    return {
        "stamp": news.stamp,
        "more": news.more,
        "waiting": {needs or "all": count for needs, count in news.waiting.items()},
        "rows": [
            {
                "id": item_id,
                "html": shown.get(item_id) if item_id in news.belonging else None,
                "settled": None if item_id in news.belonging else shown.get(item_id),
            }
            for item_id in news.changed
        ],
    }


@blueprint.get("/ideas/<int:idea_id>/moderate")
def moderate_idea(idea_id: int) -> Response:
    """All acts on an idea."""
    user, city, idea = idea_to_moderate(idea_id)
    return panel(row_on(idea, city, user), city)


@blueprint.get("/comments/<int:comment_id>/moderate")
def moderate_comment(comment_id: int) -> Response:
    """All acts on a comment."""
    user, city, comment = comment_to_moderate(comment_id)
    return panel(row_on(comment, city, user), city)
