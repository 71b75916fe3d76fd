"""The bus between processes, on a real Valkey that is restarted, killed and made to hang."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from app.core import limits
from app.core.errors import TooMany
from app.ideas.events import BoardChanged, CountsChanged
from app.live import bus, listening, presence
from app.live.bus import Sender, connected, named
from app.live.delivery import delivery
from app.live.listening import Listener
from app.live.presence import Presence
from app.live.topics import watchers
from tests.boards import post
from tests.engines import Valkey
from tests.sockets import until


@pytest.fixture
def redis_server() -> Iterator[Valkey]:
    """One of the test's own, since it does not survive it unharmed."""
    with Valkey() as server:
        yield server


@pytest.fixture(autouse=True)
def _nobody_listens_on() -> Iterator[None]:
    """What a test has started ends with it."""
    yield
    for one in Ear.all:
        one.listener.stop()
    Ear.all.clear()


class Ear:
    """A listener, and what it heard."""

    all: ClassVar[list[Ear]] = []

    def __init__(self, url: str, origin: str = "an ear") -> None:
        self.all.append(self)
        self.heard: list[Any] = []
        self.missed = 0
        self.listener = Listener(url, origin, self.heard.append, self._miss)
        self.listener.start()
        assert until(lambda: self.listener.is_hearing)

    def _miss(self) -> None:
        self.missed += 1


def event(number: int) -> CountsChanged:
    return CountsChanged(city_id=1, idea_id=number)


# saying and hearing ----------------------------------------------------------------------------------


def test_what_one_process_says_all_others_hear_in_order_but_not_itself(redis_server):
    sender = Sender(redis_server.url)
    ears = [Ear(redis_server.url), Ear(redis_server.url), Ear(redis_server.url, sender.origin)]
    said = [event(number) for number in range(1000)]
    for one in said:
        sender.tell(one)
    assert sender.settle(10)
    assert until(lambda: ears[0].heard == ears[1].heard == said)
    assert ears[2].heard == [] and [ear.missed for ear in ears] == [0, 0, 0]


def test_installations_that_share_a_server_do_not_hear_each_other(redis_server):
    other = redis_server.url.removesuffix("/0") + "/3"
    assert (named(redis_server.url, "events"), named(other, "events")) == ("cip:events", "cip:3:events")
    ours, theirs = Ear(redis_server.url), Ear(other)
    Sender(redis_server.url).tell(event(1))
    assert until(lambda: ours.heard == [event(1)])
    assert theirs.heard == []


def test_what_makes_no_sense_on_the_channel_is_passed_over(redis_server):
    ear, sender = Ear(redis_server.url), Sender(redis_server.url)
    with connected(redis_server.url) as client:
        for message in (b"", b"\xff\xfe", b"[1,2]", b'{"from": "x", "events": [["BoardChanged", {}]]}'):
            client.publish("cip:events", message)
    sender.tell(event(1))
    assert until(lambda: ear.heard == [event(1)])
    assert ear.listener.is_hearing and ear.missed == 0


# without Redis ---------------------------------------------------------------------------------------


def test_a_writer_never_waits_for_redis_and_what_it_said_meanwhile_is_said_afterwards(redis_server):
    ear, sender = Ear(redis_server.url), Sender(redis_server.url)
    redis_server.kill()
    began = time.monotonic()
    for number in range(500):
        sender.tell(event(number))
    assert time.monotonic() - began < 1.0
    assert until(lambda: sender.is_away and not ear.listener.is_hearing)
    redis_server.start()
    assert until(lambda: ear.missed >= 1)
    assert until(lambda: ear.heard[-1:] == [event(499)])
    assert ear.heard == [event(number) for number in range(500)]
    assert not sender.is_away and sender.dropped == 0


def test_more_than_can_be_kept_is_dropped_oldest_first_and_the_others_are_told_so(redis_server, monkeypatch):
    monkeypatch.setattr(bus, "KEPT_AT_MOST", 10)
    monkeypatch.setattr(bus, "AT_ONCE", 1)
    ear, sender = Ear(redis_server.url), Sender(redis_server.url)
    redis_server.kill()
    assert until(lambda: not ear.listener.is_hearing)
    sender.tell(event(0))
    assert until(lambda: sender.is_away)  # the first one is in its hands
    for number in range(1, 40):
        sender.tell(event(number))
    assert sender.dropped == 29
    redis_server.start()
    assert until(lambda: len(ear.heard) == 11)
    assert ear.heard == [event(0), *(event(number) for number in range(30, 40))]
    assert ear.missed >= 2  # it came back, and the sender owned up


def test_a_server_that_hangs_is_noticed_as_one_that_is_gone(redis_server, monkeypatch):
    monkeypatch.setattr(listening, "PING_SECONDS", 0.3)
    monkeypatch.setattr(listening, "SILENT_SECONDS", 1.5)
    ear = Ear(redis_server.url)
    assert redis_server.process is not None
    os.kill(redis_server.process.pid, signal.SIGSTOP)
    try:
        assert until(lambda: not ear.listener.is_hearing)
    finally:
        os.kill(redis_server.process.pid, signal.SIGCONT)
    assert until(lambda: ear.listener.is_hearing and ear.missed >= 1)
    assert ear.listener.losses >= 1


