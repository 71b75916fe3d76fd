"""Rows and panels as moderators are shown them: rendered for one person, never kept, never pushed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, jsonify, request
from flask_babel import get_locale

from app.cities.models import City
from app.cities.queries import city_view
from app.core.htmx import is_fragment, safe_next, wants_json
from app.moderation.queries.reasons import reasons
from app.moderation.queries.views import QueueRow
from app.moderation.routes.pages import page


@dataclass(frozen=True)
class Typed:
    """What somebody typed for an act that was refused, and the refusal."""

    reason: int | None = None
    sentence: str = ""
    message: str = ""


def row_html(row: QueueRow) -> str:
    """A row of the queue, for a script. Without what a page adds: its queries would be asked for every row."""
    return _rendered("_item", row=row)


def panel(row: QueueRow, city: City, typed: Typed | None = None, status: int = 200) -> Response:
    """All acts on one item: a page, or the panel alone for a script that shows it over another page."""
    back = safe_next(request.values.get("next"), row.url or f"/{city.slug}/moderate")
    shown: dict[str, Any] = {"row": row, "reasons": reasons(), "typed": typed or Typed(), "back": back}
    if wants_json() or is_fragment():
        html = _rendered("_panel", **shown)
        response = jsonify(html=html) if wants_json() else Response(html)
        response.status_code = status
        response.headers["Cache-Control"] = "no-store"
        return response
    return page("moderate", status=status, city=city_view(city), **shown)


def _rendered(fragment: str, **context: object) -> str:
    template = current_app.jinja_env.get_template(f"moderation/{fragment}.html")
    return template.render(locale=get_locale().language, **context)
