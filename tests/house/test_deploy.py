"""The files in deploy/ and docs/deploy.md agree with each other and with the product."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from dataclasses import fields
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from app.core.config import Settings, WrongSetting, read_settings
from tests.servers import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("cities*.*"))
NAMES = {field.name.upper() for field in fields(Settings)}
OF_PYTHON = {"PYTHONPATH", "PYTHONUNBUFFERED"}
GUIDE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"] == "cities-in-progress"}


def lines(path: Path) -> list[str]:
    """What it says, without comments and empty lines."""
    return [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", ";"))
    ]


def variables(path: Path) -> dict[str, str]:
    """What a file of variables sets, as systemd and Compose read it."""
    return {name: value.strip("'") for name, value in (line.split("=", 1) for line in lines(path))}


def filled_in(given: dict[str, str]) -> dict[str, str]:
    """With everything that is left to the operator."""
    return {name: value or f"{name.lower()}-of-the-operator-0123456789" for name, value in given.items()}


def flask_commands(app) -> set[str]:
    """The commands there are; those in groups with the name of their group."""
    found = set()
    for name, command in app.cli.commands.items():
        found |= (
            {f"{name} {below}" for below in command.commands} if isinstance(command, click.Group) else {name}
        )
    return found | {"db upgrade"}  # it is added only when a command is run


def is_command(words: str, known: set[str]) -> bool:
    return any(words == one or words.startswith(f"{one} ") for one in known)


# --- one machine, with systemd ----------------------------------------------------------------------------------


@pytest.mark.parametrize("process", ["web", "live", "all"])
def test_the_settings_of_the_units_are_settings_and_work_once_the_keys_are_filled_in(process, tmp_path):
    given = variables(DEPLOY / "systemd" / "board.env")
    assert set(given) <= NAMES
    config = read_settings(environ={**filled_in(given), "DATA": str(tmp_path), "PROCESS": process})
    assert config.https and config.proxies == 1 and config.database_url.startswith("postgresql+psycopg://")
    with pytest.raises(WrongSetting, match="SECRET_KEY"):
        read_settings(environ={**given, "DATA": str(tmp_path), "PROCESS": "web"})


def test_a_shell_reads_the_settings_as_systemd_does():
    path = DEPLOY / "systemd" / "board.env"
    given = variables(path)
    script = (
        f"set -eu; . {path}; for name in {' '.join(given)}; do eval printf '%s\\\\n' '\"$'$name'\"'; done"
    )
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == list(given.values())


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_sets_only_what_is_read_and_starts_only_what_is_there(unit, app):
    for line in lines(unit):
        name, _, value = line.partition("=")
        if name == "Environment":
            assert {word.split("=")[0] for word in value.split()} <= NAMES | OF_PYTHON
        if name == "EnvironmentFile":
            assert value == "/etc/cities/board.env"
        if name == "ExecStart" and " -m " in value:
            assert importlib.util.find_spec(value.split(" -m ")[1].split()[0]), value
        elif name == "ExecStart":
            assert is_command(value.split(" --app wsgi ")[1], flask_commands(app)), value
        if name in ("Wants", "Requires", "After", "PartOf", "Conflicts", "WantedBy"):
            for other in (word for word in value.split() if word.startswith("cities")):
                assert (DEPLOY / "systemd" / other.replace("%i", "")).exists(), other


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_finds_nothing_to_say_against_the_units(tmp_path):
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("WorkingDirectory=/opt/cities", "WorkingDirectory=/")
        for programme in ("python", "flask"):
            text = text.replace(f"/opt/cities/.venv/bin/{programme}", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    for template in ("cities-web@", "cities-live@"):
        for kind in ("service", "socket"):
            (tmp_path / f"{template}8101.{kind}").symlink_to(tmp_path / f"{template}.{kind}")
    wanted = [path for path in tmp_path.iterdir() if "@." not in path.name]
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *wanted],
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    ours = [line for line in said.stderr.splitlines() if "cities" in line]
    assert ours == [] and len(wanted) >= 11


def test_the_ports_of_the_guide_are_those_that_nginx_asks():
    place = "\n".join(lines(DEPLOY / "nginx" / "place-server.conf"))
    asked = set(re.findall(r"server 127\.0\.0\.1:(\d+)", place))
    enabled = set(
        re.findall(r"cities-(?:web|live)@(\d+)\.service", GUIDE.split("### 5.")[1].split("## nginx")[0])
    )
    assert asked == enabled == {"8101", "8102", "8201"}


@pytest.mark.parametrize("script", ["cities", "cities-restart"])
def test_the_scripts_can_be_run(script):
    path = DEPLOY / "systemd" / script
    assert path.stat().st_mode & 0o111
    subprocess.run(["sh", "-n", path], check=True)


# --- containers -------------------------------------------------------------------------------------------------


def test_compose_asks_for_what_its_example_names_and_for_nothing_else():
    asked = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    assert asked == set(variables(DEPLOY / "compose.env"))


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_container_of_the_board_gets_settings_that_work(name, tmp_path, app):
    given = filled_in(variables(DEPLOY / "compose.env"))
    environ = {
        variable: re.sub(r"\$\{([A-Z_]+)[^}]*\}", lambda found: given[found[1]], value)
        for variable, value in OURS[name]["environment"].items()
    }
    assert set(environ) <= NAMES
    config = read_settings(environ={**environ, "DATA": str(tmp_path)})
    assert config.process == {"web": "web", "live": "live"}.get(name.split("-")[0], "all")
    started = " ".join(OURS[name]["command"])
    if module := re.search(r" -m (\S+)", started):
        assert importlib.util.find_spec(module[1])
        assert module[1] == ("app.live_main" if config.process == "live" else "app.server")
    for words in re.findall(r"flask --app wsgi ([^;]+)", started):
        assert is_command(words, flask_commands(app)), words


def test_nginx_asks_the_containers_there_are_on_the_port_they_open():
    place = "\n".join(lines(DEPLOY / "nginx" / "place-containers.conf"))
    pools = {
        pool: set(re.findall(r"server (\S+)", body))
        for pool, body in re.findall(r"upstream (\w+) \{(.*?)\}", place, re.S)
    }
    web = {f"{name}:8000" for name in OURS if name.startswith("web-")}
    live = {f"{name}:8000" for name in OURS if name.startswith("live-")}
    assert pools == {"board_web": web, "board_writes": web, "board_live": live}
    assert all(OURS[one.split(":")[0]]["command"][-2:] == ["--port", "8000"] for one in web | live)


def test_only_nginx_can_be_reached_and_the_databases_reach_nobody():
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["nginx"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["inside"]
    volumes = {volume.split(":")[0] for one in SERVICES.values() for volume in one.get("volumes", [])}
    assert {volume for volume in volumes if not volume.startswith(".")} == set(COMPOSE["volumes"])
    for mounted in (volume for volume in volumes if volume.startswith(".")):
        assert (DEPLOY / mounted).exists()


def test_every_image_that_is_fetched_names_its_version():
    bases = re.findall(r"^FROM (\S+)", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE)
    fetched = [one["image"] for name, one in SERVICES.items() if name not in OURS]
    assert len(bases) == 2 and len(fetched) == 5
    assert [image for image in (*bases, *fetched) if not re.search(r":v?\d[\w.-]*$", image)] == []


def test_backups_lie_where_restore_and_the_doctor_look_for_them():
    made = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert "backups:/data/backups" in OURS["backup"]["volumes"] and "/data/backups" in made
    assert "--to" not in " ".join(OURS["backup"]["command"])


def test_the_image_is_made_of_files_that_are_there_and_reach_the_builder():
    allowed = [line[1:] for line in lines(ROOT / ".dockerignore") if line.startswith("!")]
    copied = [
        source
        for line in lines(DEPLOY / "Containerfile")
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    ]
    assert len(copied) >= 5
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(source == one or fnmatch(source, f"{one}/*") for one in allowed), source


def test_the_image_brings_the_programmes_of_the_database_it_backs_up():
    [server] = re.findall(r"postgres:(\d+)", SERVICES["postgres"]["image"])
    assert f"postgresql-client-{server}" in (DEPLOY / "Containerfile").read_text(encoding="utf-8")


# --- the guide --------------------------------------------------------------------------------------------------


def test_the_guide_names_only_files_and_units_that_are_there():
    named = set(re.findall(r"(?<![\w/])(?:deploy|docs)/[\w./@-]*\w", GUIDE))
    assert len(named) > 5
    assert [path for path in named if not (ROOT / path).exists()] == []
    units = set(re.findall(r"\b(cities[\w-]*@?)(?:\d+|PORT)?\.(service|socket|timer|target)\b", GUIDE))
    told = {f"{name}.{kind}" for name, kind in units}
    told |= {timer.replace(".timer", ".service") for timer in told}
    assert {unit.name for unit in UNITS} == {name for name in told if (DEPLOY / "systemd" / name).exists()}
    assert {f"{name}.{kind}" for name, kind in units} <= {unit.name for unit in UNITS}
    for linked in re.findall(r"\]\(([\w./-]+\.md)", GUIDE):
        assert (ROOT / "docs" / linked).exists(), linked


def test_the_guide_names_only_commands_and_settings_there_are(app):
    blocks = "\n".join(re.findall(r"(?:^    .*\n)+", GUIDE, re.MULTILINE)).replace("\\\n", " ")
    known = flask_commands(app)
    typed = re.findall(r"(?:^    |&& )cities ([a-z][a-z -]*[a-z])", blocks, re.MULTILINE)
    typed += re.findall(r"flask --app wsgi ([a-z][a-z -]*[a-z])", blocks)
    assert len(typed) > 8
    assert [words for words in typed if not is_command(words, known)] == []
    settings = set(re.findall(r"`([A-Z]{2,}(?:_[A-Z]+)*)(?:=[^`]*)?`", GUIDE))
    assert settings - NAMES <= {"RELAYHOST", "PORT"}
