"""The doors every request passes: where it comes from, and what the browser may do with the answer."""

from __future__ import annotations

from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, abort, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.core.config import Settings, settings

log = structlog.get_logger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SAFE = ("GET", "HEAD", "OPTIONS")
NAMELESS = ("healthz", "readyz", "metrics")
"""Endpoints whose answers hold no address: machines ask them by whatever name they know."""
CDN_SCRIPTS = (
    "https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/dist/htmx.min.js",
    "https://cdn.jsdelivr.net/npm/socket.io-client@4.8.4/dist/socket.io.min.js",
)


def own_origin() -> str:
    """Scheme and host this product is reached at: the setting, else the request's own."""
    return settings().public_url or request.host_url.rstrip("/")


def is_own_origin(origin: str | None) -> bool:
    """Whether `origin` is exactly ours. A missing one is not."""
    return bool(origin) and origin in (own_origin(), request.host_url.rstrip("/"))


def comes_from_own_page() -> bool:
    """Whether the browser itself says that this request was made by one of our pages. Saying nothing is not enough."""
    origin = request.headers.get("Origin")
    if origin is None and request.referrer:
        came_from = urlsplit(request.referrer)
        origin = f"{came_from.scheme}://{came_from.netloc}"
    return is_own_origin(origin)


def content_policy(config: Settings, host: str) -> str:
    """The content policy: nothing but our own files, the two CDN scripts, and our own socket."""
    scripts = "'self'" if config.assets == "local" else " ".join(("'self'", *CDN_SCRIPTS))
    sockets = f"{'wss' if config.https else 'ws'}://{host}"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self'",
            "font-src 'self'",
            "img-src 'self'",
            f"connect-src 'self' {sockets}",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "manifest-src 'self'",
        )
    )


def _name(host: str) -> str:
    """The host without its port."""
    return urlsplit(f"//{host}").hostname or ""


def init_security(app: Flask, config: Settings) -> None:
    """Origin check on unsafe methods, headers on every answer."""
    if config.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.proxies, x_proto=config.proxies, x_host=config.proxies
        )
    own_host = urlsplit(config.public_url).netloc

    @app.before_request
    def _own_host() -> None:
        # Addresses in pages and letters are made from the host: another name than ours gets nothing made for it.
        if not own_host or request.host == own_host or request.endpoint in NAMELESS:
            return
        if _name(request.host) not in LOOPBACK:
            log.warning("refused", status=400, kind="host")
            abort(400)

    @app.before_request
    def _same_origin() -> None:
        if request.method in SAFE:
            return
        origin = request.headers.get("Origin")
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        if (origin is not None and not is_own_origin(origin)) or site not in ("same-origin", "none"):
            log.warning("refused", status=403, kind="origin")
            abort(403)

    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", content_policy(config, request.host))
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        if config.https:  # browsers complain about the opener policy over plain HTTP
            headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
            headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
        response.vary.add("HX-Request")  # a browser's Back must not find a part of a page in the page's place
        if response.mimetype in ("text/html", "application/json"):
            headers.setdefault("Cache-Control", "private, no-cache")
        return response
