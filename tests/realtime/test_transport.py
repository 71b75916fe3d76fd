"""Our websockets on real sockets: handshakes, pings, closing, what is too long or nonsense, and TLS in front."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Iterator

import pytest
from wsproto.events import Ping, Pong

from tests.fans import CLOSE, PING, PONG, Ear, FanServer, masked

LIMIT = 4096
Connect = Callable[..., Ear]


@pytest.fixture(scope="module", params=["direct", "stock"])
def server(request: pytest.FixtureRequest) -> Iterator[FanServer]:
    with FanServer(request.param, PING_TIMEOUT="2") as running:
        yield running


@pytest.fixture
def ear(server: FanServer, connect: Connect) -> Ear:
    return connect(server).join()


def test_the_opening_is_answered_as_the_protocol_says(connect: Connect, server: FanServer) -> None:
    ear = connect(
        server, Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ=="
    )  # the example of RFC 6455, section 1.3
    assert ear.head.startswith(b"HTTP/1.1 101 ")
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in ear.head
    assert b"Sec-WebSocket-Extensions" not in ear.head


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_WebSocket_Version": "8"}, b"426"),
        ({"Sec_WebSocket_Key": "short"}, b"400"),
        ({"Sec_WebSocket_Key": "ü" * 8}, b"400"),
        ({"Sec_WebSocket_Key": ""}, b"400"),
        ({"Upgrade": ""}, b"400"),
    ],
)
def test_what_is_no_opening_is_refused(
    connect: Connect, server: FanServer, headers: dict[str, str], status: bytes
) -> None:
    ear = connect(server, **headers)
    assert ear.head.split()[1] == status
    assert status != b"426" or b"Sec-WebSocket-Version: 13" in ear.head


def test_an_event_and_its_answer_go_through(ear: Ear) -> None:
    ear.send('42/live,7["watch",{"city":"rotterdam"}]')
    assert ear.hear() == '43/live,7[{"ok":true,"asked":{"city":"rotterdam"}}]'


def test_a_message_in_pieces_with_a_ping_between_is_put_together(ear: Ear) -> None:
    ear.send('42/live,8["watch",', is_last=False)
    ear.send(b"there?", PING)
    ear.send('"城', 0, is_last=False)
    ear.send('"]', 0)
    pong = ear.event()
    assert isinstance(pong, Pong)
    assert bytes(pong.payload) == b"there?"
    assert json.loads(ear.hear().removeprefix("43/live,8")) == [{"ok": True, "asked": "城"}]


def test_bytes_that_come_one_by_one_make_the_same_message(ear: Ear) -> None:
    for byte in masked('42/live,9["watch"]'):
        ear.sock.sendall(bytes((byte,)))
    assert ear.hear().startswith('43/live,9[{"ok":true')


def test_several_messages_in_one_packet_are_answered_in_their_order(ear: Ear) -> None:
    ear.sock.sendall(b"".join(masked(f'42/live,{number}["watch"]') for number in range(20)))
    assert [ear.hear().partition("[")[0] for _ in range(20)] == [f"43/live,{number}" for number in range(20)]


def test_a_message_of_the_limit_is_taken(ear: Ear) -> None:
    ear.send('42/live,1["watch","' + "x" * (LIMIT - len('42/live,1["watch",""]')) + '"]')
    assert ear.hear().startswith("43/live,1")


@pytest.mark.parametrize("size", [LIMIT + 1, 70_000, 4_000_000])
def test_a_message_beyond_the_limit_ends_the_socket_with_1009(
    connect: Connect, server: FanServer, size: int
) -> None:
    ear = connect(server).join()
    ear.sock.sendall(masked("x" * min(size, 100_000))[: size + 20])
    assert ear.closing() == 1009
    assert ear.sock.recv(10) == b""  # an end, not a reset, which may swallow what was said before it


def test_a_frame_that_only_claims_to_be_huge_ends_nothing_but_costs_nothing(
    connect: Connect, server: FanServer
) -> None:
    ear = connect(server).join()
    before = server.memory()
    ear.sock.sendall(struct.pack("!BBQ", 0x81, 0xFF, 1 << 40) + b"\0\0\0\0")
    assert server.memory() - before < 1 << 20
    ear.sock.sendall(b"x" * (LIMIT + 1))
    assert ear.closing() == 1009


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x81\x02hi", 1002),
        (b"\xc1" + masked("hi")[1:], 1002),
        (masked(b"\xff"), 1007),
        (masked("a", 0), 1002),
    ],
)
def test_a_broken_frame_ends_the_socket_with_its_code(ear: Ear, data: bytes, code: int) -> None:
    ear.sock.sendall(data)
    assert ear.closing() == code


@pytest.mark.parametrize(
    "nonsense", ["", "x", "9", "4", "4x", "42", "42/live,", '42/live,{"a":1}', "451-/live,[]", "bx"]
)
def test_nonsense_within_a_good_frame_harms_nobody_else(
    connect: Connect, server: FanServer, ear: Ear, nonsense: str
) -> None:
    other = connect(server).join()
    other.send(nonsense)
    server.say()
    assert ear.hear_said()["n"]


def test_a_client_that_closes_is_answered_with_its_code_and_then_the_stream_ends(
    connect: Connect, server: FanServer
) -> None:
    ear = connect(server).join()
    ear.send(struct.pack("!H", 1001), CLOSE)
    assert ear.closing() == 1001
    assert ear.sock.recv(10) == b""


def test_a_client_that_hangs_up_is_forgotten(connect: Connect, server: FanServer) -> None:
    server.wait_for(sockets=0)
    ears = [connect(server).join() for _ in range(5)]
    assert server.state()["sockets"] == 5
    for number, ear in enumerate(ears):
        if number % 2:  # without a goodbye, and with a reset
            ear.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        ear.close()
    server.wait_for(sockets=0)


def test_a_page_that_leaves_by_engine_io_gets_a_closing_frame(connect: Connect, server: FanServer) -> None:
    ear = connect(server).join()
    ear.send("1")
    assert ear.closing() == 1000


@pytest.mark.parametrize("way", ["direct", "stock"])
def test_who_answers_pings_stays_and_who_does_not_is_closed(connect: Connect, way: str) -> None:
    with FanServer(way, PING_INTERVAL="1", PING_TIMEOUT="1") as server:
        good, bad = connect(server).join(), connect(server).join()
        for _ in range(4):
            while good.hear() != "2":
                pass
            good.send("3")
        assert bad.closing() == 1000
        server.say()
        assert good.hear_said()["n"] == 1


@pytest.mark.parametrize("way", ["direct", "stock"])
def test_a_page_that_vanished_without_a_goodbye_is_closed_and_forgotten(connect: Connect, way: str) -> None:
    with FanServer(way, PING_INTERVAL="1", PING_TIMEOUT="1") as server:
        gone, full = connect(server).join(), connect(server, buffer=4096).join()
        server.say(
            messages=20, size=30_000
        )  # the second one's socket takes nothing any more, not even a ping
        server.wait_for(sockets=0)  # though neither has closed, nor reads, nor answers a closing frame
        assert gone.sock.fileno() >= 0 and full.sock.fileno() >= 0


def test_pings_of_the_protocol_itself_are_answered_even_with_nothing_in_them(ear: Ear) -> None:
    ear.send(b"", PING)
    ear.send(b"unasked", PONG)
    pong = ear.event()
    assert isinstance(pong, Pong)
    assert not isinstance(pong, Ping)
    assert bytes(pong.payload) == b""
