"""Writes the daily letters while the server runs."""

from __future__ import annotations

import threading

import structlog
from flask import Flask

from app.core.clock import now
from app.notices.actions.digesting import send_due_digests

log = structlog.get_logger(__name__)

EVERY_SECONDS = 600.0
FIRST_AFTER_SECONDS = 60.0


def start_timer(app: Flask) -> tuple[threading.Event, threading.Thread]:
    """Look for due letters every ten minutes, in a thread that ends with the process, or when the event is set."""
    stop = threading.Event()
    thread = threading.Thread(target=_look_for_ever, args=(app, stop), name="digests", daemon=True)
    thread.start()
    return stop, thread


def _look_for_ever(app: Flask, stop: threading.Event) -> None:
    wait = FIRST_AFTER_SECONDS
    while not stop.wait(wait):
        wait = EVERY_SECONDS
        try:
            with app.app_context():
                send_due_digests(now())
        except Exception:
            log.exception("digests_failed")
