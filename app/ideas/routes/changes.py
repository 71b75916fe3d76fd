"""What a page of a board has missed: asked by every open page again and again, and by all at once after a fault."""

from __future__ import annotations

import re

from flask import Response, jsonify, request
from flask_babel import get_locale

from app.accounts.access import person
from app.cities.access import board_now
from app.core.compressing import travelling
from app.core.metrics import caught_up
from app.ideas.queries.board import counts_among, upvoted_among
from app.ideas.queries.page import group_counts
from app.ideas.queries.sharing import TOO_OLD, as_json, changes_json, figures_json
from app.ideas.queries.watching import watching_on
from app.ideas.routes import blueprint

SHOWN_AT_MOST = 300
_PAIR = re.compile(r"(\d{1,9}):(\d{1,9})")


@blueprint.get("/<city>/changes")
def changes(city: str) -> Response | tuple[str, int]:
    """What a page that knows number `since` and shows these counts has missed; 204 where that is nothing."""
    user = person()
    place = board_now(city, user)
    since = request.args.get("since", type=int)
    idea_id = request.args.get("idea", type=int)
    if since is None or not 0 <= since <= place.seq:
        caught_up("reload")
        return jsonify(reload=True)
    if idea_id is not None and not 0 < idea_id < 2**31:
        idea_id = None
    shown = {
        int(key): int(count) for key, count in _PAIR.findall(request.args.get("shown", ""))[:SHOWN_AT_MOST]
    }
    public = counts_among(place.id, list(shown))
    counts = {key: public[key] for key, count in shown.items() if key in public and public[key] != count}
    mine = upvoted_among(user.id, list(shown)) if user else frozenset()
    if place.seq == since and not counts and mine == _ids(request.args.get("mine", "")) & set(shown):
        caught_up("nothing")
        return "", 204
    groups = None
    if idea_id is not None and idea_id in public:
        groups = {count.group: count.upvotes for count in group_counts(idea_id)}
    missed = changes_json(place.id, place.seq, since, idea_id)
    if missed is TOO_OLD:
        caught_up("reload")
        return jsonify(reload=True)
    caught_up("changes" if place.seq != since else "counts")
    parts = {
        "seq": str(place.seq),
        "counts": as_json(counts),
        "figures": figures_json(place.id, place.seq),
        "mine": as_json(sorted(mine)),
        "watching": str(watching_on(place.id)),
    }
    if groups is not None:
        parts["groups"] = as_json(groups)
    rest = "".join(f',"{name}":{part}' for name, part in parts.items())
    response = travelling(missed, f"{rest}}}\n".encode(), "application/json")
    response.headers["Content-Language"] = str(get_locale())
    return response


def _ids(value: str) -> frozenset[int]:
    return frozenset(
        int(key) for key in value.split(",") if key.isascii() and key.isdigit() and len(key) < 10
    )
