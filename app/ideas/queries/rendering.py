"""Public fragments, rendered for nobody in particular, kept by (idea, version, language, age).

Never a viewer here: what is rendered goes to everyone who watches. A viewer's own state is laid over it by the page.
"""

from __future__ import annotations

from flask import render_template
from flask_babel import get_locale
from markupsafe import Markup

from app.core.times import ago
from app.ideas.queries.views import NOBODY, ArticleView, CommentView, IdeaCard

CARDS_KEPT = 20_000


class _Kept:
    """Rendered card bodies, the oldest forgotten first. Threads may render one twice; both are the same."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.bodies: dict[tuple[object, ...], Markup] = {}

    def get(self, card: IdeaCard) -> Markup:
        key = (card.id, card.version, str(get_locale()), ago(card.created_at))
        body = self.bodies.get(key)
        if body is None:
            body = Markup(render_template("ideas/_card_body.html", card=card))  # noqa: S704  escaped by Jinja
            self.bodies[key] = body
            while len(self.bodies) > self.most:
                self.bodies.pop(next(iter(self.bodies)), None)
        return body


_kept = _Kept(CARDS_KEPT)


def card_body(card: IdeaCard) -> Markup:
    """The public part of a card."""
    return _kept.get(card)


def card_html(card: IdeaCard) -> str:
    """A card for everyone."""
    return render_template("ideas/_card.html", card=card, viewer=NOBODY)


def comment_html(comment: CommentView) -> str:
    """A comment for everyone."""
    return render_template("ideas/_comment.html", comment=comment, viewer=NOBODY)


def article_html(article: ArticleView) -> str:
    """An idea's text for everyone."""
    return render_template("ideas/_article.html", page=article)
