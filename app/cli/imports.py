"""The command that brings a board's content from files."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import click
from sqlalchemy import select

from app.cities.actions.making import check_city, make_city, name_source
from app.cities.models import City
from app.cli.running import on_a_board
from app.core.addresses import taken_words
from app.core.clock import now
from app.core.errors import Invalid
from app.core.extensions import db
from app.core.spreadsheets import harmless
from app.ideas.actions.importing import Board, board_of, import_files, match_board, read_files
from app.ideas.importing.matching import Matched, Sheets
from app.ideas.importing.reading import Problem, Unreadable
from app.ideas.importing.reporting import SHOWN_PROBLEMS, Report, report_on

_CSV = click.Path(path_type=Path, dir_okay=False)


@click.command("import-board")
@click.argument("city")
@click.option("--ideas", type=_CSV, help="CSV file with ideas.")
@click.option("--comments", type=_CSV, help="CSV file with comments.")
@click.option("--upvotes", type=_CSV, help="CSV file with upvotes.")
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing, report the same.")
@click.option("--problems", type=_CSV, help="Write all problems to this CSV file.")
@click.option("--source", help="Where the content comes from, shown on the board.")
@click.option("--source-url", help="Where to read more about it.")
@click.option("--make-city", "name", metavar="NAME", help="Make the city first, if there is none.")
@click.option("--time-zone", default="UTC", show_default=True, help="Time zone of a city that is made.")
@click.option("--language", default="en", show_default=True, help="Language of a city that is made.")
@on_a_board
def import_board(
    city: str,
    ideas: Path | None,
    comments: Path | None,
    upvotes: Path | None,
    dry_run: bool,
    problems: Path | None,
    source: str | None,
    source_url: str | None,
    name: str | None,
    time_zone: str,
    language: str,
) -> None:
    """Bring ideas, comments and upvotes onto the board of CITY (its address, for instance rotterdam).

    The columns are described in docs/import.md. Importing again changes nothing.
    """
    if not (ideas or comments or upvotes):
        raise click.UsageError("Name at least one file: --ideas, --comments or --upvotes.")
    try:
        board = _board(city, name, time_zone, language)
        sheets = read_files(board, ideas=ideas, comments=comments, upvotes=upvotes, at=now())
        matched = match_board(board, sheets)
        if not dry_run:
            row = board.city or make_city(
                city, name or "", time_zone=time_zone, language=language, taken=taken_words()
            )
            matched = _import(row, sheets, matched)
            name_source(row, source, source_url)
    except (Unreadable, Invalid) as reason:
        raise click.ClickException(str(reason)) from reason
    report = report_on(sheets, matched)
    _tell(report, dry_run)
    _list_problems(report.problems, problems)
    if report.problems and not report.usable:
        raise click.exceptions.Exit(1)


def _board(slug: str, name: str | None, time_zone: str, language: str) -> Board:
    city = db.session.scalar(select(City).where(City.slug == slug))
    if city is not None:
        return board_of(city)
    if name is None:
        known = ", ".join(db.session.scalars(select(City.slug).order_by(City.position)))
        raise Invalid(
            f"There is no city “{slug}” (there are: {known}). "
            "Make it with --make-city NAME --time-zone ZONE --language LANGUAGE."
        )
    check_city(slug, name, time_zone=time_zone, language=language, taken=taken_words())
    return Board(slug, language, time_zone)


def _import(city: City, sheets: Sheets, matched: Matched) -> Matched:
    total = len(matched.people) + len(matched.ideas) + len(matched.comments) + len(matched.upvotes)
    with click.progressbar(length=total, label=f"Importing onto /{city.slug}") as bar:
        return import_files(city, sheets, at=now(), step=bar.update)


def _tell(report: Report, dry_run: bool) -> None:
    for file in report.files:
        click.echo(f"{file.name}: {', '.join(file.said)}")
    click.echo(report.people_said)
    for file in report.files:
        if file.ignored:
            click.echo(f"{file.name}: columns not used: {', '.join(file.ignored)}")
    if dry_run:
        click.echo("This was a dry run: nothing was written.")


def _list_problems(problems: Sequence[Problem], target: Path | None) -> None:
    if target:
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "line", "column", "problem"])
            writer.writerows(
                [harmless(cell) for cell in (one.file, one.line, one.column, one.message)] for one in problems
            )
    if not problems:
        return
    click.echo("\nLeft out:", err=True)
    for problem in problems[:SHOWN_PROBLEMS]:
        click.echo(f"  {problem}", err=True)
    if len(problems) > SHOWN_PROBLEMS:
        more = f"  … and {len(problems) - SHOWN_PROBLEMS:,} more"
        click.echo(f"{more}." if target else f"{more}; --problems FILE writes them all.", err=True)


COMMANDS = (import_board,)
