"""Websockets never take the threads that pages need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from werkzeug.test import Client

from app.live.seats import Seats

SOCKET = {"Upgrade": "WebSocket"}


def test_a_socket_too_many_is_refused_and_pages_pass():
    said: list[str] = []

    def inside(environ, start_response) -> Iterator[bytes]:
        if environ.get("HTTP_UPGRADE"):
            # While this page watches, another one knocks, and somebody reads.
            said.extend((asked.get("/", headers=SOCKET).status, asked.get("/").status))
        start_response("200 OK", [])
        return iter(())

    asked = Client(Seats(inside, most=1))
    assert asked.get("/", headers=SOCKET).status == "200 OK"
    assert said == ["503 Service Unavailable", "200 OK"]
    assert asked.get("/", headers=SOCKET).status == "200 OK"  # the seat is free again


def test_a_socket_that_fails_gives_its_seat_back():
    def inside(environ, start_response):
        raise OSError("gone")

    asked = Client(Seats(inside, most=1))
    for _ in range(3):
        with pytest.raises(OSError, match="gone"):
            asked.get("/", headers=SOCKET)
