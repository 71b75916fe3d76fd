"""A rehearsal at work: who does something when. Beats until the run is over, in a thread or in a command.

Everything it knows between two beats can be lost: who starts the rehearsal again finds its people where they were.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.cities.models import City
from app.core.clock import now
from app.core.errors import NotThere, Refusal
from app.core.extensions import db
from app.workshops.actions.acting import act, come_in
from app.workshops.actions.rehearsing import WAITS_AT_MOST, go_on
from app.workshops.cast import Part, parts

log = structlog.get_logger(__name__)

BEAT_SECONDS = 1.0
AT_ONCE = 6
"""People who do something within a beat, at most."""
FALLS_SILENT = 0.12
FAULTS = 5
"""So many in a row, and the run ends."""


@dataclass
class Player:
    """Somebody simulated, and when they do something next."""

    part: Part
    due: timedelta
    user_id: int | None = None
    is_silent: bool = False


@dataclass
class Play:
    """A run, and what it remembers from beat to beat."""

    workshop_id: int
    run: str
    minutes: int
    players: list[Player]
    chance: Random
    began: datetime | None = None
    phase: str = ""
    faults: int = 0
    pace: timedelta = field(init=False)
    """About so long everybody waits between two things they do."""

    def __post_init__(self) -> None:
        self.pace = timedelta(seconds=min(30.0, self.minutes * 60 / 15))

    @property
    def silent(self) -> int:
        """How many have dropped off the network."""
        return sum(player.is_silent for player in self.players)


def prepare(
    city: City, workshop_id: int, run: str, *, people: int, minutes: int, chance: Random | None = None
) -> Play:
    """The people of a run and the order in which they arrive: within a fifth of its time, at most 90 seconds."""
    chance = chance or Random()  # noqa: S311  nothing secret hangs on it
    arrive_within = min(90.0, minutes * 12)
    players = [
        Player(part, timedelta(seconds=chance.uniform(0, arrive_within)))
        for part in parts(people, city.language)
    ]
    return Play(workshop_id, run, minutes, players, chance)


def beat(play: Play, at: datetime) -> bool:
    """Let those do something whose time has come. Returns whether the run goes on."""
    workshop = go_on(play.workshop_id, play.run, at, silent=play.silent)
    if workshop is None:
        return False
    if not workshop.is_open:
        return True
    play.began = play.began or at
    since = at - play.began
    if workshop.phase != play.phase:
        play.phase = workshop.phase
        for player in play.players:
            if player.user_id is not None and not player.is_silent:
                player.due = since + play.pace * play.chance.random()
    due = sorted((one for one in play.players if one.due <= since), key=lambda one: one.due)
    for player in due[:AT_ONCE]:
        _turn(play, player, at)
        player.due = since + play.pace * play.chance.uniform(0.5, 1.5) * (3 if player.is_silent else 1)
    return play.faults < FAULTS


def _turn(play: Play, player: Player, at: datetime) -> None:
    """Arrive, do what the phase asks for, drop off the network, or come back."""
    try:
        if player.user_id is None or player.is_silent:
            player.user_id = come_in(play.workshop_id, play.run, player.part, at=at)
            player.is_silent = False
        elif play.chance.random() < FALLS_SILENT:
            player.is_silent = True
        else:
            act(play.workshop_id, play.run, player.user_id, at=at, chance=play.chance)
        play.faults = 0
    except (
        Refusal
    ) as refusal:  # the phase moved, the board is paused, the run is over: they wait like everybody
        if not isinstance(refusal, NotThere):
            log.info("rehearsal_refused", workshop=play.workshop_id, kind=type(refusal).__name__)
    except SQLAlchemyError:
        play.faults += 1
        log.exception("rehearsal_fault", workshop=play.workshop_id)


def perform(
    play: Play, *, wait: Callable[[float], object], each: Callable[[], object] = lambda: None
) -> None:
    """Beat until the run is over; `each` is called after every beat. Ends by itself, whatever the clock says."""
    latest = time.monotonic() + play.minutes * 60 + WAITS_AT_MOST.total_seconds()
    while time.monotonic() < latest and beat(play, now()):
        each()
        db.session.remove()
        wait(BEAT_SECONDS)
    db.session.remove()


def perform_in_background(app: Flask, play: Play) -> threading.Thread:
    """`perform` in a thread that ends with the run, or with the process."""
    thread = threading.Thread(
        target=_perform, args=(app, play), name=f"rehearsal-{play.workshop_id}", daemon=True
    )
    thread.start()
    return thread


def _perform(app: Flask, play: Play) -> None:
    try:
        with app.app_context():
            perform(play, wait=time.sleep)
    except Exception:
        log.exception("rehearsal_failed", workshop=play.workshop_id)
