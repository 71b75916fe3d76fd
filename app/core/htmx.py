"""What a request from htmx wants, and where to send people next."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, make_response, redirect, request
from werkzeug.urls import iri_to_uri


def is_fragment() -> bool:
    """Whether htmx asks for a part of the page rather than the page."""
    return request.headers.get("HX-Request") == "true" and not request.headers.get(
        "HX-History-Restore-Request"
    )


def wants_json() -> bool:
    """Whether one of our scripts asks, and reads JSON."""
    return request.accept_mimetypes.best == "application/json"


def go(url: str) -> Response:
    """Send the browser to `url` with GET, also when htmx asked."""
    if is_fragment():
        answer = make_response("", 200)
        answer.headers["HX-Redirect"] = iri_to_uri(url)  # a header holds Latin letters only
        return answer
    return make_response(redirect(url, 303))


def safe_next(value: str | None, default: str) -> str:
    """`value` where it is a path of our own, else `default`: nobody is led to another site."""
    if not value or not value.startswith("/") or value.startswith(("//", "/\\")):
        return default
    if any(ord(character) < 32 for character in value) or "\\" in value:
        return default
    parts = urlsplit(value)
    return default if parts.scheme or parts.netloc else value