def test_a_connection_that_only_stays_quiet_is_not_taken_for_a_loss(redis_server, monkeypatch):
    monkeypatch.setattr(listening, "PING_SECONDS", 0.3)
    monkeypatch.setattr(listening, "SILENT_SECONDS", 1.5)
    ear = Ear(redis_server.url)
    time.sleep(3.0)  # longer than silence may last: only the pings keep it alive
    assert ear.listener.is_hearing and ear.listener.losses == 0


# how many watch --------------------------------------------------------------------------------------


def counting(url: str, origin: str, numbers: dict[presence.Key, int]) -> Presence:
    made = Presence(url, origin, lambda: numbers, lambda _keys: None)
    made.start()
    return made


def test_those_who_watch_elsewhere_are_added_up_until_their_process_leaves(redis_server):
    first = counting(redis_server.url, "one", {("city", 1): 3, ("room", 7): 2})
    second = counting(redis_server.url, "two", {("city", 1): 4})
    asking = Presence(redis_server.url, "web", dict, lambda _keys: None)
    assert until(lambda: asking.elsewhere("city", 1) == 7)
    assert asking.elsewhere("room", 7) == 2 and asking.elsewhere("city", 2) == 0
    assert until(lambda: (first.elsewhere("city", 1), second.elsewhere("city", 1)) == (4, 3))
    first.leave()
    assert until(lambda: asking.elsewhere("city", 1) == 4 and asking.elsewhere("room", 7) == 0)


def test_a_process_that_died_is_counted_no_more_after_a_while(redis_server, monkeypatch):
    monkeypatch.setattr(presence, "EXPIRES_AFTER", 2)
    died = counting(redis_server.url, "one", {("city", 1): 3})
    asking = Presence(redis_server.url, "web", dict, lambda _keys: None)
    assert until(lambda: asking.elsewhere("city", 1) == 3)
    died._ended.set()  # without leaving
    assert until(lambda: asking.elsewhere("city", 1) == 0)


def test_who_asks_while_redis_is_away_is_answered_at_once(redis_server, monkeypatch):
    monkeypatch.setattr(presence, "EXPIRES_AFTER", 2)
    counting(redis_server.url, "one", {("city", 1): 3})
    asking = Presence(redis_server.url, "web", dict, lambda _keys: None)
    assert until(lambda: asking.elsewhere("city", 1) == 3)
    redis_server.kill()
    began = time.monotonic()
    asking.elsewhere("city", 1)
    assert time.monotonic() - began < 0.1
    assert until(lambda: asking.elsewhere("city", 1) == 0)


# the application with it -----------------------------------------------------------------------------


@pytest.fixture
def shared(request: pytest.FixtureRequest, overrides: dict[str, Any], redis_server: Valkey) -> Valkey:
    """The application of the test uses this server."""
    overrides["redis_url"] = redis_server.url
    return redis_server


def test_one_process_with_redis_tells_its_own_pages_at_once_and_the_others_too(
    shared, app, city, make_user, socket, settle
):
    ear = Ear(shared.url)
    page = socket()
    assert page.watch("rotterdam")["ok"]
    idea = post(city, make_user("Mara"))
    settle()
    assert [message["idea"] for message in page.heard("change")] == [idea.id]
    assert until(lambda: idea.id in [getattr(one, "idea_id", None) for one in ear.heard])


def test_an_event_of_another_process_is_told_here_once(shared, app, city, make_user, socket, settle):
    page = socket()
    page.watch("rotterdam")
    assert delivery.listener is not None
    assert until(lambda: delivery.listener.is_hearing)
    idea = post(city, make_user("Mara"))
    settle()
    changed = page.heard("change")
    assert len(changed) == 1
    again = Sender(shared.url)  # as if the other process had told the same change
    again.tell(
        BoardChanged(
            city_id=city.id,
            number=changed[0]["seq"],
            previous=0,
            kind="idea_posted",
            idea_id=idea.id,
            comment_id=None,
        )
    )
    again.tell(CountsChanged(city_id=city.id, idea_id=idea.id))
    assert until(lambda: settle() or page.heard("counts"))
    assert page.heard("change") == []


def test_the_numbers_of_other_processes_are_part_of_what_a_page_is_told(shared, app, city, socket):
    other = counting(shared.url, "other", {("city", city.id): 5})
    assert until(lambda: delivery.on_city(city.id) == 5)
    page = socket()
    assert page.watch("rotterdam")["watching"] == 6
    assert watchers.on_city(city.id) == 1
    other.leave()


@pytest.mark.settings(rate_limits=True)
def test_limits_hold_without_redis_and_only_the_first_of_many_waits(shared, app):
    limits.spend("knock", "mara", limit="3 per minute")
    assert shared.process is not None
    os.kill(shared.process.pid, signal.SIGSTOP)  # it hangs: worse than being gone
    try:
        began = time.monotonic()
        for _ in range(3):
            limits.spend("knock", "mara", limit="3 per minute")
        assert time.monotonic() - began < 2.0
        with pytest.raises(TooMany):
            limits.spend("knock", "mara", limit="3 per minute")
    finally:
        os.kill(shared.process.pid, signal.SIGCONT)
    limits.without_redis().rests_until = 0.0
    with pytest.raises(TooMany):  # Redis counts on where it stopped: one before, three now
        for _ in range(3):
            limits.spend("knock", "mara", limit="3 per minute")


def test_without_redis_there_is_no_bus(app):
    assert delivery.sender is None and delivery.listener is None and delivery.presence is None
