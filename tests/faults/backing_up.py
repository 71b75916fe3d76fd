"""Backups while people write: each brought back, whole, and exactly what had been acknowledged up to some moment."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import select
from sqlalchemy.engine import make_url

from app.ideas.models import Comment, Idea
from tests.faults.doses import Dose
from tests.faults.ground import Ground, Row, ground
from tests.faults.ledger import counters_off, damage, gaps
from tests.load.crowd import looking
from tests.load.layouts import one_process, scaled_out
from tests.servers import ROOT, Board


def run(dose: Dose) -> Iterator[Row]:
    """Of both databases."""
    with ground(one_process("sqlite")) as here:
        yield back_up_while_writing(here, dose)
    with ground(scaled_out(web=1, live=1)) as here:
        yield back_up_while_writing(here, dose)


def back_up_while_writing(here: Ground, dose: Dose) -> Row:
    """So many backups while people write; afterwards each is brought back elsewhere and looked at."""
    row = Row(
        "backup while writing", here.layout.name, f"{dose.restores} restores, {dose.writes / 2:g} writes/s"
    )
    made: list[tuple[Path, float, float]] = []
    began = time.monotonic()
    with here.writers(dose.writes / 2) as writers:
        for number in range(dose.restores):
            folder = here.folder / f"backup-{number}"
            before = time.monotonic()
            command(here, "backup", "--to", folder)
            made.append((_only(folder), before, time.monotonic()))
        writers.pause()
    failures = len(here.ledger.failures(since=began))
    missing = invented = damaged = off = 0
    for number, (file, before, after) in enumerate(made):
        with brought_back(here, file, number) as address, looking(address) as database:
            there = _keys(database)
            posts = [entry for entry in here.ledger.entries if entry.key]
            missing += sum(
                entry.acknowledged_at is not None
                and entry.acknowledged_at < before
                and entry.key not in there
                for entry in posts
            )
            invented += len(there & {entry.key for entry in posts if entry.sent_at > after})
            damaged += bool(damage(database))
            off += counters_off(database, here.crowd.city_id) + gaps(database, here.crowd.city_id)
    row.hold("writes that failed meanwhile", failures, "<=", 0)
    row.hold("backups brought back", len(made), ">=", dose.restores)
    row.hold("writes acknowledged before, and not in it", missing, "<=", 0)
    row.hold("writes sent afterwards, and in it", invented, "<=", 0)
    row.hold("counters and numbers in it that do not fit its rows", off, "<=", 0)
    row.hold("damaged", damaged, "<=", 0)
    row.hold_ledger(here.check())
    return row


def _keys(database: Any) -> set[str]:
    keys = [*database.scalars(select(Idea.submission_key)), *database.scalars(select(Comment.submission_key))]
    return {key for key in keys if key}


def _only(folder: Path) -> Path:
    [file] = [path for path in folder.iterdir() if path.suffix != ".json"]
    return file


def command(here: Ground, *words: object, **settings: Any) -> str:
    """Run a command of the product as an operator would; returns what it prints."""
    wanted = {**here.layout.settings, **settings}
    Path(wanted["data"]).mkdir(parents=True, exist_ok=True)
    environment = Board(**wanted).environment()
    if postgres := here.layout.engines.get("postgresql"):
        environment["PG_DUMP"] = str(postgres.binaries / "pg_dump")
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *map(str, words)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"flask {words[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def brought_back(here: Ground, file: Path, number: int) -> Iterator[str]:
    """The address of a database of its own with what the backup holds."""
    data = here.folder / f"restored-{number}"
    if "postgresql" not in here.layout.engines:
        address = f"sqlite:///{data / 'board.sqlite'}"
        command(here, "restore", file, "--yes", data=data, database_url=address)
        yield address
        return
    name = f"restored_{number}"
    server = make_url(here.layout.engines["postgresql"].url)
    address = server.set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    command(here, "restore", file, "--yes", data=data, database_url=address)
    yield address
