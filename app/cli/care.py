"""Commands that keep a board safe: back it up, bring it back, look it over."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from app.care.backing_up import back_up, folder_of
from app.care.examining import examine
from app.care.findings import Finding
from app.care.kept import NotDone, Rows, backups_in
from app.care.repairing import repair
from app.care.restoring import prove
from app.care.restoring import restore as put_in_place
from app.care.versions import known_migrations, newest_migration
from app.cli.running import on_a_board
from app.core.clock import now
from app.core.config import settings
from app.core.extensions import db

MARKS = {"fine": "fine   ", "warning": "WARNING", "fault": "FAULT  "}


@click.command("backup")
@click.option(
    "--to", type=click.Path(path_type=Path), help="Folder for backups; default: backups, in the data folder."
)
@click.option(
    "--keep", type=click.IntRange(min=1), help="Remove the oldest until so many are left; default: keep all."
)
@on_a_board
def backup(to: Path | None, keep: int | None) -> None:
    """Write a backup while people go on writing, and prove it by bringing it back."""
    config = settings()
    made = back_up(config, to=(to or folder_of(config)).absolute(), keep=keep, at=now())
    click.echo(
        f"{made.file} ({made.kept.bytes:,} bytes): {told(made.kept.rows)}. Brought back and counted: all there."
    )
    for old in made.removed:
        click.echo(f"Removed {old.name}.")


@click.command("restore")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def restore(file: Path | None, yes: bool) -> None:
    """Put the backup FILE in the board's place; what was there is set aside. The board must be stopped.

    Without FILE: list the backups in the data folder.
    """
    config = settings()
    if file is None:
        found = backups_in(folder_of(config))
        click.echo("\n".join(str(path) for path in found) or f"There is no backup in {folder_of(config)}.")
        return
    try:
        proved = prove(config, file, known=known_migrations())
        click.echo(f"{file}: {told(proved.rows)}.")
        if not yes:
            click.confirm("Put this in the place of the board?", abort=True)
        db.session.remove()
        db.engine.dispose()
        aside = put_in_place(config, proved, at=now())
    except NotDone as reason:
        raise click.ClickException(reason.message) from reason
    click.echo("The board is what the backup says." + (f" What was there is in {aside}." if aside else ""))
    if proved.revision != newest_migration():
        click.echo(
            "The backup is of an older version. Before you start the board: flask --app wsgi db upgrade"
        )


def told(rows: Rows) -> str:
    """What a backup holds, in the order in which one asks."""
    names = ("ideas", "comments", "upvotes", "users")
    return (
        f"{', '.join(f'{rows.get(name, 0):,} {name}' for name in names)}, {sum(rows.values()):,} rows in all"
    )


@click.command("doctor")
@click.option(
    "--repair", "repairs", is_flag=True, help="Count anew what is counted wrongly, in one transaction."
)
@on_a_board
def doctor(repairs: bool) -> None:
    """Look the whole board over: versions, settings, tables, counters, changes. Exit code 1 where a fault is found."""
    if repairs:
        for line in repair(now()):
            click.echo(line)
    findings = list(examine(settings(), now()))
    for finding in findings:
        _tell(finding)
    faults = [finding for finding in findings if finding.level == "fault"]
    if any(finding.can_be_repaired for finding in faults):
        click.echo("\nWhat is counted wrongly can be put right: flask --app wsgi doctor --repair")
    if faults:
        raise click.exceptions.Exit(1)


def _tell(finding: Finding) -> None:
    click.echo(f"{MARKS[finding.level]}  {finding.about}: {finding.says}")


COMMANDS = (backup, restore, doctor)
