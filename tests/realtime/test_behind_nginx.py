"""The deployment as it stands: nginx, two processes for pages, two for sockets, PostgreSQL and Valkey; one address."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

import pytest
from flask import Flask

from app.core.extensions import db
from app.factory import create_app
from tests.clients import apart
from tests.cluster import Cluster
from tests.conftest import add_person
from tests.engines import free_port
from tests.front import Front, find_nginx
from tests.layout import layout
from tests.servers import ROOT
from tests.sockets import Page, Person, cookie_of, until

pytestmark = pytest.mark.skipif(not find_nginx(), reason="nginx is not installed")


class Town:
    """Everything behind `front`, and an application on the same database, to make people with."""

    def __init__(self, cluster: Cluster, front: Front, app: Flask) -> None:
        self.cluster, self.front, self.app = cluster, front, app

    def person(self, name: str) -> Person:
        def make() -> str:
            with self.app.test_request_context():
                return cookie_of(self.app, add_person(name))

        return Person([self.front.port], apart(make))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with layout(tmp_path_factory.mktemp("layout"), web=2, live=2) as (cluster, front):
        app = create_app(
            {**cluster.settings("all"), "redis_url": "", "data": tmp_path_factory.mktemp("writer")}
        )
        yield Town(cluster, front, app)
        with app.app_context():
            db.engine.dispose()


def test_pages_and_their_sockets_come_through_one_address(town):
    page = Page(town.front.port)
    idea = town.person("Mara").post("Crossing at the tram stop")
    assert until(lambda: [said["idea"] for said in page.all("change")] == [idea])
    page.close()


def test_every_process_is_replaced_and_no_write_fails(town):
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

    page = Page(town.front.port)
    writing = threading.Thread(target=write)
    writing.start()
    for board in (*town.cluster.web, *town.cluster.live):
        before = written
        assert until(lambda before=before: written > before + 5 or failed)
        assert board.stop() == 0
        board.start()
    done.set()
    writing.join(60)
    assert failed == [] and written > 20
    assert page.all("bye") or page.is_open, "a page hears that it is to look for another process"
    mara.upvote(idea, wanted=False)  # a page hears of what changes; the last one above may have been either
    again = Page(town.front.port)
    mara.upvote(idea)
    assert until(lambda: again.count_of(idea) == 1)
    again.close()
    page.close()


def test_one_command_starts_everything_and_ctrl_c_ends_everything(tmp_path):
    port = free_port()
    run = subprocess.Popen(
        [sys.executable, "-m", "tests.layout", "--port", str(port), "--web", "1", "--no-sample"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    said = ""
    for line in run.stdout:
        said += line
        if "is open at" in line:
            break
    assert f"Cities in Progress is open at http://127.0.0.1:{port}." in said, run.communicate()
    assert re.search(rf"open this link once: http://127\.0\.0\.1:{port}/organiser/\S+\n", said)
    processes = [int(found) for found in re.findall(r"process (\d+)", said)]
    assert len(processes) >= 3 and all(map(runs, processes))
    page = Page(port)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=60)
    page.close()
    assert run.returncode == 0 and told.endswith("Everything is stopped.\n")
    assert not any(map(runs, processes))
    assert list(tmp_path.iterdir()) == []


def runs(process: int) -> bool:
    """Whether it is there."""
    return Path(f"/proc/{process}").exists()


def test_where_nginx_is_missing_a_sentence_says_so(tmp_path):
    told = subprocess.run(
        [sys.executable, "-m", "tests.layout"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CIP_NGINX": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == 1
    assert (
        told.stderr
        == "nginx is missing: install it (Debian: apt-get install nginx), or name it in the variable CIP_NGINX.\n"
    )
