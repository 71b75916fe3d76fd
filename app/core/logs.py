"""One JSON line an event, with the request's id, without personal data beyond ids."""

from __future__ import annotations

import logging
import re
import sys
import time
import uuid
from contextlib import suppress

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger("request")
_GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class _Lines(structlog.PrintLogger):
    """A line that cannot be written, since the disk is full, is lost; the request it tells of is not."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = error = err = critical = fatal = exception = failure = msg


def init_logs(app: Flask) -> None:
    """Configure structlog, give each request an id, and log each answer."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_names: _Lines(sys.stderr),
        cache_logger_on_first_use=False,
    )

    @app.before_request
    def _begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_id)

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if request.endpoint != "assets" and not request.path.startswith(("/static/", "/assets/", "/healthz")):
            log.info(
                "answered",
                method=request.method,
                endpoint=request.endpoint,
                status=response.status_code,
                ms=round(1000 * (time.perf_counter() - g.get("began", time.perf_counter())), 1),
            )
        return response
