"""Fragments, kept as they were rendered by everything that decides about them: version, language, age.

Never a viewer in what is sent to those who watch: a viewer's own state is laid over it by the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import current_app
from flask_babel import get_locale
from markupsafe import Markup

from app.core.clock import now
from app.core.times import age
from app.ideas.queries.views import NOBODY, ArticleView, CommentView, IdeaCard, Viewer

BODIES_KEPT = 20_000
CARDS_KEPT = 5_000  # these change with every upvote
COMMENTS_KEPT = 2_000


def _rendered(fragment: str, **context: Any) -> str:
    """Without what `render_template` adds for pages: the person who looks, and a query for the navigation."""
    template = current_app.jinja_env.get_template(f"ideas/{fragment}.html")
    return template.render(locale=get_locale().language, **context)


class _Kept:
    """Rendered fragments, the oldest forgotten first. Threads may render one twice; both are the same."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.fragments: dict[tuple[object, ...], Markup] = {}

    def get(self, key: tuple[object, ...], render: Callable[[], str]) -> Markup:
        found = self.fragments.get(key)
        if found is None:
            found = Markup(render())  # noqa: S704  escaped by Jinja
            self.fragments[key] = found
            while len(self.fragments) > self.most:
                self.fragments.pop(next(iter(self.fragments)), None)
        return found


def _kept(name: str, most: int) -> _Kept:
    kept: _Kept = current_app.extensions.setdefault(name, _Kept(most))
    return kept


def card_body(card: IdeaCard) -> Markup:
    """The public part of a card."""
    key = (card.id, card.version, str(get_locale()), age(card.created_at, now()))
    return _kept("kept_bodies", BODIES_KEPT).get(key, partial(_rendered, "_card_body", card=card))


def card_list(cards: Sequence[IdeaCard], viewer: Viewer) -> Markup:
    """The cards as this person sees them, one after the other."""
    kept, language, at = _kept("kept_cards", CARDS_KEPT), str(get_locale()), now()
    parts = []
    for card in cards:
        is_mine, is_own = card.id in viewer.upvoted, card.author.id == viewer.id
        key = (
            card.id, card.version, language, age(card.created_at, at), card.upvotes,
            is_mine, is_own, card.city_id in viewer.moderates,
        )  # fmt: skip
        parts.append(kept.get(key, partial(_rendered, "_card", card=card, viewer=viewer)))
    return Markup("").join(parts)


def card_html(card: IdeaCard) -> str:
    """A card for everyone."""
    return card_list((card,), NOBODY)


def comment_html(comment: CommentView) -> str:
    """A comment for everyone, kept by all that it shows."""
    key = (comment, str(get_locale()), age(comment.created_at, now()))
    return _kept("kept_comments", COMMENTS_KEPT).get(
        key, partial(_rendered, "_comment", comment=comment, viewer=NOBODY)
    )


def article_html(article: ArticleView) -> str:
    """An idea's text for everyone."""
    return _rendered("_article", page=article)
