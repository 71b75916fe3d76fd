"""What Prometheus is told: counted in this process, read at `/metrics` by whoever has the token.

Several workers under one gunicorn add up where PROMETHEUS_MULTIPROC_DIR names a folder that is empty at the start;
otherwise each process speaks for itself, on its own port. Nothing here names a person.
"""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from flask import Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from app.core.clock import now
from app.core.config import Settings
from app.core.errors import NotThere

REGISTRY = CollectorRegistry()
QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

_requests = Counter(
    "cip_requests", "Answered requests.", ("endpoint", "status"), registry=REGISTRY
)  # fmt: skip
_seconds = Histogram(
    "cip_request_seconds", "Time to an answer.", ("endpoint",), buckets=QUICK, registry=REGISTRY
)
_pushes = Histogram(
    "cip_upvote_push_seconds",
    "From an upvote's request until its count leaves for the open pages.",
    buckets=(0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.5, 10.0, 60.0),
    registry=REGISTRY,
)
_dropped = Counter(
    "cip_dropped", "Given up because a queue was full: pages closed, events left out.", ("queue",),
    registry=REGISTRY,
)  # fmt: skip
_catch_ups = Counter(
    "cip_catch_ups", "What pages (or a live process, after Redis was away) had missed.", ("kind",),
    registry=REGISTRY,
)  # fmt: skip
_redis_lost = Counter("cip_redis_lost", "How often Redis did not answer.", ("use",), registry=REGISTRY)
_redis_answers = Gauge(
    "cip_redis_answers", "Whether Redis answered the last time it was asked.", ("use",),
    registry=REGISTRY, multiprocess_mode="livemin",
)  # fmt: skip
_started = Gauge(
    "cip_started_seconds", "When the process started, in seconds since 1970.", ("process",),
    registry=REGISTRY, multiprocess_mode="liveall",
)  # fmt: skip
ProcessCollector(registry=REGISTRY)


# --- what the rest of the house says ----------------------------------------------------------------------------


def pushed(upvoted_at: Iterable[datetime]) -> None:
    """The counts of upvotes asked for at these moments are leaving now."""
    leaving = now()
    for moment in upvoted_at:
        _pushes.observe(max(0.0, (leaving - moment).total_seconds()))


def dropped(queue: str, how_many: int = 1) -> None:
    """So many were given up because `queue` was full: `page` (its socket is closed), `bus`, `delivery`."""
    _dropped.labels(queue).inc(how_many)


def caught_up(kind: str) -> None:
    """Somebody asked what was missed: `nothing`, `counts`, `changes` or `reload` of a page; `redis` of a process."""
    _catch_ups.labels(kind).inc()


def redis_lost(use: str) -> None:
    """Redis did not answer for `use`: `limits`, `bus`, `ready`."""
    _redis_lost.labels(use).inc()
    _redis_answers.labels(use).set(0)


def redis_answers(use: str) -> None:
    """Redis answers (again)."""
    _redis_answers.labels(use).set(1)


def read_when_asked(name: str, meaning: str, label: str, read: Callable[[], Mapping[str, float]]) -> None:
    """Let `read()` give the values of the gauge `name`, by `label`, whenever `/metrics` is read.

    Only of what lies in this process's memory: a fault elsewhere must not hide the figures that would explain it.
    """
    _open[name] = (meaning, label, read)


_open: dict[str, tuple[str, str, Callable[[], Mapping[str, float]]]] = {}


class _Open(Collector):
    """The gauges that are read when they are asked for."""

    def collect(self) -> Iterable[Metric]:
        for name, (meaning, label, read) in _open.items():
            family = GaugeMetricFamily(name, meaning, labels=(label,))
            for value, amount in read().items():
                family.add_metric((value,), amount)
            yield family

    def describe(self) -> Iterable[Metric]:
        return ()


REGISTRY.register(_Open())


# --- the door ---------------------------------------------------------------------------------------------------


def init_metrics(app: Flask, config: Settings) -> None:
    """Answer `/metrics`, and count requests where somebody may read what was counted."""
    _started.labels(config.process).set(time.time())

    @app.get("/metrics")
    def metrics() -> Response:
        """The figures, for who sends the token; to everybody else there is nothing here."""
        if not _has_token(request.headers.get("Authorization", ""), config.metrics_token):
            raise NotThere()
        response = Response(figures(), content_type=CONTENT_TYPE_LATEST)
        response.headers["Cache-Control"] = "no-store"
        return response

    if config.metrics_token:
        app.after_request(_count)


def _has_token(sent: str, token: str) -> bool:
    return bool(token) and hmac.compare_digest(sent.encode(), f"Bearer {token}".encode())


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    _requests.labels(endpoint, response.status_code).inc()
    began = g.get("began")
    if began is not None:
        _seconds.labels(endpoint).observe(time.perf_counter() - began)
    return response


def figures() -> bytes:
    """Everything counted so far, as Prometheus reads it."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    together = CollectorRegistry()
    MultiProcessCollector(together)
    together.register(_Open())
    return generate_latest(together)


def worker_ended(pid: int) -> None:
    """A worker of this gunicorn has ended: what it alone could say ends with it, what it counted stays."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        mark_process_dead(pid)
