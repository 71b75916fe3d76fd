"""What one machine may do to the board as people run it, and what it may make the board believe."""

from __future__ import annotations

import contextlib
import http.client
import socket

from app.server import THREADS

HANDSHAKE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://elsewhere.example\r\n"
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def test_pages_are_served_while_somebody_opens_more_sockets_than_there_are_threads(live_server):
    with contextlib.ExitStack() as all_of_them:
        answers = []
        for _ in range(THREADS + 30):
            one = all_of_them.enter_context(socket.create_connection(("127.0.0.1", live_server.port), 10))
            one.sendall(HANDSHAKE)
            answers.append(one.recv(12))
        assert {b"HTTP/1.1 101", b"HTTP/1.1 503"} == set(answers)
        assert asked(live_server, "/rotterdam") == 200


def test_nobody_says_below_which_path_the_board_stands(live_server):
    assert asked(live_server, "/sign-in", {"SCRIPT_NAME": "/evil"}) == 200
    assert asked(live_server, "/sign-in", {"SCRIPT-NAME": "/sign-in"}) == 200


def asked(board, path: str, headers: dict[str, str] | None = None) -> int:
    """The status of a page."""
    connection = http.client.HTTPConnection("127.0.0.1", board.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers or {})
        return connection.getresponse().status
