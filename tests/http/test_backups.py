"""Backups: one moment of the board while people write, proved before they are kept, and brought back without loss."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.care import sqlite_files
from app.care.kept import NotDone, backups_in
from app.care.postgresql_dumps import Server
from app.core import clock
from app.core.config import settings
from app.core.extensions import db
from app.factory import create_app
from app.ideas.actions.upvoting import upvote
from tests.boards import database_kind, post, say
from tests.keeping import call, done, faults, pg_dump, titles, writing

pytestmark = pytest.mark.settings(pg_dump=pg_dump())
ROUNDS = int(os.environ.get("BACKUP_ROUNDS", "5"))
on_postgresql = pytest.mark.skipif("not os.environ.get('TEST_DATABASE_URL')", reason="PostgreSQL only")
on_sqlite = pytest.mark.skipif("os.environ.get('TEST_DATABASE_URL')", reason="SQLite only")


@pytest.fixture
def folder(tmp_path):
    """Where this test keeps its backups."""
    return tmp_path / "kept"


@pytest.fixture
def kept(app, folder, city, make_user):
    """A backup of a board with one idea, a comment and an upvote."""
    idea = post(city, make_user("Jan"), "Kept by the backup")
    say(idea, make_user("Li"))
    upvote(idea, by=make_user("Mara"), at=clock.now())
    done(app, "backup", "--to", folder)
    [file] = backups_in(folder)
    return file


def test_a_board_comes_back_as_it_was(app, kept, city, make_user, client):
    post(city, make_user("Ana"), "Posted after the backup")
    said = done(app, "restore", kept, "--yes")
    assert "1 ideas, 1 comments, 1 upvotes, 3 users" in said and "What was there is in" in said
    assert titles() == ["Kept by the backup"]
    page = client.get("/rotterdam").get_data(as_text=True)
    assert "Kept by the backup" in page and "Posted after the backup" not in page
    assert faults() == []
    post(city, make_user("Ana"), "Life goes on after it")
    assert client.get_json("/rotterdam/changes?since=0")["seq"] == 3


def test_each_backup_made_while_somebody_writes_is_a_prefix_of_what_was_written(
    app, folder, city, make_user, clock
):
    bounds = {}
    with writing(app, city, make_user("Jan")) as ledger:
        for _round in range(ROUNDS):
            clock.advance(1)  # names differ by the second
            wait_for_more(ledger, len(ledger.acknowledged) + 3)
            before = len(ledger.acknowledged)
            done(app, "backup", "--to", folder)
            bounds[backups_in(folder)[-1]] = (before, len(ledger.begun))
    assert not ledger.faults and ledger.acknowledged == ledger.begun
    assert len(bounds) == ROUNDS
    for number, (file, (least, most)) in enumerate(bounds.items()):
        clock.advance(1)
        done(app, "restore", file, "--yes")
        found = titles()
        assert found == ledger.begun[: len(found)], f"backup {number} is no prefix"
        assert least <= len(found) <= most, f"backup {number}: {least} <= {len(found)} <= {most}"
        assert faults() == []


def wait_for_more(ledger, many: int) -> None:
    deadline = time.monotonic() + 30
    while len(ledger.acknowledged) < many and time.monotonic() < deadline:
        time.sleep(0.005)
    assert len(ledger.acknowledged) >= many


def test_only_so_many_of_the_newest_are_kept_and_nothing_else_is_touched(app, folder, clock):
    folder.mkdir()
    (folder / "board-of-the-neighbours.sqlite").write_text("theirs")
    (folder / "board-20200101-000000Z.sqlite.json.txt").write_text("theirs")
    for _ in range(4):
        clock.advance(60)
        done(app, "backup", "--to", folder, "--keep", 2)
    left = sorted(path.name for path in folder.iterdir())
    ending = "sqlite" if database_kind() == "sqlite" else "dump"
    ours = [f"board-20260914-120{minute}00Z.{ending}" for minute in (3, 4)]
    assert [name for name in left if name.endswith(f"Z.{ending}")] == ours
    assert {"board-of-the-neighbours.sqlite", "board-20200101-000000Z.sqlite.json.txt"} <= set(left)
    assert len(left) == 6, "with what is written beside each"


def test_nobody_else_on_the_machine_reads_a_backup(kept):
    for path in (kept, kept.with_name(f"{kept.name}.json")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_lies_beside_a_backup_says_what_is_in_it(kept):
    beside = json.loads(kept.with_name(f"{kept.name}.json").read_text())
    assert beside["rows"]["ideas"] == 1 and beside["rows"]["cities"] == 5
    assert beside["bytes"] == kept.stat().st_size and beside["database"] == database_kind()


def test_a_backup_that_cannot_be_proved_is_not_kept_and_removes_no_older_one(
    app, kept, folder, monkeypatch, clock
):
    def one_idea_lost(*_proof):
        return {**rows, "ideas": 0}, "0005"

    rows = json.loads(kept.with_name(f"{kept.name}.json").read_text())["rows"]
    monkeypatch.setattr(sqlite_files, "proved", one_idea_lost)
    monkeypatch.setattr(Server, "proved", one_idea_lost)
    clock.advance(60)
    result = call(app, "backup", "--to", folder, "--keep", 1)
    assert result.exit_code == 1 and "ideas 0 instead of 1" in result.output
    assert backups_in(folder) == [kept] and len(list(folder.iterdir())) == 2


def test_a_folder_that_cannot_be_written_is_said(app, tmp_path):
    (tmp_path / "a-file").write_text("")
    result = call(app, "backup", "--to", tmp_path / "a-file" / "below")
    assert result.exit_code == 1 and "cannot be written" in result.output


@pytest.mark.parametrize("beside", ["with its sum", "without its sum"])
def test_a_damaged_backup_is_refused_and_the_board_stays(app, kept, city, make_user, beside):
    post(city, make_user("Ana"), "Posted after the backup")
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    if beside == "without its sum":
        kept.with_name(f"{kept.name}.json").unlink()
    result = call(app, "restore", kept, "--yes")
    assert result.exit_code == 1, result.output
    assert titles() == ["Kept by the backup", "Posted after the backup"]


def test_other_files_are_refused(app, tmp_path):
    for name, content in (
        ("board.zip", b"PK"),
        ("nothing.sqlite", b""),
        ("nothing.dump", b""),
        ("text.dump", b"hello"),
    ):
        (tmp_path / name).write_bytes(content)
        result = call(app, "restore", tmp_path / name, "--yes")
        assert result.exit_code == 1 and "Traceback" not in result.output, name
    assert call(app, "restore", tmp_path / "missing.sqlite", "--yes").exit_code == 1


def test_without_a_yes_nothing_happens(app, kept, city, make_user):
    post(city, make_user("Ana"), "Posted after the backup")
    assert call(app, "restore", kept).exit_code == 1
    assert len(titles()) == 2


def test_backups_are_listed(app):
    assert "There is no backup" in done(app, "restore")
    done(app, "backup")
    assert str(backups_in(settings().data / "backups")[0]) in done(app, "restore")


def test_while_somebody_has_the_board_open_it_is_not_replaced(app, kept, city, make_user):
    post(city, make_user("Ana"), "Posted after the backup")
    url = make_url(settings().database_url)
    if database_kind() == "sqlite":
        other = sqlite3.connect(url.database)
        other.execute("SELECT count(*) FROM ideas").fetchone()
    else:
        other = psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    result = call(app, "restore", kept, "--yes")
    other.close()
    assert result.exit_code == 1 and "in use" in result.output
    assert len(titles()) == 2
    done(app, "restore", kept, "--yes")
    assert len(titles()) == 1


def test_a_backup_of_a_newer_version_is_refused(app, folder, city, make_user):
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    done(app, "backup", "--to", folder)
    result = call(app, "restore", backups_in(folder)[-1], "--yes")
    assert result.exit_code == 1 and "newer version" in result.output


@on_sqlite
def test_a_new_machine_begins_with_a_backup(kept, tmp_path):
    elsewhere = create_app({"data": tmp_path / "elsewhere", "secret_key": "x" * 32})
    said = done(elsewhere, "restore", kept, "--yes")
    assert "is what the backup says" in said and "What was there" not in said
    with sqlite3.connect(tmp_path / "elsewhere" / "board.sqlite") as board:
        assert board.execute("SELECT title FROM ideas").fetchall() == [("Kept by the backup",)]
    board.close()


@on_sqlite
def test_a_board_whose_file_is_damaged_can_be_brought_back(app, kept):
    db.session.remove()
    db.engine.dispose()
    file = settings().data / "board.sqlite"
    file.write_bytes(b"not a database any more" * 100)
    done(app, "restore", kept, "--yes")
    assert titles() == ["Kept by the backup"]


@on_postgresql
def test_a_dump_read_through_counts_what_a_dump_brought_back_does(app, kept):
    server = Server(settings().database_url, pg_dump())
    assert server.read_through(kept) == server.proved(kept)


@on_postgresql
def test_a_restore_that_is_cut_off_half_way_leaves_the_board(
    app, kept, tmp_path, monkeypatch, city, make_user
):
    post(city, make_user("Ana"), "Posted after the backup")
    real = Path(pg_dump()).parent
    for name in ("pg_dump", "psql"):
        (tmp_path / name).symlink_to(real / name)
    cut_off = tmp_path / "pg_restore"
    through = f'case "$1" in --data-only) exec {real}/pg_restore "$@";; esac'
    cut_off.write_text(f'#!/bin/sh\n{through}\n{real}/pg_restore "$@" | head -c 20000\nexit 1\n')
    cut_off.chmod(0o755)
    config = replace(settings(), pg_dump=str(tmp_path / "pg_dump"))
    monkeypatch.setitem(app.extensions, "settings", config)
    result = call(app, "restore", kept, "--yes")
    assert result.exit_code == 1 and "could not be brought back" in result.output
    assert len(titles()) == 2 and faults() == []
    schemas = db.session.execute(text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'before%'")).all()
    assert schemas == []


def test_the_database_password_is_on_no_command_line():
    server = Server("postgresql+psycopg://cip:only-we-know@db.example/board", pg_dump())
    assert "only-we-know" not in server._to() and "only-we-know" not in server._to("other")


def test_without_pg_dump_a_sentence_says_what_to_install():
    with pytest.raises(NotDone, match="PG_DUMP"):
        Server("postgresql://cip@db.example/board", "no-such-programme")
