"""The part of every page's frame that nothing decides about but the language: rendered once, then kept."""

from __future__ import annotations

from collections.abc import Collection

from flask import Flask, current_app
from flask_babel import get_locale
from markupsafe import Markup

from app.core.config import settings


def page_words(moderates: Collection[int]) -> Markup:
    """What scripts say, in the reader's language; more of it for who moderates any of these cities."""
    kept: dict[tuple[str, bool], Markup] = current_app.extensions.setdefault("kept_words", {})
    key = (str(get_locale()), bool(moderates))
    if key not in kept or settings().development:
        template = current_app.jinja_env.get_template("_words.html")
        kept[key] = Markup(template.render(moderates=bool(moderates)))  # noqa: S704  escaped by Jinja
    return kept[key]


def init_frame(app: Flask) -> None:
    """Give templates `page_words(moderates)`."""
    app.jinja_env.globals["page_words"] = page_words
