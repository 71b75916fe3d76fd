"""create_app: the only place that knows every slice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import redis
import structlog
from flask import Flask, has_request_context, jsonify, request, session
from flask_babel import get_locale
from jinja2 import StrictUndefined
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import style
from app.accounts.access import person
from app.accounts.events import (
    AccountErased,
    AffiliationRefuted,
    AffiliationVerified,
    EmailConfirmed,
)
from app.accounts.routes import blueprint as accounts_routes
from app.cities.events import EditionEnded, ThemeRenamed
from app.cities.queries import nav_cities
from app.cli import init_cli
from app.core import announce, metrics
from app.core.assets import init_assets
from app.core.config import LANGUAGES, Settings, read_settings
from app.core.database import engine_options, prepare_postgresql, prepare_sqlite
from app.core.errors import init_errors
from app.core.extensions import babel, compress, csrf, db, limiter, login_manager, migrate, socketio
from app.core.frame import init_frame
from app.core.limits import redis_options
from app.core.logs import init_logs
from app.core.security import init_security
from app.core.times import init_times
from app.ideas.actions.counting import count_upvotes_of
from app.ideas.actions.erasing import show_author_anew
from app.ideas.actions.renaming import show_theme_anew
from app.ideas.events import (
    Contributed,
    IdeasLeaving,
    PeopleLeaving,
    PeopleLeft,
    UpvotesChanged,
    Withdrawn,
)
from app.ideas.queries.mine import also_of_own
from app.ideas.queries.rendering import card_body, card_list
from app.ideas.queries.watching import count_watching_with
from app.ideas.routes import blueprint as ideas_routes
from app.ideas.routes.series import blueprint as series_routes
from app.ideas.routes.viewing import viewer_of
from app.live.delivery import delivery
from app.live.namespace import live
from app.live.seats import SocketsOnly
from app.live.topics import watchers
from app.live.wire import HEARD
from app.moderation.actions.alerting import look_for_burst, look_for_copies
from app.moderation.actions.forgetting import forget_person
from app.moderation.actions.giving_back import give_back_from_withdrawn, take_apart_what_leaves
from app.moderation.actions.queueing import dequeue_withdrawn, enqueue_contribution
from app.moderation.queries.own import acts_on_me, own_objections, own_reports
from app.moderation.routes import blueprint as moderation_routes
from app.notices import hearing as notices
from app.notices.commands import send_digests
from app.notices.queries.own import own_choice, own_notices
from app.notices.queries.standing import unread_of
from app.notices.routes import blueprint as notices_routes
from app.organising.routes import blueprint as organising_routes
from app.workshops.actions.clearing import end_rehearsals, put_out_lights, tell_rooms
from app.workshops.actions.joining import erase_room_accounts
from app.workshops.queries.joining import own_workshops
from app.workshops.queries.watching import count_room_with
from app.workshops.routes import blueprint as workshops_routes
from app.workshops.routes.room import room_view

log = structlog.get_logger(__name__)

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """The application, with settings from the environment and `overrides`.

    Raises WrongSetting with a sentence for the operator.
    """
    config = read_settings(overrides)
    app = Flask(__name__, static_folder=None)  # core.assets serves them, under lasting addresses
    app.extensions["settings"] = config
    _configure(app, config)
    init_logs(app)
    _init_extensions(app, config)
    init_assets(app, config)
    init_security(app, config)
    init_errors(app)
    init_times(app)
    init_frame(app)
    _init_pages(app, config)
    _init_health(app, config)
    metrics.init_metrics(app, config)
    _listen()
    init_cli(app)
    app.cli.add_command(send_digests)
    return app


def _configure(app: Flask, config: Settings) -> None:
    app.config.update(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(config.database_url),
        SESSION_COOKIE_NAME="__Host-session" if config.https else "session",
        SESSION_COOKIE_SECURE=config.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=60),
        PREFERRED_URL_SCHEME="https" if config.https else "http",
        MAX_CONTENT_LENGTH=256 * 1024,
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        MAX_FORM_PARTS=200,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a page left open over a workshop must still post
        WTF_CSRF_SSL_STRICT=False,  # the Origin is checked by core.security, the Referer says less
        RATELIMIT_STORAGE_URI=config.redis_url or "memory://",
        RATELIMIT_ENABLED=config.rate_limits,
        RATELIMIT_STORAGE_OPTIONS=redis_options() if config.redis_url else {},
        BABEL_DEFAULT_LOCALE="en",
        BABEL_TRANSLATION_DIRECTORIES="translations",
        COMPRESS_MIMETYPES=["text/html", "application/json"],
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,
        COMPRESS_LEVEL=5,
        TEMPLATES_AUTO_RELOAD=config.development,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.json.sort_keys = False  # type: ignore[attr-defined]


def _init_extensions(app: Flask, config: Settings) -> None:
    db.init_app(app)
    with app.app_context():
        prepare = prepare_sqlite if config.uses_sqlite else prepare_postgresql
        prepare(db.engine)
    migrate.init_app(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    login_manager.init_app(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=chosen_language)
    limiter.init_app(app)
    compress.init_app(app)
    if config.process != "web":
        _init_sockets(app, config)
    delivery.attach(app, socketio)
    count_watching_with(delivery.on_city)
    count_room_with(delivery.in_room)
    metrics.read_when_asked("cip_waiting", "Events that wait to be delivered.", "queue", delivery.waiting)


def _init_sockets(app: Flask, config: Settings) -> None:
    """Open `/socket.io/`. A process for sockets alone has no pages: its own short answers, and 404 for the rest."""
    if config.process == "live":
        app.wsgi_app = SocketsOnly(app.wsgi_app)  # type: ignore[method-assign]
    socketio.init_app(
        app,
        async_mode="gevent" if config.process == "live" else "threading",
        transports=["websocket"],
        cors_allowed_origins="*",  # the namespace refuses every Origin but our own, exactly, and the missing one
        manage_session=False,
        async_handlers=False,  # one after the other for a page: "watch" and "unwatch" keep their order
        ping_interval=25,
        ping_timeout=20,
        max_http_buffer_size=4096,  # pages say nothing but "watch"
        http_compression=False,
        websocket_compression=False,
        cookie=None,
    )
    socketio.on_namespace(live)
    metrics.read_when_asked("cip_watchers", "Open pages of a board and its ideas.", "city", watchers.by_slug)
    metrics.read_when_asked(
        "cip_sockets", "Open sockets, by whether they watch.", "watches", watchers.sockets
    )


def chosen_language() -> str:
    """The language chosen on the page, else the person's, else the best the browser asks for.

    On the command line, where nobody has chosen: English.
    """
    if not has_request_context():
        return "en"
    code = session.get("language")
    if code not in LANGUAGES:
        user = person()
        code = user.language if user and user.language in LANGUAGES else None
    if code is None:
        code = _wanted()
    return code


def _wanted() -> str:
    """The first language the browser asks for that there is, whatever its region: zh-CN is zh before en is en."""
    for tag, _quality in request.accept_languages:
        code = tag.split("-")[0].lower()
        if code in LANGUAGES:
            return code
    return "en"


def _init_pages(app: Flask, config: Settings) -> None:
    app.register_blueprint(accounts_routes)
    app.register_blueprint(series_routes)
    app.register_blueprint(ideas_routes)
    app.register_blueprint(moderation_routes)
    app.register_blueprint(notices_routes)
    app.register_blueprint(organising_routes)
    app.register_blueprint(workshops_routes)
    if config.development:
        app.register_blueprint(style.blueprint)
    app.jinja_env.globals.update(
        card_body=card_body, card_list=card_list, unread_notices=_unread_notices, room_view=room_view
    )
    also_of_own("reports", own_reports)
    also_of_own("objections", own_objections)
    also_of_own("moderation", acts_on_me)
    also_of_own("notices", own_notices)
    also_of_own("notice_mail", own_choice)
    also_of_own("workshops", own_workshops)

    @app.context_processor
    def _on_every_page() -> dict[str, Any]:
        return {
            "viewer": viewer_of(person()),
            "locale": get_locale().language,
            "languages": list(LANGUAGES.items()),
            "nav_cities": nav_cities(),
        }


def _unread_notices() -> int:
    """How many notices wait for whoever looks; asked by the frame of a page, not by fragments."""
    user = person()
    return unread_of(user) if user else 0


def _init_health(app: Flask, config: Settings) -> None:
    @app.get("/healthz")
    def healthz() -> Any:
        """The process answers."""
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> Any:
        """The database answers, and Redis where it is set; else 503 and which does not.

        Of several processes none is taken away for want of Redis, which would end them all: they work without it.
        """
        missing = []
        try:
            db.session.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError):
            log.exception("database_not_ready")
            missing.append("database")
        if config.redis_url and not _redis_answers(config.redis_url):
            missing.append("redis")
        works = not missing or (config.process != "all" and missing == ["redis"])
        answer = jsonify(status="ready" if works else "unready", missing=missing)
        answer.status_code = 200 if works else 503
        return answer


def _redis_answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
            answers = bool(client.ping())
            metrics.redis_answers("ready")
            return answers
    except redis.RedisError:
        metrics.redis_lost("ready")
        return False


def _listen() -> None:
    announce.during(EmailConfirmed)(_count_upvotes)
    announce.during(AccountErased)(_show_anew)
    announce.during(AffiliationVerified)(_show_anew)
    announce.during(AffiliationRefuted)(_show_anew)
    announce.during(AccountErased)(forget_person)
    announce.during(Contributed)(enqueue_contribution)
    announce.during(Withdrawn)(dequeue_withdrawn)
    announce.during(Withdrawn)(give_back_from_withdrawn)
    announce.during(IdeasLeaving)(take_apart_what_leaves)
    announce.during(PeopleLeaving)(end_rehearsals)
    announce.during(IdeasLeaving)(put_out_lights)
    announce.during(PeopleLeft)(tell_rooms)
    announce.during(ThemeRenamed)(_show_theme_anew)
    announce.after(EditionEnded)(erase_room_accounts)
    announce.after(UpvotesChanged)(look_for_burst)
    announce.after(Contributed)(look_for_copies)
    notices.listen()
    for event_type in HEARD:
        announce.after(event_type)(delivery.hear)


def _count_upvotes(event: EmailConfirmed) -> None:
    count_upvotes_of(event.user_id)


def _show_anew(event: AccountErased | AffiliationVerified | AffiliationRefuted) -> None:
    show_author_anew(event.user_id)


def _show_theme_anew(event: ThemeRenamed) -> None:
    show_theme_anew(event.theme_id)
