"""A board, and what on it is like a title."""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from app.accounts.access import person
from app.accounts.groups import GROUPS, group_label
from app.cities.access import board_at
from app.cities.queries import board_stamp
from app.core.htmx import is_fragment
from app.core.visitors import kept_for_visitors
from app.ideas.queries.board import board_page
from app.ideas.queries.cards import published_cards
from app.ideas.queries.filters import board_filter
from app.ideas.queries.search import similar_ids
from app.ideas.queries.watching import watching_on
from app.ideas.routes import blueprint
from app.ideas.routes.viewing import viewer_of


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


@blueprint.get("/<city>/similar")
def similar(city: str) -> str:
    """The board's ideas most like `title`, best first."""
    place = board_at(city, person())
    found = similar_ids(
        place.id, request.args.get("title", "")[:200], leaving_out=request.args.get("not", type=int)
    )
    return render_template("ideas/_similar.html", similar=tuple(published_cards(found)))
