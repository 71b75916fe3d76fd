"""What Prometheus may read: who holds the token, and nobody else; what it reads is what happened."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
from limits.errors import StorageError
from prometheus_client.parser import text_string_to_metric_families

from app.core import clock, limits, metrics
from app.core.extensions import limiter
from app.core.limits import spend
from app.factory import _redis_answers
from app.ideas.actions.upvoting import take_back_upvote, upvote
from tests.boards import post
from tests.servers import ROOT, free_port

TOKEN = "only-prometheus-knows-this"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
with_token = pytest.mark.settings(metrics_token=TOKEN)


def read(text: str) -> dict[tuple[str, ...], float]:
    """Values by name and labels' values."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def told(client):
    """Call it for the figures of `/metrics`; `told(before, *name)` -> by how much one has grown."""

    def ask(before: dict[tuple[str, ...], float] | None = None, *name: str):
        found = read(client.get("/metrics", headers=BEARER).get_data(as_text=True))
        return found if before is None else found.get(name, 0) - before.get(name, 0)

    return ask


@with_token
@pytest.mark.parametrize(
    "sent", [None, "", "Bearer", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", "Bearer ä"]
)
def test_without_the_token_there_is_nothing_at_metrics(client, sent):
    answer = client.get(
        "/metrics", headers={} if sent is None else {"Authorization": sent.encode().decode("latin-1")}
    )
    assert answer.status_code == 404 and "cip_" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("sent", ["Bearer ", "Bearer None", "Bearer"])
def test_without_a_token_set_nobody_reads(client, sent):
    assert client.get("/metrics", headers={"Authorization": sent}).status_code == 404


@with_token
def test_an_organiser_reads_no_metrics_either(signed_in, make_user):
    assert signed_in(make_user("Olga", organiser=True)).get("/metrics").status_code == 404


@with_token
def test_who_has_the_token_reads_and_nothing_keeps_it(client):
    answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert read(answer.get_data(as_text=True))["cip_started_seconds", "all"] <= time.time()


@pytest.mark.settings(metrics_token=TOKEN, public_url="https://cities.example")
def test_prometheus_may_know_a_process_by_another_name_than_people_do(client):
    asked = {"headers": BEARER, "base_url": "http://web1:8000"}
    assert client.get("/metrics", **asked).status_code == 200
    assert client.get("/healthz", **asked).status_code == 200
    assert client.get("/", **asked).status_code == 400


@with_token
def test_requests_are_counted_by_endpoint_and_status(client, told):
    before = told()
    for address in ("/rotterdam", "/rotterdam", "/atlantis", "/no/such/page/at/all"):
        client.get(address)
    assert told(before, "cip_requests_total", "ideas.board", "200") == 2
    assert told(before, "cip_requests_total", "ideas.board", "404") == 1
    assert told(before, "cip_requests_total", "none", "404") == 1
    assert told(before, "cip_request_seconds_count", "ideas.board") == 3
    assert told(before, "cip_request_seconds_sum", "ideas.board") > 0


@with_token
def test_nothing_a_visitor_makes_up_becomes_a_label(client, told):
    client.open("/made-up-by-a-visitor/x/y", method="GET", headers={"Host": "localhost"})
    client.open("/rotterdam", method="MADEUP")
    assert not any("MADEUP" in word or "made-up" in word for name in told() for word in name)


@with_token
def test_watchers_are_counted_by_city(told, socket):
    one, two, three = socket(), socket(), socket()
    one.watch("rotterdam")
    two.watch("rotterdam")
    three.watch("berlin")
    found = told()
    assert (found["cip_watchers", "rotterdam"], found["cip_watchers", "berlin"]) == (2, 1)
    assert found["cip_sockets", "something"] == 3
    three.unwatch()
    assert ("cip_watchers", "berlin") not in told()


@with_token
def test_the_delay_from_an_upvote_to_its_push_is_measured(told, socket, settle, city, make_user):
    idea, mara = post(city, make_user("Jan")), make_user("Mara")
    before = told()
    upvote(idea, by=mara, at=clock.now() - timedelta(seconds=2))
    settle()
    assert told(before, "cip_upvote_push_seconds_count") == 0, "nobody listens: nothing was pushed"
    socket().watch("rotterdam")
    take_back_upvote(idea, by=mara, at=clock.now() - timedelta(seconds=2))
    settle()
    assert told(before, "cip_upvote_push_seconds_count") == 1
    assert 2 <= told(before, "cip_upvote_push_seconds_sum") < 10
    assert told()["cip_waiting", "delivery"] == 0


@with_token
def test_catching_up_is_counted_by_what_was_missed(client, told, city, make_user):
    idea = post(city, make_user("Jan"))
    before = told()
    client.get("/rotterdam/changes?since=0")
    client.get(f"/rotterdam/changes?since=1&shown={idea.id}:0")
    client.get(f"/rotterdam/changes?since=1&shown={idea.id}:7")
    client.get("/rotterdam/changes?since=99")
    kinds = {
        kind: told(before, "cip_catch_ups_total", kind) for kind in ("changes", "nothing", "counts", "reload")
    }
    assert set(kinds.values()) == {1.0}, kinds


@pytest.mark.settings(metrics_token=TOKEN, rate_limits=True)
def test_a_lost_redis_is_counted_and_its_return_is_told(told, monkeypatch):
    def away(*_words):
        raise StorageError(OSError("no route to host"))

    before = told()
    with monkeypatch.context() as lost:
        lost.setattr(type(limiter.limiter), "hit", away)
        spend("upvotes", "7", limit="5 per minute")
    assert told()["cip_redis_answers", "limits"] == 0
    limits.without_redis().rests_until = 1e-9  # the rest is over
    spend("upvotes", "7", limit="5 per minute")
    assert told()["cip_redis_answers", "limits"] == 1
    assert not _redis_answers("redis://127.0.0.1:1/0")
    assert told(before, "cip_redis_lost_total", "limits") == 1
    assert told(before, "cip_redis_lost_total", "ready") == 1
    assert told()["cip_redis_answers", "ready"] == 0


@with_token
def test_what_a_full_queue_gave_up_is_counted(told):
    before = told()
    metrics.dropped("bus", 3)
    assert told(before, "cip_dropped_total", "bus") == 3


def test_several_workers_add_up(databases, tmp_path):
    """Two workers of one gunicorn: whichever answers tells of both."""
    together = tmp_path / "together"
    together.mkdir()
    address = databases.copy(f"board_metrics_{os.getpid()}", tmp_path)
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "wsgi:app",
        "-w",
        "2",
        "-b",
        f"127.0.0.1:{port}",
        "--log-level",
        "error",
    ]
    settings = {
        "DATA": str(tmp_path),
        "DATABASE_URL": address,
        "METRICS_TOKEN": TOKEN,
        "SECRET_KEY": "x" * 32,
    }
    environment = {**os.environ, **settings, "PROMETHEUS_MULTIPROC_DIR": str(together)}
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        before = _once_both_have_started(f"http://127.0.0.1:{port}/metrics", tmp_path / "log")
        for _ in range(30):
            _get(f"http://127.0.0.1:{port}/rotterdam")
        after = read(_get(f"http://127.0.0.1:{port}/metrics"))
    finally:
        server.terminate()
        server.wait(20)
        databases.drop(address)
    name = ("cip_requests_total", "ideas.board", "200")
    assert after[name] - before.get(name, 0) == 30


