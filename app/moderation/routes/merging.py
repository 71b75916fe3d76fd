"""Two ideas that say the same become one: choose the other, look at both, merge."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from app.accounts.models import User
from app.cities.models import City
from app.cities.queries import city_view
from app.core.clock import now
from app.core.database import is_id
from app.core.errors import NotThere, Refusal
from app.core.htmx import safe_next, wants_json
from app.core.text import clean_line
from app.ideas.access import idea_for
from app.ideas.models import Idea
from app.ideas.queries.cards import idea_url
from app.ideas.queries.page import card_of
from app.moderation.access import idea_to_moderate
from app.moderation.actions.merging import merge_ideas, unmerge
from app.moderation.queries.merging import merged_into, preview, suggestions
from app.moderation.routes import blueprint
from app.moderation.routes.pages import done, page


@blueprint.route("/ideas/<int:idea_id>/merge", methods=["GET", "POST"])
def merge(idea_id: int) -> Response:
    """Without `into`: which idea says the same? With it: both side by side; POST merges this one into that one.

    `do=unmerge` takes this one, merged before, out of the other again.
    """
    user, city, duplicate = idea_to_moderate(idea_id)
    if request.form.get("do") == "unmerge":
        return _take_apart(user, city, duplicate)
    into = request.values.get("into", type=int)
    target = _target(user, city, duplicate, into) if into is not None else None
    if target is None or (request.method == "GET" and not duplicate.is_published):
        if request.method == "POST":
            raise NotThere()
        return _choose(city, duplicate)
    if request.method == "GET":
        return _compare(city, duplicate, target)
    title = target.title
    where = safe_next(request.form.get("next"), idea_url(city.slug, target.id, title))
    try:
        act = merge_ideas(duplicate, into=target, by=user, at=now(), seen=request.form.get("seen", type=int))
    except Refusal as refusal:
        if wants_json() or isinstance(refusal, NotThere):
            raise
        if not duplicate.is_published:
            return _choose(city, duplicate, refusal)
        return _compare(city, duplicate, target, refusal)
    return done(act, _("Merged into “%(title)s”.", title=title), where)


def _take_apart(user: User, city: City, duplicate: Idea) -> Response:
    """What was merged stands alone again; possible for ever."""
    where, title = idea_url(city.slug, duplicate.id, duplicate.title), duplicate.title
    act = unmerge(duplicate, by=user, at=now())
    return done(act, _("“%(title)s” stands alone again.", title=title), where)


def _target(user: User, city: City, duplicate: Idea, into: int) -> Idea:
    if not is_id(into) or into == duplicate.id:
        raise NotThere()
    found = idea_for(user, into, on=city)
    if not found.is_published:
        raise NotThere()
    return found


def _choose(city: City, duplicate: Idea, refusal: Refusal | None = None) -> Response:
    q = clean_line(request.args.get("q", ""))[:200]
    return page(
        "merge",
        status=refusal.code if refusal else 200,
        message=refusal.message if refusal else "",
        city=city_view(city),
        idea=card_of(duplicate.id),
        suggestions=suggestions(duplicate, q) if duplicate.is_published else (),
        parts=merged_into(duplicate),
        q=q,
        **_carried(),
    )


def _compare(city: City, duplicate: Idea, target: Idea, refusal: Refusal | None = None) -> Response:
    return page(
        "merge_both",
        status=refusal.code if refusal else 200,
        city=city_view(city),
        both=preview(duplicate, target),
        message=refusal.message if refusal else "",
        swap=url_for("moderation.merge", idea_id=target.id, into=duplicate.id, **_next()),
        **_carried(),
    )


def _carried() -> dict[str, Any]:
    """Where to go afterwards, and what of the queue was seen: handed on from page to page."""
    seen = request.values.get("seen", type=int)
    return {"next": safe_next(request.values.get("next"), ""), "seen": "" if seen is None else str(seen)}


def _next() -> dict[str, Any]:
    wanted = safe_next(request.values.get("next"), "")
    return {"next": wanted} if wanted else {}
