"""Kept pages as they would be with a whole city asking: given for as long as their stamp stands."""

from __future__ import annotations

from typing import Any

import pytest

from app.core import visitors


class Makings:
    """How often a page was made for visitors since it was last asked."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def taken(self) -> int:
        made, self.paths = len(self.paths), []
        return made


def keep_everything(monkeypatch: pytest.MonkeyPatch) -> Makings:
    """No page is made anew while the one that is kept has the right stamp. Returns what counts those made."""
    makings, make = Makings(), visitors._make

    def counted(view: Any, arguments: dict[str, Any]) -> Any:
        makings.paths.append(str(arguments))
        return make(view, arguments)

    monkeypatch.setattr(visitors, "FRESH", 0)
    monkeypatch.setattr(visitors, "MOMENT", 3600.0)
    monkeypatch.setattr(visitors, "_make", counted)
    return makings
