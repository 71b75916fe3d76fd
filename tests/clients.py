"""What a test holds in its hand: a browser without a screen, and a socket."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from typing import Any, TypeVar

from flask import has_app_context
from flask.testing import FlaskClient
from flask_socketio import SocketIOTestClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from app.core.extensions import db, socketio

ORIGIN = "http://localhost"
NAMESPACE = "/live"
T = TypeVar("T")


def apart(call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call as another process would: without the application context that the test itself stands in.

    A request that found the test's own context would share its `g` (who is signed in) and database session.
    Afterwards the test's session forgets what it had read, so that it sees what the request wrote.
    """
    try:
        return contextvars.Context().run(call, *args, **kwargs)
    finally:
        look_again()


def look_again() -> None:
    """Let the test's own database session read everything afresh."""
    if has_app_context():
        db.session.rollback()


class Client(FlaskClient):
    """Flask's client, plus forms as a browser sends them."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return apart(super().open, *args, **kwargs)

    def csrf_token(self) -> str:
        """A token that is valid for this client's session."""
        config = self.application.config
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", "0" * 40)
        secret: str = config.get("WTF_CSRF_SECRET_KEY") or config["SECRET_KEY"]
        token = URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw)
        assert isinstance(token, str)
        return token

    def post_form(self, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """POST a form as our own pages do: with a CSRF token and our Origin; `headers=` come on top."""
        return self.send("POST", url, data, **kwargs)

    def send(self, method: str, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Any unsafe method with token and Origin, as `post_form` does."""
        token = self.csrf_token()
        headers = {"Origin": ORIGIN, **kwargs.pop("headers", {})}
        if method != "POST":
            headers.setdefault("X-CSRFToken", token)
        return self.open(
            url, method=method, data={"csrf_token": token, **(data or {})}, headers=headers, **kwargs
        )

    def get_json(self, url: str, **kwargs: Any) -> Any:
        """GET as a script does; asserts 200 and returns what the JSON says."""
        response = self.get(url, headers={"Accept": "application/json"}, **kwargs)
        assert response.status_code == 200, response.get_data(as_text=True)
        return response.get_json()


class Socket(SocketIOTestClient):
    """A page's socket on `/live`."""

    queue: list[dict[str, Any]]

    def connect(self, *args: Any, **kwargs: Any) -> None:
        apart(super().connect, *args, **kwargs)

    def emit(self, *args: Any, **kwargs: Any) -> Any:
        return apart(super().emit, *args, **kwargs)

    def disconnect(self, *args: Any, **kwargs: Any) -> None:
        apart(super().disconnect, *args, **kwargs)

    @property
    def is_open(self) -> bool:
        """Whether the server still holds this socket."""
        return bool(self.is_connected(NAMESPACE))

    def watch(self, city: str, language: str = "en", **more: Any) -> Any:
        """Ask to hear a board (`idea=` an idea's page); returns the acknowledgement."""
        return self.emit(
            "watch", {"city": city, "language": language, **more}, namespace=NAMESPACE, callback=True
        )

    def unwatch(self) -> None:
        """Stop hearing."""
        self.emit("unwatch", namespace=NAMESPACE)

    def heard(self, name: str | None = None) -> list[Any]:
        """What came since it was last asked for: messages called `name`, or (name, message) of all."""
        taken = [item for item in self.queue if name in (None, item["name"])]
        self.queue = [item for item in self.queue if item not in taken]
        return [(item["name"], item["args"][0]) if name is None else item["args"][0] for item in taken]


def open_socket(app: Any, client: Client | None = None, origin: str | None = ORIGIN) -> Socket:
    """Connect to `/live` with the cookies of `client`; `origin=None` sends none."""
    headers = {"Origin": origin} if origin else {}
    return Socket(
        app, socketio, namespace=NAMESPACE, flask_test_client=client or app.test_client(), headers=headers
    )
