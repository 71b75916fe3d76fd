"""What `flask config` tells an operator, and what it keeps to itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import fields

import pytest

from app.core.config import Settings
from app.core.explaining import MASK, meanings, shown
from tests.servers import ROOT

NAMES = [field.name.upper() for field in fields(Settings)]


@pytest.fixture
def told(app, monkeypatch):
    """What the command says of each setting, with these variables in the environment."""

    def told(**environ: str) -> dict[str, dict[str, str]]:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        result = app.test_cli_runner().invoke(args=["config", "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.output)

    return told


def operator(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command as an operator does, in an environment without other settings."""
    kept = {name: value for name, value in os.environ.items() if name not in NAMES}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env={**kept, **environ},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_every_setting_is_told_with_its_meaning(told):
    settings = told()
    assert list(settings) == NAMES
    assert all(len(one["meaning"]) > 10 for one in settings.values())
    assert len({one["meaning"] for one in settings.values()}) == len(NAMES)


def test_it_says_where_a_value_comes_from(told):
    settings = told(CHANGES_KEPT="2000")
    assert settings["CHANGES_KEPT"]["source"] == "environment"
    assert settings["REPORTS_TO_HOLD"]["source"] == "default"
    assert settings["CONFIRM_EMAIL"]["source"] == "default, as MAIL_SERVER is not set"
    assert settings["SECRET_KEY"]["source"] == "the file secret-key in DATA"


@pytest.mark.settings(metrics_token="a-token-nobody-should-see", secret_key="a-key-nobody-should-see")
def test_keys_and_tokens_are_masked(app, told):
    said = app.test_cli_runner().invoke(args=["config"]).output
    assert "nobody-should-see" not in said
    assert f"METRICS_TOKEN = {MASK} " in said and f"SECRET_KEY = {MASK} " in said
    assert told()["METRICS_TOKEN"]["value"] == MASK


@pytest.mark.parametrize(
    ("name", "value", "safe"),
    [
        ("database_url", "postgresql://ana:hunter2@db.example/cities", "postgresql://ana:***@db.example/cities"),
        ("database_url", "postgresql://ana:hun@ter2@db/cities", "postgresql://ana:***@db/cities"),
        ("database_url", "postgresql://db/cities?user=ana&password=hunter2", "postgresql://db/cities?user=ana&password=***"),
        ("database_url", "sqlite:////srv/board/board.sqlite", "sqlite:////srv/board/board.sqlite"),
        ("redis_url", "redis://:hunter2@cache:6379/0", "redis://:***@cache:6379/0"),
        ("redis_url", "redis://cache:6379/0", "redis://cache:6379/0"),
        ("mail_server", "smtp://ana:hunter2@mail.example:587", "smtp://ana:***@mail.example:587"),
    ],
)  # fmt: skip
def test_passwords_in_addresses_are_masked_and_the_rest_is_shown(name, value, safe):
    assert shown(name, value) == safe


def test_it_needs_no_database(tmp_path):
    done = operator("config", DATA=str(tmp_path), DATABASE_URL="postgresql://nobody:hunter2@127.0.0.1:1/none")
    assert done.returncode == 0, done.stderr
    assert "postgresql+psycopg://nobody:***@127.0.0.1:1/none   [environment]" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_a_value_that_cannot_work_ends_any_command_with_one_sentence(tmp_path):
    for command in ("config", "organiser-link"):
        done = operator(command, DATA=str(tmp_path), PROXIES="two")
        assert done.returncode != 0
        assert (done.stdout, done.stderr) == ("", "PROXIES must be a whole number, not 'two'.\n")


def test_meanings_stand_under_the_fields_and_are_sentences():
    assert [name for name, meaning in meanings().items() if not meaning.endswith(".")] == []


def documented() -> dict[str, str]:
    """Variables and their defaults, as the tables of docs/configuration.md have them."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    text = text.split("## For `tasks.py` and the tests")[0]
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", text, re.MULTILINE)
    assert len(rows) == len(dict(rows)), "a setting is explained twice"
    return dict(rows)


def test_the_page_about_configuration_has_every_setting_and_no_other():
    assert sorted(documented()) == sorted(NAMES)


def test_the_page_about_configuration_tells_the_defaults():
    told_otherwise = {
        "DATA",
        "DATABASE_URL",
        "SECRET_KEY",
        "PUBLIC_URL",
        "CONFIRM_EMAIL",
    }  # made of something else
    for name, said in documented().items():
        if name not in told_otherwise:
            default = shown(name.lower(), getattr(Settings, name.lower())) or "none"
            assert said.strip("`") == default, name
