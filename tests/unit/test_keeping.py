"""Answers that are made once for many."""

from __future__ import annotations

import pytest

from app.core import keeping
from app.core.keeping import Kept


def test_what_nobody_is_given_any_more_takes_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    at = 100.0
    monkeypatch.setattr(keeping.time, "monotonic", lambda: at)
    kept: Kept[str] = Kept(moment=0.25, fresh=0, most=1000, size=len)
    for number in range(5):
        kept.get(number, "now", lambda: "x" * 10)
    assert kept.held == 50
    at += 1.0
    kept.get("another", "now", lambda: "y")
    assert kept.held == 1
