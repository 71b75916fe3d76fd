"""Whether the process answers, and whether what it needs does."""

from __future__ import annotations

import json

from app.core.extensions import db


def test_the_process_answers(client):
    response = client.get("/healthz")
    assert (response.status_code, response.get_json()) == (200, {"status": "ok"})


def test_ready_when_the_database_answers(client):
    assert client.get("/readyz").get_json() == {"status": "ready", "missing": []}


def test_not_ready_without_the_database(client, monkeypatch):
    def away(*_args, **_kwargs):
        raise OSError("no route to host")

    monkeypatch.setattr(db.session, "execute", away)
    response = client.get("/readyz")
    assert (response.status_code, response.get_json()) == (
        503,
        {"status": "unready", "missing": ["database"]},
    )
    assert client.get("/healthz").status_code == 200


def test_not_ready_without_redis_where_it_is_set(app, client):
    from dataclasses import replace

    from app.factory import _redis_answers

    assert not _redis_answers("redis://127.0.0.1:1/0")
    assert replace(app.extensions["settings"], redis_url="redis://127.0.0.1:1/0").redis_url


def test_each_answer_carries_the_requests_id(client):
    given = client.get("/", headers={"X-Request-Id": "from-the-proxy-0042"})
    assert given.headers["X-Request-Id"] == "from-the-proxy-0042"
    first, second = (client.get("/").headers["X-Request-Id"] for _ in range(2))
    assert first != second and len(first) >= 16
    for bad in ("short", "x" * 65, "with spaces in it", "<script>alert(1)</script>", "a\tb-and-more"):
        assert client.get("/", headers={"X-Request-Id": bad}).headers["X-Request-Id"] != bad


def test_each_answer_is_one_json_line_without_personal_data(client, signed_in, make_user, capsys):
    mara = make_user("Mara Lindqvist", email="mara@example.org")
    maras = signed_in(mara)
    capsys.readouterr()
    maras.get("/rotterdam?q=my+secret+search")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    [line] = [one for one in lines if one["event"] == "answered"]
    assert line["status"] == 200 and line["endpoint"] == "ideas.board" and line["request"]
    assert line["ms"] >= 0 and line["level"] == "info"
    text = json.dumps(lines)
    assert "Mara" not in text and "example.org" not in text and "secret" not in text


def test_a_refusal_is_logged(client, capsys):
    client.post("/language", data={"language": "de"})
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    assert {"refused"} <= {line["event"] for line in lines}
    assert any(line.get("kind") == "csrf" and line["status"] == 400 for line in lines)
