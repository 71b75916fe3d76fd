"""Which way messages go is decided at start, and said."""

from __future__ import annotations

from typing import Any

import engineio
import pytest
from flask import Flask
from flask_socketio import SocketIO
from socketio import Manager, PubSubManager

from app.live import fanout
from app.live.driver import Driver
from app.live.engine import Engine
from app.live.fanout import broadcast, install
from app.live.topics import NAMESPACE


def made(**options: Any) -> SocketIO:
    given = {"async_mode": "gevent", "transports": ["websocket"], **options}
    return SocketIO(Flask(__name__), **given)


def test_with_the_pinned_libraries_messages_go_directly() -> None:
    socketio = made()
    assert install(socketio) == "direct"
    assert type(socketio.server.eio) is Engine


def test_a_library_that_changed_inside_gets_its_own_way_over_our_transport(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Manager, "emit", PubSubManager.emit)
    socketio = made()
    assert install(socketio) == "stock"
    assert type(socketio.server.eio) is engineio.Server
    assert socketio.server.eio._async["websocket"] is Driver


def test_without_sources_to_compare_messages_go_the_libraries_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(_thing: object) -> str:
        raise OSError("no sources")

    monkeypatch.setattr(fanout.inspect, "getsource", unreadable)
    assert install(made()) == "stock"


@pytest.mark.parametrize(
    "options", [{"transports": ["polling", "websocket"]}, {"client_manager": PubSubManager()}]
)
def test_a_server_that_is_set_up_otherwise_keeps_its_own_way(options: dict[str, Any]) -> None:
    assert install(made(**options)) == "stock"


def test_the_driver_of_other_servers_is_left_alone() -> None:
    install(made())
    assert made().server.eio._async["websocket"] is not Driver


def test_a_process_of_threads_is_refused() -> None:
    with pytest.raises(RuntimeError, match="gevent"):
        install(made(async_mode="threading"))


def test_a_message_to_an_empty_room_is_no_fault() -> None:
    socketio = made()
    install(socketio)
    broadcast(socketio, "counts", {"counts": {}}, "counts:1")


def test_a_message_goes_once_to_each_in_the_room_and_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    socketio = made()
    install(socketio)
    written: list[tuple[list[str], bytes]] = []
    monkeypatch.setattr(Engine, "write_all", lambda _self, sids, data: written.append((sids, data)))
    manager = socketio.server.manager
    for name in ("ana", "ben", "eve"):
        sid = manager.connect(name, NAMESPACE)
        if name != "eve":
            manager.enter_room(sid, NAMESPACE, "board:1:en")
    broadcast(socketio, "change", {"seq": 1}, "board:1:en")
    ((sids, data),) = written
    assert sorted(sids) == ["ana", "ben"]
    said = b'42/live,["change",{"seq":1}]'
    assert data == bytes((0x81, len(said))) + said
