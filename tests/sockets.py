"""Somebody at a running board, without a browser: requests with a session's cookie, and an open page's socket."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import websocket
from flask import Flask

from app.accounts.actions.sessions import start_session
from app.accounts.models import User
from app.core import clock


def until(condition: Callable[[], Any], seconds: float = 20.0) -> bool:
    """Whether `condition` came true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def cookie_of(app: Flask, user: User) -> str:
    """The cookie of a new session of this person, for any process with the secret of `app`."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    said = {"_user_id": start_session(user, clock.now()), "_fresh": True, "csrf_token": "0" * 40}
    return f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(said)}"


class Person:
    """Asks any of several processes, as a proxy would: one that refuses the connection is passed over."""

    def __init__(self, ports: list[int], cookie: str, board: str = "/rotterdam") -> None:
        self.ports, self.cookie, self._turn = ports, cookie, 0
        _, page = self.ask("GET", board)
        found = re.search(r'data-csrf="([^"]+)"', page)
        assert found, page
        self._csrf = found[1]

    def ask(self, method: str, path: str, form: dict[str, Any] | None = None, **more: str) -> tuple[int, str]:
        """Status and text of the answer. Raises OSError where the connection breaks once the request is sent."""
        headers = {"Cookie": self.cookie, **more}
        body = None
        if form is not None:
            body = urlencode(form, doseq=True)
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
                "X-CSRFToken": self._csrf,
            }
        for _ in range(len(self.ports)):
            self._turn += 1
            port = self.ports[self._turn % len(self.ports)]
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            with contextlib.closing(connection):
                try:
                    connection.connect()
                except ConnectionRefusedError:
                    continue
                connection.request(method, path, body, {"Origin": f"http://127.0.0.1:{port}", **headers})
                answer = connection.getresponse()
                return answer.status, answer.read().decode()
        raise ConnectionRefusedError("none of them is there")

    def post(self, title: str) -> int:
        """An idea; returns its id."""
        fields = {
            "kind": "challenge",
            "title": title,
            "text": "Nobody can cross here at night.",
            "themes": ["1"],
        }
        status, text = self.ask("POST", "/rotterdam/ideas", {**fields, "submission_key": str(uuid.uuid4())})
        assert status == 201, (status, text)
        return int(json.loads(text)["id"])

    def upvote(self, idea: int, wanted: bool = True) -> None:
        """Give an upvote, or take it back."""
        status, text = self.ask("POST", f"/ideas/{idea}/upvote", {"upvote": "on" if wanted else "off"})
        assert status == 200, (status, text)


class Page:
    """An open page's socket. `heard` keeps every message, (name, message), in order."""

    def __init__(self, port: int, wish: dict[str, Any] | None = None, cookie: str = "") -> None:
        self.heard: list[tuple[str, Any]] = []
        self.answer: dict[str, Any] = {}
        self.is_open = True
        self._wish = wish or {"city": "rotterdam", "language": "en"}
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket",
            origin=f"http://127.0.0.1:{port}",
            cookie=cookie or None,
            timeout=60,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert until(lambda: self.answer), self.heard

    def _read(self) -> None:
        try:
            while message := self._socket.recv():
                self._take(message)
        except (websocket.WebSocketException, OSError):
            pass
        self.is_open = False

    def _take(self, message: str) -> None:
        if message == "2":
            self._socket.send("3")
        elif message.startswith("0"):
            self._socket.send("40/live,")
        elif message.startswith("40/live,"):
            self._socket.send("42/live,1" + json.dumps(["watch", self._wish]))
        elif message.startswith("43/live,1"):
            self.answer = json.loads(message[9:])[0]
        elif message.startswith("42/live,"):
            self.heard.append(tuple(json.loads(message[8:])))
        elif message.startswith("41/live"):
            self.is_open = False

    def all(self, name: str) -> list[Any]:
        """Every message of this name so far."""
        return [message for said, message in self.heard if said == name]

    def count_of(self, idea: int) -> int | None:
        """The upvotes of an idea that this page was told last."""
        told = [
            message["counts"][str(idea)] for message in self.all("counts") if str(idea) in message["counts"]
        ]
        return told[-1] if told else None

    def close(self) -> None:
        """The page is left."""
        self._socket.close()
        self._reader.join(5)


@contextlib.contextmanager
def pages() -> Iterator[Callable[..., Page]]:
    """`open(port, wish, cookie)` -> a page; all are closed in the end."""
    opened: list[Page] = []

    def open_page(*args: Any, **more: Any) -> Page:
        opened.append(Page(*args, **more))
        return opened[-1]

    yield open_page
    for page in opened:
        page.close()
