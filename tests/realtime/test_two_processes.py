"""The board over several processes: one for pages, two for sockets, PostgreSQL and Valkey between them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from urllib.request import urlopen

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.actions import end_all_sessions
from app.cities.models import City
from app.core.extensions import db
from app.factory import create_app
from app.ideas.models import Idea
from tests.boards import post
from tests.clients import apart
from tests.cluster import Cluster
from tests.conftest import add_person
from tests.sockets import Page, Person, cookie_of, pages, until


@dataclass
class Town:
    """The processes, and an application on the same database that nobody's bus reaches: it stands for a lost writer."""

    cluster: Cluster
    app: Flask

    @property
    def web_ports(self) -> list[int]:
        return [board.port for board in self.cluster.web]

    def person(self, name: str) -> Person:
        def make() -> str:
            with self.app.test_request_context():
                return cookie_of(self.app, add_person(name))

        return Person(self.web_ports, apart(make))

    def post_unheard(self, title: str) -> int:
        """An idea, committed by a process that ends before it can say so."""

        def write() -> int:
            with self.app.test_request_context():
                city = db.session.scalars(select(City).where(City.slug == "rotterdam")).one()
                return post(city, add_person("Ghost"), title).id

        return apart(write)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with Cluster(web=1, live=2) as cluster:
        settings = {**cluster.settings("all"), "redis_url": "", "data": tmp_path_factory.mktemp("writer")}
        app = create_app(settings)
        yield Town(cluster, app)
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def open_page(town: Town) -> Iterator[Callable[..., Page]]:
    """`open_page(live=0, wish, cookie)` -> a page whose socket is held by that process."""
    with pages() as opening:
        yield lambda live=0, *args, **more: opening(town.cluster.live[live].port, *args, **more)


def test_what_one_process_writes_is_heard_on_both_others_each_in_its_language(town, open_page):
    english, german = open_page(0), open_page(1, {"city": "rotterdam", "language": "de"})
    idea = town.person("Mara").post("Crossing at the tram stop")
    for page in (english, german):
        assert until(lambda page=page: [said["idea"] for said in page.all("change")] == [idea])
    [told], [gesagt] = english.all("change"), german.all("change")
    assert told["title"] == gesagt["title"] == "Crossing at the tram stop"
    assert told["card"] != gesagt["card"]


def test_an_upvote_is_counted_everywhere_and_shown_on_the_persons_other_screen(town, open_page):
    mara = town.person("Mara")
    idea = town.person("Ana").post("Benches along the quay")
    phone, beamer = open_page(0, cookie=mara.cookie), open_page(1)
    mara.upvote(idea)
    assert until(lambda: phone.count_of(idea) == beamer.count_of(idea) == 1)
    assert until(lambda: {"idea": idea, "upvoted": True} in phone.all("mine"))
    assert beamer.all("mine") == []


def test_the_watchers_of_all_processes_are_added_up_for_everybody(town, open_page):
    mara = town.person("Mara")
    first, _second, third = open_page(0), open_page(0), open_page(1)

    def told(page: Page) -> list[int]:
        return [message["watching"] for message in page.all("watching")][-1:]

    assert until(lambda: told(first) == told(third) == [3])

    def watching() -> int:
        _, text = mara.ask("GET", "/rotterdam/changes?since=0", Accept="application/json")
        return json.loads(text)["watching"]

    assert until(lambda: watching() == 3)
    third.close()
    assert until(lambda: told(first) == [2])


def test_who_signs_out_everywhere_hears_no_more_in_any_process(town, open_page):
    def make() -> tuple[int, str]:
        with town.app.test_request_context():
            user = add_person("Milan")
            return user.id, cookie_of(town.app, user)

    user_id, cookie = apart(make)
    mine, other = open_page(1, cookie=cookie), open_page(1)

    def sign_out() -> None:
        with town.app.test_request_context():
            from app.accounts.models import User

            end_all_sessions(db.session.get_one(User, user_id))

    apart(sign_out)
    assert until(lambda: not mine.is_open, 10)
    assert other.is_open


def test_what_a_writer_could_not_say_before_its_end_is_told_all_the_same(town, open_page):
    page = open_page(0)
    idea = town.post_unheard("Shade for the market square")
    assert until(lambda: [said["idea"] for said in page.all("change")] == [idea])
    seq = page.answer["seq"]
    assert [(said["seq"], said["prev"]) for said in page.all("change")] == [(seq + 1, seq)]


def test_a_process_that_ends_sends_its_pages_to_the_others_and_tells_them_all_until_they_go(town, open_page):
    leaving = town.cluster.add("live")
    page = open_page(2)
    ending = threading.Thread(target=leaving.stop)
    ending.start()
    try:
        assert until(lambda: page.all("bye"))
        assert 0 < page.all("bye")[0]["within"] <= 10_000
        idea = town.person("Mara").post("Water taps in the park")
        assert until(lambda: [said["idea"] for said in page.all("change")] == [idea])
        page.close()
    finally:
        ending.join(30)
    assert leaving.process is not None and leaving.process.returncode == 0


