"""Who looks at a page, for the templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import current_app, render_template, request
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf

from app.accounts.models import User
from app.accounts.policy import may_take_part
from app.cities.queries import nav_cities
from app.core.clock import now
from app.core.times import age
from app.ideas.queries.board import upvoted_among
from app.ideas.queries.views import NOBODY, BoardPage, Viewer

BOARDS_KEPT = 128
_TOKEN = "the-token-of-whoever-asks"  # noqa: S105  stands in a kept page until it is sent


def viewer_of(user: User | None, idea_ids: Sequence[int] = ()) -> Viewer:
    """The person's state on these ideas."""
    if user is None:
        return NOBODY
    return Viewer(
        id=user.id,
        name=user.name,
        is_signed_in=True,
        upvoted=upvoted_among(user.id, idea_ids),
        may_take_part=may_take_part(user, now()),
        needs_confirmation=not user.is_confirmed,
        is_organiser=user.is_organiser,
    )


def board_for_visitors(page: BoardPage, **context: Any) -> str:
    """The whole board as everybody without an account sees it, kept for as long as it would come out the same.

    That is: the same view-model, language, address, ages. Only the token of the forms is each visitor's own.
    """
    at, language = now(), str(get_locale())
    cards = tuple((card.id, card.version, card.upvotes, age(card.created_at, at)) for card in page.cards)
    key = (replace(page, cards=()), cards, language, request.full_path, nav_cities())
    kept: dict[object, str] = current_app.extensions.setdefault("kept_boards", {})
    html = kept.get(key)
    if html is None:
        context |= {"page": page, "viewer": NOBODY, "csrf_token": lambda: _TOKEN}
        html = kept[key] = render_template("ideas/board.html", **context)
        while len(kept) > BOARDS_KEPT:
            kept.pop(next(iter(kept)), None)
    return html.replace(_TOKEN, generate_csrf())
