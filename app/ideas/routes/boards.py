"""A board, what a page of it has missed, and what is like a title."""

from __future__ import annotations

import re

from flask import Response, jsonify, make_response, render_template, request
from flask_babel import get_locale

from app.accounts.access import person
from app.accounts.groups import GROUPS, group_label
from app.cities.access import board_at
from app.cities.queries import board_stamp
from app.core.htmx import is_fragment
from app.core.visitors import kept_for_visitors
from app.ideas.queries.board import board_page, counts_among, figures, upvoted_among
from app.ideas.queries.cards import published_cards
from app.ideas.queries.changes import board_messages, idea_messages, missed_since
from app.ideas.queries.filters import board_filter
from app.ideas.queries.page import group_counts
from app.ideas.queries.search import similar_ids
from app.ideas.queries.watching import watching_on
from app.ideas.routes import blueprint
from app.ideas.routes.viewing import viewer_of

SHOWN_AT_MOST = 300
_PAIR = re.compile(r"(\d{1,9}):(\d{1,9})")


@blueprint.get("/<city>")
@kept_for_visitors(lambda city: board_stamp(city))
def board(city: str) -> Response:
    """The board; for htmx only its list, or, after a key, the next cards."""
    place = board_at(city, person())
    chosen = board_filter(place.slug, request.args)
    after = request.args.get("after", "")
    page = board_page(place, chosen, after=after, watching=watching_on(place.id))
    viewer = viewer_of(person(), [card.id for card in (*page.pinned, *page.cards)])
    template = "ideas/board.html"
    if is_fragment():
        template = "ideas/_cards.html" if after else "ideas/_results.html"
    groups = [(group, group_label(group)) for group in GROUPS]
    response = make_response(render_template(template, page=page, viewer=viewer, groups=groups))
    if is_fragment() and not after:
        response.headers["HX-Push-Url"] = chosen.url()  # without what the form left empty: a link to share
    return response


@blueprint.get("/<city>/changes")
def changes(city: str) -> Response | tuple[str, int]:
    """What a page that knows number `since` and shows these counts has missed; 204 where that is nothing."""
    place = board_at(city, person())
    since = request.args.get("since", type=int)
    idea_id = request.args.get("idea", type=int)
    if since is None or since < 0:
        return jsonify(reload=True)
    if idea_id is not None and not 0 < idea_id < 2**31:
        idea_id = None
    shown = {
        int(key): int(count) for key, count in _PAIR.findall(request.args.get("shown", ""))[:SHOWN_AT_MOST]
    }
    missed = missed_since(place, since, idea_id)
    if missed.too_old:
        return jsonify(reload=True)
    user = person()
    public = counts_among(place.id, list(shown))
    counts = {key: count for key, count in public.items() if shown[key] != count}
    mine = upvoted_among(user.id, list(shown)) if user else frozenset()
    if missed.seq == since and not counts and mine == _ids(request.args.get("mine", "")) & set(shown):
        return "", 204
    numbers = figures(place.id)
    answer = {
        "seq": missed.seq,
        "changes": idea_messages(missed) if idea_id is not None else board_messages(missed),
        "counts": {str(key): count for key, count in counts.items()},
        "figures": {"ideas": numbers.ideas, "upvotes": numbers.upvotes, "people": numbers.people},
        "mine": sorted(mine),
        "watching": watching_on(place.id),
    }
    if idea_id is not None and idea_id in public:
        answer["groups"] = {count.group: count.upvotes for count in group_counts(idea_id)}
    response = jsonify(answer)
    response.headers["Content-Language"] = str(get_locale())
    return response


@blueprint.get("/<city>/similar")
def similar(city: str) -> str:
    """The board's ideas most like `title`, best first."""
    place = board_at(city, person())
    found = similar_ids(
        place.id, request.args.get("title", "")[:200], leaving_out=request.args.get("not", type=int)
    )
    return render_template("ideas/_similar.html", similar=tuple(published_cards(found)))


def _ids(value: str) -> frozenset[int]:
    return frozenset(
        int(key) for key in value.split(",") if key.isascii() and key.isdigit() and len(key) < 10
    )