def test_a_live_process_on_changed_libraries_sends_in_their_own_way_and_loses_nothing(town):
    live = town.cluster.add("stock")
    page = Page(live.port)
    try:
        mara = town.person("Mara")
        ideas = [mara.post(f"Bench {number} along the quay") for number in range(5)]
        assert until(lambda: [said["idea"] for said in page.all("change")] == ideas)
        town.person("Ana").upvote(ideas[0])
        assert until(lambda: page.count_of(ideas[0]) == 1)
        assert b"stock" in live.log.read_bytes()
    finally:
        page.close()
        assert live.stop() == 0
        town.cluster.live.remove(live)


def test_pages_are_written_to_without_a_failure_while_each_process_is_restarted(town):
    second = town.cluster.add("web")
    mara = town.person("Mara")
    idea = town.person("Ana").post("Lights under the viaduct")
    failed: list[Exception] = []
    done = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        while not done.is_set():
            try:
                mara.upvote(idea, wanted=written % 2 == 0)
                written += 1
            except (OSError, HTTPException, AssertionError) as error:
                failed.append(error)
                return

    writing = threading.Thread(target=write)
    writing.start()
    for board in (town.cluster.web[0], second):
        before = written
        assert until(lambda before=before: written > before + 5 or failed)
        assert board.stop() == 0
        board.start()
    done.set()
    writing.join(60)
    assert failed == [] and written > 20


def test_while_every_process_is_replaced_nothing_written_is_lost_and_a_page_that_moves_on_has_it_all(
    town, open_page
):
    town.cluster.add("web")
    mara = town.person("Mara")
    posted: list[int] = []
    failed: list[Exception] = []
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            try:
                posted.append(mara.post(f"Tree number {len(posted)} on the boulevard"))
                done.wait(0.1)
            except (OSError, HTTPException, AssertionError) as error:
                failed.append(error)
                return

    page = open_page(0)
    shown = {"last": page.answer["seq"]}
    ideas: set[int] = set()

    def take(page: Page) -> None:
        for said in page.all("change"):
            ideas.add(said["idea"])
            shown["last"] = max(shown["last"], said["seq"])

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for number, board in [*enumerate(town.cluster.web[:2]), *enumerate(town.cluster.live[:2])]:
            before = len(posted)
            assert until(lambda before=before: len(posted) > before + 2 or failed)
            leaves = threading.Thread(target=board.stop)
            leaves.start()
            if board in town.cluster.live:
                assert until(lambda page=page: page.all("bye"))
                take(page)
                page.close()
                page = open_page(1 - number)
                _, text = mara.ask(
                    "GET", f"/rotterdam/changes?since={shown['last']}", Accept="application/json"
                )
                ideas |= {change["idea"] for change in (json.loads(text)["changes"] if text else [])}
            leaves.join(60)
            assert board.process.returncode == 0
            board.start()
    finally:
        done.set()
        writing.join(60)
    assert failed == [] and len(posted) > 8

    def is_equal() -> bool:
        take(page)
        return ideas == set(posted)

    assert until(is_equal), (set(posted) - ideas, ideas - set(posted))
    assert len(set(posted)) == len(posted) == stored(town, "on the boulevard")


def stored(town: Town, words: str) -> int:
    """How many ideas with these words in the title the database holds."""

    def count() -> int:
        with town.app.test_request_context():
            return len(db.session.scalars(select(Idea).where(Idea.title.contains(words))).all())

    return apart(count)


def test_a_page_that_comes_while_redis_is_away_hears_of_the_very_next_upvote(town, open_page):
    if town.cluster.valkey is None:
        pytest.skip("the server of TEST_REDIS_URL is not ours to stop")
    mara = town.person("Mara")
    idea = town.person("Ana").post("Trees for the station square")
    town.cluster.add("live")
    town.cluster.valkey.kill()
    try:
        page = open_page(-1)
        mara.upvote(idea)
        assert until(lambda: page.count_of(idea) == 1)
    finally:
        town.cluster.valkey.start()


def test_without_redis_writing_goes_on_and_pages_hear_of_it_and_afterwards_too(town, open_page):
    if town.cluster.valkey is None:
        pytest.skip("the server of TEST_REDIS_URL is not ours to stop")
    mara = town.person("Mara")
    before = town.person("Ana").post("A roof for the bicycle racks")
    here, there = open_page(0, cookie=mara.cookie), open_page(1)
    town.person("Milan").upvote(before)
    assert until(lambda: here.count_of(before) == there.count_of(before) == 1)
    town.cluster.valkey.kill()
    began = time.monotonic()
    mara.upvote(before)
    during = mara.post("A pump at every station")
    assert time.monotonic() - began < 10
    for board in (town.cluster.web[0], town.cluster.live[0]):
        with urlopen(f"{board.url}/readyz", timeout=10) as answer:
            assert (answer.status, json.load(answer)["missing"]) == (200, ["redis"])
    for page in (here, there):
        assert until(lambda page=page: during in [said["idea"] for said in page.all("change")])
        assert until(lambda page=page: page.count_of(before) == 2)
    town.cluster.valkey.start()
    after = mara.post("Longer green for pedestrians")
    mara.upvote(before, wanted=False)
    for page in (here, there):
        assert until(lambda page=page: after in [said["idea"] for said in page.all("change")])
        assert until(lambda page=page: page.count_of(before) == 1)
        numbers = [said["seq"] for said in page.all("change")]
        assert numbers == sorted(set(numbers)), "each change once, in order"
    assert until(lambda: {"idea": before, "upvoted": True} in here.all("mine"))
    assert until(lambda: {"idea": before, "upvoted": False} in here.all("mine"))