def _get(address: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(address, headers=BEARER), timeout=20) as answer:
        return answer.read().decode()


def _once_both_have_started(address: str, log: Path) -> dict[tuple[str, ...], float]:
    deadline = time.monotonic() + 120  # two workers begin at once, perhaps on a busy machine
    while time.monotonic() < deadline:
        try:
            found = read(_get(address))
            if len([words for words in found if words[0] == "cip_started_seconds"]) == 2:
                return found
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(log.read_text())


def test_the_grafana_board_and_the_docs_name_every_metric_and_no_other():
    """A panel of a metric that was renamed would stay empty, and nobody would notice."""
    endings = ("_total", "_bucket", "_sum", "_count", "_created")

    def named(source: str) -> set[str]:
        found = set(re.findall(r"\bcip_[a-z_]*[a-z]", source))
        return {
            next((name.removesuffix(end) for end in endings if name.endswith(end)), name) for name in found
        }

    known = {family.name for family in metrics.REGISTRY.collect() if family.name.startswith("cip_")}
    board = (ROOT / "deploy/grafana/board.json").read_text(encoding="utf-8")
    assert named(board) == known
    assert named((ROOT / "docs/operations.md").read_text(encoding="utf-8")) == known
    places = [tuple(panel["gridPos"].values()) for panel in json.loads(board)["panels"]]
    assert len(set(places)) == len(places), "no panel lies on another"
