"""Answers that many ask for at once are made once; no answer of another state is given; memory is bounded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest

from app.core import keeping
from app.core.keeping import Kept

T = TypeVar("T")
MANY = 8


@pytest.fixture
def time(monkeypatch) -> SimpleNamespace:
    """The clock of what is kept: set `.now`."""
    held = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(keeping, "time", SimpleNamespace(monotonic=lambda: held.now))
    return held


@pytest.fixture
def waits(monkeypatch) -> threading.Semaphore:
    """Released once for each thread that begins to wait for what another one makes."""
    begun = threading.Semaphore(0)

    class Told(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            begun.release()
            return super().wait(timeout)

    @dataclass
    class Making(keeping._Making[T]):
        done: threading.Event = field(default_factory=Told)

    monkeypatch.setattr(keeping, "_Making", Making)
    return begun


def kept(**changes: Any) -> Kept[str]:
    return Kept(**{"moment": 0.5, "fresh": 0, "most": 100, "size": len, **changes})


def counting(*values: str) -> Callable[[], str]:
    """Gives these values, one a call; fails when called more often."""
    left = iter(values)
    return lambda: next(left)


def at_once(act: Callable[[], str]) -> list[str]:
    """What MANY threads get of `act`; of an error, its words."""
    got: list[str] = []

    def one() -> None:
        try:
            got.append(act())
        except ValueError as error:
            got.append(str(error))

    threads = [threading.Thread(target=one) for _ in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return sorted(got)


def test_within_its_moment_a_value_is_given_again(time):
    values, make = kept(), counting("first", "second")
    assert [values.get("key", 1, make) for _ in range(3)] == ["first"] * 3
    time.now += 0.49
    assert values.get("key", 1, make) == "first"
    time.now += 0.02
    assert values.get("key", 1, make) == "second"


def test_a_moment_begins_before_the_value_is_made_not_after(time):
    values = kept()

    def slow() -> str:
        time.now += 1.0
        return "read a second ago"

    assert values.get("key", 1, slow) == "read a second ago"
    assert values.get("key", 1, lambda: "new") == "new"


def test_a_value_of_another_state_or_key_is_never_given(time):
    values = kept()
    for key, state in (("a", 1), ("a", 2), ("a", 1), ("b", 1), ("a", (1, None))):
        wanted = f"{key} of {state}"
        assert values.get(key, state, lambda wanted=wanted: wanted) == wanted


def test_while_few_ask_everybody_gets_a_new_one(time):
    values, make = kept(fresh=2), counting("1", "2", "3", "4", "5")
    assert [values.get("key", 1, make) for _ in range(5)] == ["1", "2", "3", "3", "3"]
    time.now += 0.5  # the moment is over, and one more of two a second may be made
    assert [values.get("key", 1, make) for _ in range(3)] == ["4", "5", "5"]


def test_who_asks_meanwhile_waits_for_what_is_being_made(waits):
    values, made = kept(moment=60), []

    def make() -> str:
        made.append(1)
        for _ in range(MANY - 1):
            assert waits.acquire(timeout=10), "all the others wait"
        return "made once"

    assert at_once(lambda: values.get("key", 1, make)) == ["made once"] * MANY
    assert len(made) == 1


def test_who_waited_for_what_failed_makes_their_own(waits):
    values, lock, made = kept(moment=60), threading.Lock(), []

    def make() -> str:
        with lock:
            made.append(1)
            is_first = len(made) == 1
        if is_first:
            for _ in range(MANY - 1):
                assert waits.acquire(timeout=10)
            raise ValueError("failed")
        return "their own"

    assert at_once(lambda: values.get("key", 1, make)) == ["failed"] + ["their own"] * (MANY - 1)


def test_who_waits_for_one_state_does_not_get_another_that_is_being_made(waits):
    values = kept(moment=60)
    inside, go = threading.Event(), threading.Event()

    def old() -> str:
        inside.set()
        assert go.wait(10)
        return "old"

    got: list[str] = []
    thread = threading.Thread(target=lambda: got.append(values.get("key", 1, old)))
    thread.start()
    assert inside.wait(10)
    assert values.get("key", 2, lambda: "new") == "new"
    go.set()
    thread.join(10)
    assert got == ["old"]
    assert values.get("key", 2, lambda: "newer") in ("new", "newer"), (
        "whichever is kept, the old one is not given"
    )


def test_what_is_kept_never_takes_more_than_its_share_and_the_longest_unasked_goes_first(time):
    values = kept(most=30)
    for number in range(50):
        values.get(number, 1, lambda: "x" * 10)
        values.get(0, 1, lambda: "x" * 10)
        assert values._held == sum(entry.size for entry in values._entries.values()) <= 30
    assert list(values._entries) == [48, 49, 0] or list(values._entries) == [48, 0, 49][:3]
    values.get("large", 1, lambda: "x" * 31)
    assert values._held <= 30 and "large" not in values._entries
    assert not values._making


def test_what_is_made_anew_under_its_key_is_not_counted_twice(time):
    values = kept(most=30)
    for state in range(20):
        values.get("key", state, lambda: "x" * 10)
    assert (values._held, len(values._entries)) == (10, 1)
    values.forget()
    assert (values._held, len(values._entries)) == (0, 0)


def test_what_nobody_is_given_any_more_takes_no_room(time):
    some = kept(most=1000)
    for number in range(5):
        some.get(number, "now", lambda: "x" * 10)
    assert some.held == 50
    time.now += 1.0
    some.get("another", "now", lambda: "y")
    assert some.held == 1
