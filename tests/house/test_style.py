"""The habits of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.servers import ROOT

CODE = sorted((ROOT / "app").rglob("*.py"))
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
SPEAKS_TO_THE_CONSOLE = {"app/server.py", "app/live_main.py", "app/live/fanout.py", "app/core/mail.py"}
LOADS_LATE = {"app/ideas/languages.py", "app/live/fanout.py"}
"""A model of half a second, which most processes never need; gevent, which only the process for sockets has."""
BELOW_THE_ROUTES = ("actions", "events", "models", "policy", "queries")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tracked() -> list[Path]:
    """Every text file of the project."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:  # an archive without its history
        return CODE
    paths = [ROOT / name for name in listed.stdout.split("\0") if name and "vendor/" not in name]
    return [
        path for path in paths if path.suffix in (".py", ".js", ".css", ".html", ".md", ".toml", ".sh", "")
    ]


def test_nothing_is_left_unfinished():
    for path in tracked():
        if path.is_file() and (found := UNFINISHED.search(path.read_text(encoding="utf-8", errors="ignore"))):
            raise AssertionError(f"{name_of(path)}: {found.group()}")


def test_no_drawer_for_odds_and_ends():
    for path in CODE:
        assert path.stem not in ("utils", "helpers", "manager", "managers", "service", "services", "misc"), (
            path
        )


@pytest.mark.parametrize("path", [path for path in CODE if path.stat().st_size], ids=name_of)
def test_public_things_say_what_they_promise(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{name_of(path)} does not say what it is"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{name_of(path)}: {node.name}"


def test_nothing_is_imported_inside_a_function():
    """To hide a circle: the floors make circles impossible; if you need one, the room is wrong."""
    for path in CODE:
        if name_of(path) in LOADS_LATE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                late = [one for one in ast.walk(node) if isinstance(one, ast.Import | ast.ImportFrom)]
                assert not late, f"{name_of(path)}: {node.name}"


def test_nothing_below_the_routes_asks_who_is_signed_in():
    for path in CODE:
        parts = path.relative_to(ROOT / "app").parts
        if not any(part.removesuffix(".py") in BELOW_THE_ROUTES for part in parts):
            continue
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(current_user|flask_login)\b", source), name_of(path)
        assert not re.search(r"^from flask import .*\b(request|session|g)\b", source, re.MULTILINE), name_of(
            path
        )


def test_only_those_who_speak_to_the_console_print():
    for path in CODE:
        if name_of(path) in SPEAKS_TO_THE_CONSOLE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "print", name_of(path)


def test_only_live_emits():
    for path in CODE:
        if path.parent.name == "live" or name_of(path) == "app/server.py":
            continue
        assert ".emit(" not in path.read_text(encoding="utf-8"), name_of(path)


def test_events_are_frozen_and_carry_ids():
    for path in (ROOT / "app").rglob("events.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                assert "frozen=True" in ast.unparse(node.decorator_list[0]), f"{path}: {node.name}"


def test_the_style_page_is_for_development_only(client):
    assert client.get("/style").status_code == 404


@pytest.mark.settings(development=True)
def test_the_style_page_shows_every_component(client):
    response = client.get("/style")
    assert response.status_code == 200
    shown = response.get_data(as_text=True)
    for component in ('class="card"', 'class="comment"', "upvote", "badge", "field-error", "message"):
        assert component in shown, component
