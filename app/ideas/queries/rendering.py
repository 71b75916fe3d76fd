"""Public fragments, rendered for nobody in particular, kept by (idea, version, language, age).

Never a viewer here: what is rendered goes to everyone who watches. A viewer's own state is laid over it by the page.
"""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import get_locale
from markupsafe import Markup

from app.core.times import ago
from app.ideas.queries.views import NOBODY, ArticleView, CommentView, IdeaCard

CARDS_KEPT = 20_000


def _rendered(fragment: str, **context: Any) -> str:
    """Without what `render_template` adds for pages: the person who looks, and a query for the navigation."""
    template = current_app.jinja_env.get_template(f"ideas/{fragment}.html")
    return template.render(locale=get_locale().language, **context)


class _Kept:
    """Rendered card bodies, the oldest forgotten first. Threads may render one twice; both are the same."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.bodies: dict[tuple[object, ...], Markup] = {}

    def get(self, card: IdeaCard) -> Markup:
        key = (card.id, card.version, str(get_locale()), ago(card.created_at))
        body = self.bodies.get(key)
        if body is None:
            body = Markup(_rendered("_card_body", card=card))  # noqa: S704  escaped by Jinja
            self.bodies[key] = body
            while len(self.bodies) > self.most:
                self.bodies.pop(next(iter(self.bodies)), None)
        return body


def card_body(card: IdeaCard) -> Markup:
    """The public part of a card."""
    kept: _Kept = current_app.extensions.setdefault("kept_cards", _Kept(CARDS_KEPT))
    return kept.get(card)


def card_html(card: IdeaCard) -> str:
    """A card for everyone."""
    return _rendered("_card", card=card, viewer=NOBODY)


def comment_html(comment: CommentView) -> str:
    """A comment for everyone."""
    return _rendered("_comment", comment=comment, viewer=NOBODY)


def article_html(article: ArticleView) -> str:
    """An idea's text for everyone."""
    return _rendered("_article", page=article)
