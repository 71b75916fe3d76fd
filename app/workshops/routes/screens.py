"""What a projector or TV asks for: its page, its contents as they change, and a page for old browsers."""

from __future__ import annotations

from dataclasses import replace

import structlog
from flask import Response, jsonify, make_response, request
from flask_babel import force_locale
from sqlalchemy.exc import OperationalError

from app.cities.models import City
from app.core.clock import now
from app.core.extensions import db
from app.workshops.actions.screening import let_go, note_seen
from app.workshops.models import Screen
from app.workshops.queries.screens import find_screen, open_screen
from app.workshops.queries.stage import AT_ONCE
from app.workshops.routes import blueprint
from app.workshops.routes.showing import Shown, asset, language_of, part_of, rendered, shown_on

log = structlog.get_logger(__name__)

THEMES = ("light", "dark")


def closed_to_others(response: Response) -> Response:
    """Whoever knows the address of a screen sees it: so nobody keeps it, indexes it or passes it on."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/screen/<token>")
def screen(token: str) -> Response:
    """The screen, drawn already, with the scripts that keep it fresh. Without a link that works: black, 404."""
    found = open_screen(token)
    if found is None:
        return _nothing()
    let_go(token)
    shown = _shown(*found)
    return _page("screen", shown, token)


@blueprint.get("/screen/<token>/state.json")
def screen_state(token: str) -> Response:
    """The contents for a script; 410 once the link is revoked, 404 where there never was one."""
    found = find_screen(token)
    if found is None or found[0].revoked_at is not None:
        gone = jsonify(revoked=found is not None)
        gone.status_code = 410 if found else 404
        return closed_to_others(gone)
    shown = _shown(*found)
    return closed_to_others(jsonify(shown.message()))


@blueprint.get("/screen/<token>/plain")
def plain_screen(token: str) -> Response:
    """The same for browsers that know nothing of modules: plain HTML that fetches itself anew every ten seconds."""
    found = open_screen(token)
    if found is None:
        return _nothing()
    shown = _shown(*found)
    pages = max(1, -(-len(shown.stage.ideas) // AT_ONCE)) if shown.mode == "wall" else 1
    asked = request.args.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else 1
    page = page if 1 <= page <= pages else 1
    first = (page - 1) * AT_ONCE
    stage = replace(shown.stage, ideas=shown.stage.ideas[first : first + AT_ONCE])
    return _page("plain", shown, token, stage=stage, pages=pages, next_page=page % pages + 1, at=now())


@blueprint.get("/screen/worker.js")
def screen_worker() -> Response:
    """Opens screens without the network. It stands here because a worker serves only what lies beside it."""
    worker = asset("js/screen-worker.js")
    response = make_response(f'importScripts("{worker}");\n')
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _shown(screen: Screen, city: City) -> Shown:
    language = language_of(city, request.args.get("language"))
    shown = shown_on(screen, city, language)
    try:
        note_seen(screen, now())
    except OperationalError:  # a screen only reads: it must not notice that nothing can be written just now
        db.session.rollback()
        log.warning("screen_not_noted")
    return shown


def _page(template: str, shown: Shown, token: str, **more: object) -> Response:
    theme = request.args.get("theme", "")
    with force_locale(shown.language):
        page = rendered(
            template,
            shown=shown,
            token=token,
            part=part_of(shown.mode),
            theme=theme if theme in THEMES else "",
            **{"stage": shown.stage, **more},
        )
    return closed_to_others(make_response(page))


def _nothing() -> Response:
    return closed_to_others(make_response(rendered("gone"), 404))
