"""A screen's contents as HTML, made once for all screens that show the same."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import force_locale, get_locale
from markupsafe import Markup

from app.cities.models import City, Workshop
from app.core.clock import now
from app.core.config import LANGUAGES
from app.core.security import own_origin
from app.workshops.models import Screen
from app.workshops.qr import qr_svg
from app.workshops.queries.room import milliseconds
from app.workshops.queries.screens import mode_of, shown_workshop
from app.workshops.queries.stage import Stage, stage_of

KEPT_SECONDS = 1.0
KEPT_MOST = 200
FRAGMENTS = {
    "join": "_join.html", "wall": "_wall.html", "top": "_top.html", "spotlight": "_spotlight.html",
    "contrast": "_contrast.html", "themes": "_themes.html", "timer": "_timer.html", "agenda": "_agenda.html",
    "thanks": "_thanks.html",
}  # fmt: skip
"""What each mode shows beside the frame; *blank* shows nothing."""


@dataclass(frozen=True)
class Shown:
    """What a screen fetches. `fresh_at` is when the database said so: a second ago at most."""

    seq: int
    state_seq: int
    workshop_id: int | None
    mode: str
    html: Markup
    stage: Stage
    language: str
    fresh_at: datetime

    def message(self) -> dict[str, Any]:
        """As the screen's script reads it."""
        return {**self.facts(), "html": str(self.html)}

    def facts(self) -> dict[str, Any]:
        """All but the contents themselves; moments in milliseconds since 1970."""
        return {
            "seq": self.seq,
            "state_seq": self.state_seq,
            "workshop": self.workshop_id,
            "mode": self.mode,
            "version": _version(),
            "fresh_at": milliseconds(self.fresh_at),
            "now": milliseconds(now()),
        }


def _version() -> str:
    """Changes with the scripts and the look of screens: an open one then begins anew."""
    return f"{asset('js/screen.js')} {asset('screen.css')}"


def asset(name: str) -> str:
    """Where a script or sheet is served."""
    address: Any = current_app.jinja_env.globals["asset"]
    return str(address(name))


class _Kept:
    """Contents by all that decides about them; beside that they live for a second, since counts have no numbers."""

    def __init__(self) -> None:
        self.contents: dict[tuple[object, ...], tuple[float, Shown]] = {}
        self.turns: defaultdict[object, threading.Lock] = defaultdict(threading.Lock)

    def find(self, key: tuple[object, ...]) -> Shown | None:
        at, shown = self.contents.get(key, (0.0, None))
        return shown if time.monotonic() - at < KEPT_SECONDS else None

    def keep(self, key: tuple[object, ...], shown: Shown) -> None:
        self.contents[key] = time.monotonic(), shown
        while len(self.contents) > KEPT_MOST:
            self.contents.pop(next(iter(self.contents)), None)


def language_of(city: City, asked: str | None) -> str:
    """A screen speaks its city's language, unless its address asks for another."""
    wanted = asked if asked in LANGUAGES else city.language
    return wanted if wanted in LANGUAGES else "en"


def shown_on(screen: Screen, city: City, language: str) -> Shown:
    """What this screen shows now. Of screens that ask at once for the same, one waits for the database."""
    workshop = shown_workshop(screen)
    mode = mode_of(screen, workshop)
    origin = own_origin()
    key = (
        city.id, city.seq, workshop.id if workshop else None, workshop.state_seq if workshop else 0,
        mode, language, origin,
    )  # fmt: skip
    kept: _Kept = current_app.extensions.setdefault("kept_stages", _Kept())
    with kept.turns[city.id]:
        shown = kept.find(key)
        if shown is None:
            shown = _made(city, workshop, mode, language, origin)
            kept.keep(key, shown)
    return shown


def _made(city: City, workshop: Workshop | None, mode: str, language: str, origin: str) -> Shown:
    at = now()
    with force_locale(language):
        stage = stage_of(city, workshop, mode, origin=origin, at=at)
        return Shown(
            seq=city.seq,
            state_seq=workshop.state_seq if workshop else 0,
            workshop_id=workshop.id if workshop else None,
            mode=mode,
            html=Markup(rendered("_stage", stage=stage, part=part_of(mode))),  # noqa: S704  escaped by Jinja
            stage=stage,
            language=language,
            fresh_at=at,
        )


def part_of(mode: str) -> str:
    """The template of a mode's own contents; empty for *blank*."""
    return f"screens/{FRAGMENTS[mode]}" if mode in FRAGMENTS else ""


def rendered(fragment: str, **context: Any) -> str:
    """A fragment of the screens, without what pages are given: a screen is nobody, and asks no query for it."""
    template = current_app.jinja_env.get_template(f"screens/{fragment}.html")
    return template.render(locale=get_locale().language, qr_svg=qr_svg, zone_of=ZoneInfo, **context)
