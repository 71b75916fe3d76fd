"""One message to many: every frame whole and in order, whoever reads slowly, not at all, or behind TLS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.live import fanout
from tests.fans import Ear, FanServer
from tests.tls import Terminator

Connect = Callable[..., Ear]
SMALL = 4096  # bytes a client's system keeps for it: soon full
LONG = 30_000  # bytes of a message: more than a write takes where the reader is slow


@pytest.fixture(scope="module", params=["direct", "stock"])
def server(request: pytest.FixtureRequest) -> Iterator[FanServer]:
    with FanServer(request.param, PING_TIMEOUT="2") as running:
        yield running


def numbers(ear: Ear, messages: int) -> list[int]:
    """Of so many messages that came whole; `Ear` refuses a frame that is not."""
    heard = []
    for _ in range(messages):
        said = ear.hear_said()
        assert said["text"] == "x" * len(said["text"])
        heard.append(said["n"])
    return heard


def test_the_pinned_libraries_are_those_the_direct_way_was_written_for() -> None:
    assert fanout.fingerprint() == fanout.EXPECTED


@pytest.mark.parametrize("size", [10, 100, 200, 70_000])
def test_everybody_hears_every_message_in_its_order(server: FanServer, connect: Connect, size: int) -> None:
    ears = [connect(server).join() for _ in range(20)]
    server.say(messages=10, size=size)
    first = ears[0].hear_said()["n"]
    assert numbers(ears[0], 9) == list(range(first + 1, first + 10))
    for ear in ears[1:]:
        assert numbers(ear, 10) == list(range(first, first + 10))


def test_an_answer_and_messages_to_all_keep_their_order(server: FanServer, connect: Connect) -> None:
    ear = connect(server)
    assert ear.hear().startswith("0{")
    ear.send("40/live,")
    ear.send('42/live,1["watch"]')
    assert ear.hear().startswith('40/live,{"sid"')
    assert ear.hear().startswith("43/live,1")


def test_a_reader_who_takes_a_few_bytes_at_a_time_gets_every_frame_whole(
    server: FanServer, connect: Connect
) -> None:
    slow, quick = connect(server, buffer=SMALL).join(), connect(server).join()
    slow.at_once = 700
    server.say(messages=30, size=LONG)
    heard = numbers(quick, 30)  # while the slow one has not read a byte
    assert numbers(slow, 30) == heard


def test_a_socket_that_was_slow_and_is_no_more_costs_no_work(server: FanServer, connect: Connect) -> None:
    slow, quick = connect(server, buffer=SMALL).join(), connect(server).join()
    server.say(messages=20, size=LONG)
    heard = numbers(quick, 20)  # before the slow one reads anything
    assert numbers(slow, 20) == heard
    before = server.state()["turns"]
    server.say(messages=10, every=0.1)
    assert numbers(slow, 10) == numbers(quick, 10)
    assert server.state()["turns"] - before < 500  # not thousands: the loop is not woken for nothing


def test_who_answers_while_frames_wait_for_him_is_answered_after_them(
    server: FanServer, connect: Connect
) -> None:
    slow, quick = connect(server, buffer=SMALL).join(), connect(server).join()
    server.say(messages=20, size=LONG)
    numbers(quick, 20)
    slow.send('42/live,5["watch"]')
    assert len(numbers(slow, 20)) == 20
    assert slow.hear().startswith("43/live,5")


def test_who_does_not_read_is_dropped_and_the_others_hear_everything(
    server: FanServer, connect: Connect
) -> None:
    before = server.state()
    stalled = [connect(server, buffer=SMALL).join() for _ in range(5)]
    ears = [connect(server).join() for _ in range(10)]
    server.wait_for(sockets=15)
    memory = server.memory()
    server.say(messages=100, every=0.01, size=LONG)
    with ThreadPoolExecutor(len(ears)) as at_once:
        heard = list(at_once.map(lambda ear: numbers(ear, 100), ears))
    assert heard == [list(range(heard[0][0], heard[0][0] + 100))] * 10
    server.wait_for(sockets=10, dropped=before["dropped"] + 5)
    assert server.memory() - memory < 20 << 20
    for ear in stalled:
        with pytest.raises(ConnectionResetError):
            numbers(ear, 100)  # what it had got is whole, then the stream ends


def test_who_was_dropped_comes_back_and_hears_again(server: FanServer, connect: Connect) -> None:
    before = server.state()
    connect(server, buffer=SMALL).join()
    server.say(messages=120, size=LONG)
    server.wait_for(dropped=before["dropped"] + 1)
    again = connect(server).join()
    server.say()
    assert len(numbers(again, 1)) == 1


def test_a_client_that_closes_while_much_waits_for_it_is_let_go(server: FanServer, connect: Connect) -> None:
    server.wait_for(sockets=0)
    ear, quick = connect(server, buffer=SMALL).join(), connect(server).join()
    server.say(messages=20, size=LONG)
    numbers(quick, 20)
    ear.send(b"\x03\xe8", 8)
    assert ear.closing() == 1000  # after the messages that were on their way
    server.wait_for(sockets=1)


def test_a_client_that_closes_and_does_not_read_either_is_cut_off(
    server: FanServer, connect: Connect
) -> None:
    server.wait_for(sockets=0)
    ear, quick = connect(server, buffer=SMALL).join(), connect(server).join()
    server.say(messages=20, size=LONG)
    numbers(quick, 20)
    ear.send(b"\x03\xe8", 8)
    server.wait_for(sockets=1)  # within the two seconds that it is given


def test_coming_and_going_while_messages_leave_harms_nobody(server: FanServer, connect: Connect) -> None:
    steady = connect(server).join()
    server.say(messages=200, every=0.005, size=500)
    first = steady.hear_said()["n"]
    for _ in range(40):
        connect(server).join().close()
    assert numbers(steady, 199) == list(range(first + 1, first + 200))


def test_behind_tls_that_cuts_and_joins_as_it_likes_every_frame_is_whole(
    server: FanServer, connect: Connect
) -> None:
    with Terminator(server.port) as tls:
        ears = [connect(server, port=tls.port, tls=tls.trusted) for _ in range(4)]
        for ear in ears:
            ear.join()
        server.say(messages=40, size=LONG)
        heard = numbers(ears[0], 40)
        assert [numbers(ear, 40) for ear in ears[1:]] == [heard] * 3
        ears[0].send('42/live,6["watch"]')
        assert ears[0].hear().startswith("43/live,6")
