"""One command sets up, one runs, one checks; each says in one sentence what it cannot do."""

from __future__ import annotations

import ast
import errno
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import websocket

import tasks
from app import server
from tests.servers import ROOT, Board

TASKS = ROOT / "tasks.py"


def run_tasks(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, TASKS, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def prepared(tmp_path: Path) -> dict[str, str]:
    """An environment that looks made: its Python is the one at work."""
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    stamps = {name: tasks.digest(ROOT / "requirements" / f"{name}.txt") for name in ("run", "test")}
    (tmp_path / "venv" / "installed.json").write_text(json.dumps(stamps))
    return {"CIP_VENV": str(tmp_path / "venv"), "HOME": str(tmp_path)}


def is_one_sentence(text: str) -> bool:
    return text.count("\n") == 1 and "Traceback" not in text


def test_an_old_python_can_read_the_file_and_is_told_in_one_sentence() -> None:
    source = TASKS.read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))
    assert source.index("sys.exit(") < source.index("import tomllib"), (
        "the sentence must come before new modules"
    )
    pretend = (
        "import runpy, sys; sys.version_info = (3, 6, 15, 'final', 0);"
        f"runpy.run_path({str(TASKS)!r}, run_name='__main__')"
    )
    told = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True)
    assert told.returncode == 1
    assert told.stderr == "Cities in Progress needs Python 3.11 or newer; this is Python 3.6.\n"


def test_help_names_every_task() -> None:
    shown = run_tasks("--help").stdout
    assert all(task in shown for task in ("run", "test", "check", "bench", "words", "pictures", "lock"))


def test_a_port_that_is_taken_is_one_sentence(prepared: dict[str, str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = run_tasks("run", "--port", port, "--data", str(tmp_path / "data"), **prepared)
    assert told.returncode == 1
    assert is_one_sentence(told.stderr)
    assert f"127.0.0.1:{port} cannot be used (Address already in use)" in told.stderr
    assert not (tmp_path / "data" / "board.sqlite").exists()


@pytest.mark.parametrize("port", ["70000", "-1"])
def test_a_port_that_cannot_be_is_one_sentence(
    port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert server.main([f"--port={port}", "--data", str(tmp_path)]) == 1
    assert is_one_sentence(capsys.readouterr().err)


def test_a_data_folder_that_cannot_be_made_is_one_sentence(prepared: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = run_tasks("run", "--data", str(tmp_path / "file" / "data"), **prepared)
    assert told.returncode == 1
    assert is_one_sentence(told.stderr)
    assert "cannot be written" in told.stderr
    assert "--data FOLDER" in told.stderr


def test_a_read_only_data_folder_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read_only(**_: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(tempfile, "TemporaryFile", read_only)  # root may write everywhere, so this is told
    assert server.main(["--port=0", "--data", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert is_one_sentence(told)
    assert f"The data folder {tmp_path} cannot be written (Read-only file system)" in told


def test_a_wrong_setting_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSETS", "elsewhere")
    assert server.main(["--port=0", "--data", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "ASSETS must be 'cdn' or 'local', not 'elsewhere'.\n"


def test_a_database_that_does_not_answer_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/board?connect_timeout=1")
    assert server.main(["--port=0", "--data", str(tmp_path)]) == 1
    told = capfd.readouterr().err
    assert told.startswith("The database does not answer: ")
    assert "Traceback" not in told


def test_the_first_start_prints_one_link_and_the_second_keeps_the_data(tmp_path: Path) -> None:
    board = Board(tmp_path)
    board.start()
    assert board.stop() == 0
    first = board.log.read_text()
    assert f"Cities in Progress is open at {board.url}\n" in first
    link = re.search(rf"{board.url}/organiser/\S{{20,}}", first)
    assert link is not None

    kept = (tmp_path / "board.sqlite").stat().st_ino
    board.start()
    assert board.stop() == 0
    second = board.log.read_text().removeprefix(first)
    said = [line for line in second.splitlines() if not line.startswith("{")]
    assert said == [f"Cities in Progress is open at {board.url}"]
    assert (tmp_path / "board.sqlite").stat().st_ino == kept


def test_ctrl_c_ends_it_although_pages_are_open(serve: Callable[..., Board]) -> None:
    board = serve()
    pages = []
    for _ in range(5):
        page = websocket.create_connection(
            f"{board.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket",
            origin=board.url,
            timeout=10,
        )
        page.recv()
        page.send("40/live,")
        assert page.recv().startswith("40/live,")
        pages.append(page)
    assert board.stop() == 0
    assert "Traceback" not in board.log.read_text()
    for page in pages:
        page.close()


def test_what_is_to_be_measured_must_exist(prepared: dict[str, str]) -> None:
    told = run_tasks("bench", "nothing", **prepared)
    assert told.returncode == 1
    assert told.stderr.startswith("Say what to measure: python3 tasks.py bench ")


@pytest.mark.parametrize("name", ["run", "test"])
def test_the_lock_belongs_to_pyproject_and_names_hashes_but_no_address(name: str) -> None:
    lock = ROOT / "requirements" / f"{name}.txt"
    text = lock.read_text(encoding="utf-8")
    assert tasks.recorded(lock) == tasks.dependencies()
    assert "://" not in text
    assert "index-url" not in text
    pins = re.split(r"\n(?=\S)", text)[1:]
    assert len(pins) > 20
    assert [pin for pin in pins if pin.strip() and "--hash=sha256:" not in pin] == []


def test_the_test_lock_contains_the_run_lock() -> None:
    pinned = {
        name: set(re.findall(r"^\S+==\S+", (ROOT / "requirements" / f"{name}.txt").read_text(), re.M))
        for name in ("run", "test")
    }
    assert pinned["run"] <= pinned["test"]
