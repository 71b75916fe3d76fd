"""Settings: read once, with one clear sentence for each that cannot work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.core.config import WrongSetting, read_settings


def read(folder: Path, **environ: str):
    return read_settings(environ={"DATA": str(folder), **environ})


def test_an_empty_environment_is_enough(tmp_path):
    config = read(tmp_path)
    assert config.database_url == f"sqlite:///{tmp_path / 'board.sqlite'}" and config.uses_sqlite
    assert not config.confirm_email and not config.https and config.assets == "cdn" and config.rate_limits
    assert (config.changes_kept, config.edit_minutes, config.unconfirmed_hours) == (2000, 15, 24)


def test_the_secret_is_made_once_kept_and_readable_by_its_owner_only(tmp_path):
    first, second = read(tmp_path), read(tmp_path)
    assert first.secret_key == second.secret_key and len(first.secret_key) >= 48
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_two_installations_have_two_secrets(tmp_path):
    assert read(tmp_path / "one").secret_key != read(tmp_path / "two").secret_key


def test_people_confirm_their_address_where_a_mail_server_is_set(tmp_path):
    server = {"MAIL_SERVER": "smtp://mail.example:587", "PUBLIC_URL": "https://cities.example/"}
    config = read(tmp_path, **server)
    assert config.confirm_email and config.public_url == "https://cities.example"
    assert not read(tmp_path, **server, CONFIRM_EMAIL="no").confirm_email


@pytest.mark.parametrize(
    "address", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"]
)
def test_any_way_of_writing_a_postgresql_address_uses_the_same_driver(tmp_path, address):
    assert read(tmp_path, DATABASE_URL=address).database_url == "postgresql+psycopg://u:p@h/d"


def test_what_is_given_in_code_beats_the_environment(tmp_path):
    config = read_settings({"assets": "local"}, {"DATA": str(tmp_path), "ASSETS": "cdn"})
    assert config.assets == "local"


@pytest.mark.parametrize("word", ["1", "true", "Yes", "ON"])
def test_yes_can_be_said_in_several_ways(tmp_path, word):
    assert read(tmp_path, HTTPS=word).https


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({"ASSETS": "bundle"}, "ASSETS"),
        ({"HTTPS": "perhaps"}, "HTTPS"),
        ({"PROXIES": "two"}, "PROXIES"),
        ({"CHANGES_KEPT": "0"}, "CHANGES_KEPT"),
        ({"EDIT_MINUTES": "-1"}, "EDIT_MINUTES"),
        ({"UNCONFIRMED_HOURS": "0"}, "UNCONFIRMED_HOURS"),
        ({"MAIL_SERVER": "mail.example", "PUBLIC_URL": "https://x.example"}, "MAIL_SERVER"),
        ({"MAIL_SERVER": "smtp://mail.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "cities.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://cities.example/board"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "ftp://cities.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://cities.example:port"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://ana@cities.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "http://cities.example", "HTTPS": "yes"}, "PUBLIC_URL"),
        ({"PROXIES": "-1"}, "PROXIES"),
        ({"UNCONFIRMED_HOURS": "9999999999"}, "UNCONFIRMED_HOURS"),
        ({"DATABASE_URL": "mysql://u:p@h/d"}, "DATABASE_URL"),
        ({"DATABASE_URL": "board.sqlite"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://u:p@h:port/d"}, "DATABASE_URL"),
        ({"REDIS_URL": "cache.example:6379"}, "REDIS_URL"),
        ({"REDIS_URL": "redis://"}, "REDIS_URL"),
        ({"SECRET_KEY": "hunter2"}, "SECRET_KEY"),
        ({"METRICS_TOKEN": "abc"}, "METRICS_TOKEN"),
        ({"MAIL_FROM": "the board"}, "MAIL_FROM"),
        ({"PROCESS": "worker"}, "PROCESS"),
        ({"PROCESS": "web"}, "SECRET_KEY"),
        ({"PROCESS": "live", "SECRET_KEY": "k" * 16}, "DATABASE_URL"),
    ],
)
def test_a_setting_that_cannot_work_is_named(tmp_path, environ, names):
    with pytest.raises(WrongSetting, match=names):
        read(tmp_path, **environ)


def test_what_is_said_of_a_secret_that_cannot_work_does_not_show_it(tmp_path):
    for name in ("SECRET_KEY", "METRICS_TOKEN"):
        with pytest.raises(WrongSetting) as refused:
            read(tmp_path, **{name: "hunter2"})
        assert "hunter2" not in str(refused.value)
    with pytest.raises(WrongSetting) as refused:
        read(tmp_path, DATABASE_URL="mysql://u:hunter2@h/d")
    assert "hunter2" not in str(refused.value)


def test_processes_that_start_together_agree_on_one_secret(tmp_path):
    with ThreadPoolExecutor(20) as together:
        keys = list(together.map(lambda _: read(tmp_path).secret_key, range(60)))
    assert len(set(keys)) == 1 and len(keys[0]) >= 48
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_an_empty_file_is_no_secret(tmp_path):
    (tmp_path / "secret-key").write_text("")
    with pytest.raises(WrongSetting, match="secret-key is empty"):
        read(tmp_path)
