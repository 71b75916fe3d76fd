"""The disk that the log is on is full."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no device here is always full")
def test_pages_are_answered_although_no_line_of_the_log_can_be_written(
    client: FlaskClient, city: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = FULL.open("w", encoding="utf-8")
    monkeypatch.setattr(sys, "stderr", log)
    try:
        assert client.get("/rotterdam").status_code == 200
        assert client.get("/rotterdam/ideas/999999").status_code == 404
    finally:
        monkeypatch.undo()
        with contextlib.suppress(OSError):
            log.close()
