"""The public moderation log of a board, as a page and as CSV."""

from __future__ import annotations

from flask import Response, render_template, request
from flask_babel import get_locale

from app.accounts.access import person
from app.cities.access import board_at
from app.cities.queries import city_view
from app.core.database import is_id
from app.core.limits import spend
from app.core.security import own_origin
from app.moderation.models import KINDS_OF_ACT
from app.moderation.queries.log import every_line, kind_or_all, log_page
from app.moderation.queries.log_csv import csv_of
from app.moderation.queries.log_figures import log_figures
from app.moderation.queries.words import act_words
from app.moderation.routes import blueprint


@blueprint.get("/<city>/log")
def log(city: str) -> str:
    """What moderators did on this board, newest first; for everybody who may read it."""
    place = board_at(city, person())
    kind = kind_or_all(request.args.get("kind", ""))
    before = request.args.get("before", type=int)
    return render_template(
        "moderation/log.html",
        city=city_view(place),
        page=log_page(place, kind=kind, before=before if before and is_id(before) else None),
        figures=log_figures(place),
        kind=kind,
        kinds=tuple((key, act_words(key)) for key in KINDS_OF_ACT),
        is_first=before is None,
    )


@blueprint.get("/<city>/log.csv")
def log_csv(city: str) -> Response:
    """The whole log as a table; `kind` narrows it."""
    place = board_at(city, person())
    spend("log as CSV", request.remote_addr or "unknown", limit="60 per 10 minutes")
    kind = kind_or_all(request.args.get("kind", ""))
    table = "".join(csv_of(every_line(place, kind=kind), own_origin()))
    response = Response(table, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="moderation-log-{place.slug}.csv"'
    response.headers["Content-Language"] = str(get_locale())
    response.headers["Cache-Control"] = "private, no-cache"
    return response
