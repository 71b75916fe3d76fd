"""Frames against wsproto, whatever their size and wherever the stream is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

from app.live.frames import (
    CLOSE,
    PING,
    PONG,
    TOO_BIG,
    Broken,
    Incoming,
    Reply,
    close_frame,
    frame,
    message_frame,
)
from tests.fans import masked

LIMIT = 4096
EDGES = [0, 1, 125, 126, 127, 65535, 65536, 70000]


def as_client_sees(data: bytes) -> list[object]:
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(data)
    return list(client.events())


@pytest.mark.parametrize("size", EDGES)
def test_a_client_reads_a_frame_of_any_length_as_it_was_meant(size: int) -> None:
    text = "ü" * (size // 2) + "x" * (size % 2)
    (event,) = as_client_sees(message_frame(text))
    assert isinstance(event, TextMessage)
    assert (event.data, event.frame_finished, event.message_finished) == (text, True, True)


@given(st.text(), st.binary())
def test_a_client_reads_texts_bytes_and_controls_one_after_the_other(text: str, data: bytes) -> None:
    stream = message_frame(text) + frame(data[:125], PING) + message_frame(data) + close_frame(1001)
    said, ping, raw, closed = as_client_sees(stream)
    assert isinstance(said, TextMessage)
    assert said.data == text
    assert isinstance(ping, Ping)
    assert bytes(ping.payload) == data[:125]
    assert isinstance(raw, BytesMessage)
    assert bytes(raw.data) == data
    assert isinstance(closed, CloseConnection)
    assert closed.code == 1001


def test_a_control_frame_never_grows_beyond_what_is_allowed() -> None:
    with pytest.raises(ValueError, match="125"):
        frame(b"x" * 126, PING)


@given(
    st.lists(st.text(max_size=200), max_size=6),
    st.lists(st.integers(1, 7), min_size=1, max_size=30),
    st.binary(min_size=4, max_size=4),
)
def test_messages_arrive_whole_wherever_frames_and_bytes_are_cut(
    texts: list[str], cuts: list[int], mask: bytes
) -> None:
    stream = b"".join(fragments(text, cuts, mask) for text in texts)
    incoming, heard, at = Incoming(LIMIT), [], 0
    while at < len(stream):
        step = cuts[at % len(cuts)]
        heard += incoming.take(stream[at : at + step])
        at += step
    assert [item for item in heard if isinstance(item, str)] == texts
    pongs = [item for item in heard if isinstance(item, Reply)]
    assert all(pong == Reply(frame(b"?", PONG), False) for pong in pongs)


def fragments(text: str, cuts: list[int], mask: bytes) -> bytes:
    """A message in several frames, cut without regard to characters, with pings between them."""
    data, kind, made = text.encode(), 1, b""
    for cut in cuts[:5]:
        made += masked(data[:cut], kind, is_last=False, mask=mask) + masked(b"?", PING, mask=mask)
        data, kind = data[cut:], 0
    return made + masked(data, kind, mask=mask)


def test_a_message_of_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    assert list(Incoming(LIMIT).take(masked("x" * LIMIT))) == ["x" * LIMIT]
    with pytest.raises(Broken) as broken:
        list(Incoming(LIMIT).take(masked("x" * (LIMIT + 1))))
    assert broken.value.code == TOO_BIG


def test_the_limit_holds_for_all_fragments_together_and_before_the_last_has_come() -> None:
    incoming = Incoming(LIMIT)
    assert list(incoming.take(masked("x" * LIMIT, is_last=False))) == []
    with pytest.raises(Broken) as broken:
        list(incoming.take(masked("x", 0, is_last=False)))
    assert broken.value.code == TOO_BIG


def test_the_limit_counts_bytes_and_not_characters() -> None:
    with pytest.raises(Broken) as broken:
        list(Incoming(LIMIT).take(masked("城" * (LIMIT // 3 + 1))))
    assert broken.value.code == TOO_BIG


FORBIDDEN = {
    "an unmasked frame": (b"\x81\x02hi", 1002),
    "a reserved bit": (b"\xc1" + masked("hi")[1:], 1002),
    "an unknown kind": (masked("hi", 3), 1002),
    "a continuation of nothing": (masked("hi", 0), 1002),
    "a message within a message": (masked("a", is_last=False) + masked("b"), 1002),
    "a ping in pieces": (masked("a", PING, is_last=False), 1002),
    "a ping too long": (masked("a" * 126, PING), 1002),
    "text that is no UTF-8": (masked(b"\xff\xfe"), 1007),
    "text cut within a character": (masked("城".encode()[:2]), 1007),
    "a closing frame of one byte": (masked(b"\x03", CLOSE), 1002),
    "a closing code nobody may send": (masked(b"\x03\xed", CLOSE), 1002),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_the_protocol_forbids_ends_with_the_code_it_asks_for(what: str) -> None:
    data, code = FORBIDDEN[what]
    with pytest.raises(Broken) as broken:
        list(Incoming(LIMIT).take(data))
    assert broken.value.code == code


@pytest.mark.parametrize(
    ("sent", "answered"), [(b"", frame(b"", CLOSE)), (b"\x03\xe9bye", close_frame(1001))]
)
def test_a_closing_frame_is_answered_with_its_own_code(sent: bytes, answered: bytes) -> None:
    assert list(Incoming(LIMIT).take(masked(sent, CLOSE))) == [Reply(answered, True)]


@given(st.binary(max_size=300))
def test_any_bytes_give_messages_or_one_refusal(data: bytes) -> None:
    incoming = Incoming(64)
    try:
        for item in incoming.take(data):
            assert isinstance(item, Reply) or len(item) <= 64
    except Broken as broken:
        assert broken.code in (1002, 1007, 1009)
