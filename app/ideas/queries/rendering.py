"""Fragments, kept as they were rendered by everything that decides about them: version, language, age.

Never a viewer in what is sent to those who watch: a viewer's own state is laid over it by the page.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any

from flask import current_app
from flask_babel import get_locale
from markupsafe import Markup

from app.core.clock import now
from app.core.times import age
from app.ideas.queries.views import NOBODY, ArticleView, CommentView, IdeaCard, Viewer

BODIES_KEPT = 5_000
CARDS_KEPT = 5_000
COMMENTS_KEPT = 2_000


def _rendered(fragment: str, **context: Any) -> str:
    """Without what `render_template` adds for pages: the person who looks, and a query for the navigation."""
    template = current_app.jinja_env.get_template(f"ideas/{fragment}.html")
    return template.render(locale=get_locale().language, **context)


class _Kept:
    """Rendered fragments, the newest of each place; the oldest place is forgotten first.

    What was rendered of an earlier version is never asked for again, so it makes room at once: the memory taken
    depends on how many ideas there are, not on how often they change. Threads may render one twice; both are the same.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.fragments: dict[Hashable, tuple[Hashable, Markup]] = {}

    def get(self, place: Hashable, state: Hashable, render: Callable[[], str]) -> Markup:
        """What `render` gives of the thing at `place` in this `state`, which holds everything it depends on."""
        found = self.fragments.get(place)
        if found is not None and found[0] == state:
            return found[1]
        made = Markup(render())  # noqa: S704  escaped by Jinja
        self.fragments[place] = state, made
        while len(self.fragments) > self.most:
            self.fragments.pop(next(iter(self.fragments)), None)
        return made


def _kept(name: str, most: int) -> _Kept:
    kept: _Kept = current_app.extensions.setdefault(name, _Kept(most))
    return kept


def card_body(card: IdeaCard) -> Markup:
    """The public part of a card."""
    state = card.version, age(card.created_at, now())
    render = partial(_rendered, "_card_body", card=card)
    return _kept("kept_bodies", BODIES_KEPT).get((card.id, str(get_locale())), state, render)


def card_list(cards: Sequence[IdeaCard], viewer: Viewer) -> Markup:
    """The cards as this person sees them, one after the other."""
    kept, language, at = _kept("kept_cards", CARDS_KEPT), str(get_locale()), now()
    parts = []
    for card in cards:
        is_mine, is_own = card.id in viewer.upvoted, card.author.id == viewer.id
        place = card.id, language, is_mine, is_own, card.city_id in viewer.moderates
        state = card.version, age(card.created_at, at), card.upvotes
        parts.append(kept.get(place, state, partial(_rendered, "_card", card=card, viewer=viewer)))
    return Markup("").join(parts)


def card_html(card: IdeaCard) -> str:
    """A card for everyone."""
    return str(card_list((card,), NOBODY))


def comment_html(comment: CommentView) -> str:
    """A comment for everyone, kept by all that it shows."""
    state = comment, age(comment.created_at, now())
    render = partial(_rendered, "_comment", comment=comment, viewer=NOBODY)
    return str(_kept("kept_comments", COMMENTS_KEPT).get((comment.id, str(get_locale())), state, render))


def article_html(article: ArticleView) -> str:
    """An idea's text for everyone."""
    return _rendered("_article", page=article)
