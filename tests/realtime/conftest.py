"""Workshops on boards as people run them: prepared here, then driven over HTTP and the socket alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.actions.sessions import start_session
from app.cities.actions.moderating import appoint
from app.cities.models import City
from app.core import clock
from app.core.extensions import db
from app.factory import create_app
from app.workshops.actions.screening import make_screen, set_mode
from tests.boards import post
from tests.clients import apart
from tests.conftest import add_person
from tests.fans import Ear, FanServer
from tests.rooms import workshop_in
from tests.servers import Board


@dataclass
class Room:
    """What a test holds of a workshop on a running board: code, moderator's cookie, links of its screens."""

    board: Board
    app: Flask
    code: str
    workshop_id: int
    cookie: str
    tokens: list[str]
    ideas: list[int]


@pytest.fixture
def in_room(serve: Callable[..., Board]) -> Iterator[Callable[..., Room]]:
    """`in_room("rotterdam", budget=5)` -> its first workshop, open, on a board of its own with all limits."""
    made: list[Room] = []

    def prepare(slug: str, budget: int, phase: str = "lobby", ideas: int = 0) -> Room:
        board = serve(rate_limits=True)
        app = create_app(board.settings)
        made.append(apart(_prepare, app, board, slug, budget, phase, ideas))
        return made[-1]

    yield prepare
    for room in made:
        with room.app.app_context():
            db.engine.dispose()


def _prepare(app: Flask, board: Board, slug: str, budget: int, phase: str, ideas: int) -> Room:
    with app.test_request_context():
        city = db.session.scalars(select(City).where(City.slug == slug)).one()
        ana = add_person("Ana")
        appoint(city, ana, clock.now())
        posted = [post(city, ana, f"Idea number {number}").id for number in range(ideas)]
        workshop = workshop_in(city, phase, upvote_budget=budget, email_is_optional=True)
        tokens = []
        for mode in ("wall", "top"):
            screen, token = make_screen(city, name=mode, by=ana, at=clock.now(), workshop=workshop)
            set_mode(screen, mode, by=ana)
            tokens.append(token)
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        said = {"_user_id": start_session(ana, clock.now()), "_fresh": True, "_permanent": True}
        cookie = f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(said)}"
        return Room(board, app, str(workshop.join_code), workshop.id, cookie, tokens, posted)


@pytest.fixture
def connect() -> Iterator[Callable[..., Ear]]:
    """`connect(server)` opens a websocket, which the end of the test closes; options as `Ear` has them."""
    opened: list[Ear] = []

    def ear(server: FanServer, **options: Any) -> Ear:
        opened.append(Ear(options.pop("port", server.port), **options))
        return opened[-1]

    yield ear
    for one in opened:
        one.close()
