"""What a process looks at before it serves: the database it finds, and the port it is given."""

from __future__ import annotations

import os
import socket

import pytest
from sqlalchemy import create_engine, text

from app.core.config import Settings
from app.starting import CannotStart, address_of, listen, require_database


def at(address: str) -> Settings:
    return Settings(database_url=address)


def test_a_prepared_database_is_served(app):
    require_database(app.extensions["settings"])


def test_an_empty_database_is_not_and_the_sentence_says_what_to_run(empty_database):
    with pytest.raises(CannotStart, match="flask --app wsgi db upgrade"):
        require_database(at(empty_database))


def test_a_database_of_an_older_version_is_not_either(app):
    _stamp(app, "0001")
    with pytest.raises(CannotStart, match="not prepared"):
        require_database(app.extensions["settings"])


def test_a_database_that_is_newer_is_served_by_the_old_processes_of_an_update(app):
    _stamp(app, "9999_from_tomorrow")
    require_database(app.extensions["settings"])


def test_a_database_that_does_not_answer_is_named_without_its_password():
    with pytest.raises(CannotStart, match="does not answer") as refused:
        require_database(at("postgresql://mara:seven-trams@127.0.0.1:1/board"))
    assert "seven-trams" not in str(refused.value)


def test_a_port_that_systemd_has_opened_is_taken_over_once(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as opened:
        port = opened.getsockname()[1]
        monkeypatch.setattr("app.starting.FIRST_PASSED", os.dup(opened.fileno()))
        monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
        monkeypatch.setenv("LISTEN_FDS", "1")
        with listen("127.0.0.1", port) as taken:
            assert address_of(taken) == f"http://127.0.0.1:{port}"
        assert "LISTEN_FDS" not in os.environ
        with pytest.raises(CannotStart, match=f"127.0.0.1:{port} cannot be used"):
            listen("127.0.0.1", port)


def test_what_systemd_passed_to_another_process_is_left_alone(monkeypatch):
    monkeypatch.setenv("LISTEN_PID", "1")
    monkeypatch.setenv("LISTEN_FDS", "1")
    with listen("127.0.0.1", 0) as opened:
        assert address_of(opened).startswith("http://127.0.0.1:")
    assert os.environ["LISTEN_FDS"] == "1"


def _stamp(app, revision: str) -> None:
    engine = create_engine(app.extensions["settings"].database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    engine.dispose()
