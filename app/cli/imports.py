"""Commands for whoever runs the board: `flask --app wsgi --help`. They call actions and print what came of it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import inspect, select
from sqlalchemy.exc import OperationalError

from app.accounts.actions.organisers import make_organiser_link
from app.cities.access import city_named
from app.cities.actions.making import check_city, make_city, name_source, set_workshop, state_facts
from app.cities.models import AUDIENCES, City
from app.core.clock import now
from app.core.config import settings
from app.core.errors import Invalid, NotThere
from app.core.extensions import db
from app.core.text import clean_line
from app.ideas.actions.importing import Board, board_of, import_files, match_board, read_files
from app.ideas.actions.sampling import load_sample, remove_sample
from app.ideas.importing.matching import Matched, Sheets
from app.ideas.importing.reading import Problem, Unreadable

__all__ = ["init_cli", "load_sample"]

SHOWN_PROBLEMS = 50

_DAY = click.DateTime(["%Y-%m-%d"])
_MOMENT = click.DateTime(["%Y-%m-%dT%H:%M"])
_CSV = click.Path(path_type=Path, dir_okay=False)

P = ParamSpec("P")


def on_a_board(command: Callable[P, None]) -> Callable[P, None]:
    """Run a command where there is a database with tables, else say in a sentence that there is none."""

    @with_appcontext
    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            is_ready = inspect(db.engine).has_table("cities")
        except OperationalError as error:
            raise click.ClickException(f"The database does not answer: {error.orig}") from error
        if not is_ready:
            raise click.ClickException(
                "The database is empty. Start the board once, or make its tables with: flask --app wsgi db upgrade"
            )
        command(*args, **kwargs)

    return run


def init_cli(app: Flask) -> None:
    """Register the commands."""
    for command in (
        import_board,
        make_city_command,
        set_city,
        set_workshop_command,
        load_sample_command,
        remove_sample_command,
        organiser_link,
    ):
        app.cli.add_command(command)


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
                city, name or "", time_zone=time_zone, language=language, taken=_addresses()
            )
            matched = _import(row, sheets, matched)
            name_source(row, source, source_url)
    except (Unreadable, Invalid) as reason:
        raise click.ClickException(str(reason)) from reason
    _report(sheets, matched, dry_run)
    _list_problems(matched.problems, problems)
    if _nothing_usable(sheets, matched):
        raise click.exceptions.Exit(1)


@click.command("make-city")
@click.argument("slug")
@click.option("--name", required=True, help="The city's name.")
@click.option("--time-zone", required=True, help="For instance Europe/Madrid.")
@click.option("--language", required=True, help="For instance es.")
@click.option("--question", help="The guiding question of its board.")
@on_a_board
def make_city_command(slug: str, name: str, time_zone: str, language: str, question: str | None) -> None:
    """Add a city with an empty board at /SLUG to the current edition."""
    try:
        make_city(slug, name, time_zone=time_zone, language=language, question=question, taken=_addresses())
    except Invalid as reason:
        raise click.ClickException(reason.message) from reason
    click.echo(f"{name} has a board at /{slug}.")


@click.command("set-city")
@click.argument("slug")
@click.option("--partner", help="Who the exchange is held with.")
@click.option("--question", help="The guiding question of its board.")
@click.option("--starts-on", type=_DAY, help="First day, like 2026-09-12.")
@click.option("--ends-on", type=_DAY, help="Last day.")
@on_a_board
def set_city(slug: str, **given: Any) -> None:
    """Say what is known of the city at /SLUG. What is not given stays; an empty text takes it back."""
    facts = {name: value for name, value in given.items() if value is not None}
    for name in facts.keys() & {"starts_on", "ends_on"}:
        facts[name] = facts[name].date()
    for name in facts.keys() & {"partner", "question"}:
        facts[name] = clean_line(facts[name]) or None
    try:
        state_facts(city_named(slug), **facts)
    except Invalid as reason:
        raise click.ClickException(reason.message) from reason
    except NotThere as reason:
        raise click.ClickException(f"There is no city at /{slug}.") from reason
    click.echo(f"/{slug} is up to date.")


@click.command("set-workshop")
@click.argument("slug")
@click.argument("number", type=click.IntRange(1, 99))
@click.option("--audience", type=click.Choice(AUDIENCES), help="For whom it is.")
@click.option("--title", help="Instead of “Workshop 1 · stakeholders”.")
@click.option("--starts-at", type=_MOMENT, help="In the city's time zone, like 2026-09-12T14:00.")
@click.option("--ends-at", type=_MOMENT, help="In the city's time zone.")
@on_a_board
def set_workshop_command(slug: str, number: int, **given: Any) -> None:
    """Set workshop NUMBER of the city at /SLUG. While it runs, ideas can be posted as from it."""
    try:
        set_workshop(city_named(slug), number, **given)
    except Invalid as reason:
        raise click.ClickException(reason.message) from reason
    except NotThere as reason:
        raise click.ClickException(f"There is no city at /{slug}.") from reason
    click.echo(f"Workshop {number} of /{slug} is up to date.")


@click.command("load-sample")
@on_a_board
def load_sample_command() -> None:
    """Put the sample content onto the boards that have none."""
    loaded = load_sample(now())
    click.echo(
        f"{loaded} sample ideas were put on the boards." if loaded else "The sample content is there already."
    )


@click.command("remove-sample")
@on_a_board
def remove_sample_command() -> None:
    """Take all sample content and its participants off the boards."""
    removed = remove_sample(now())
    click.echo(f"{removed} sample ideas were removed." if removed else "There is no sample content.")


@click.command("organiser-link")
@on_a_board
def organiser_link() -> None:
    """Print a link that makes its first holder organiser."""
    address = settings().public_url or "http://127.0.0.1:5000"
    click.echo(f"{address.rstrip('/')}/organiser/{make_organiser_link()}")


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
    check_city(slug, name, time_zone=time_zone, language=language, taken=_addresses())
    return Board(slug, language, time_zone)


def _addresses() -> set[str]:
    """The first words of all other pages' addresses."""
    first = (rule.rule.strip("/").split("/")[0] for rule in current_app.url_map.iter_rules())
    return {word for word in first if word and "<" not in word}


def _import(city: City, sheets: Sheets, matched: Matched) -> Matched:
    total = len(matched.people) + len(matched.ideas) + len(matched.comments) + len(matched.upvotes)
    with click.progressbar(length=total, label=f"Importing onto /{city.slug}") as bar:
        return import_files(city, sheets, at=now(), step=bar.update)


def _report(sheets: Sheets, matched: Matched, dry_run: bool) -> None:
    left_out = Counter(file for file, _line in {(problem.file, problem.line) for problem in matched.problems})

    def line(name: str, *counts: tuple[int, str]) -> None:
        said = [f"{count:,} {words}" for place, (count, words) in enumerate(counts) if count or place == 0]
        if left_out[name]:
            said.append(f"{left_out[name]:,} left out")
        click.echo(f"{name}: {', '.join(said)}")

    if sheets.ideas:
        line(sheets.ideas.name, (len(matched.ideas), "new ideas"), (matched.ideas_known, "there already"))
    if sheets.comments:
        line(
            sheets.comments.name,
            (len(matched.comments), "new comments"),
            (matched.comments_known, "there already"),
            (matched.replies_folded, "replies to replies joined their thread"),
        )
    if sheets.upvotes:
        line(
            sheets.upvotes.name,
            (len(matched.upvotes), "new upvotes"),
            (matched.upvotes_known, "there already"),
            (matched.upvotes_of_own_idea, "of their own idea skipped"),
            (matched.upvotes_repeated, "repeated"),
        )
    click.echo(f"{len(matched.people):,} new participants, under neutral names, who cannot sign in")
    for sheet in (sheets.ideas, sheets.comments, sheets.upvotes):
        if sheet and sheet.ignored:
            click.echo(f"{sheet.name}: columns not used: {', '.join(sheet.ignored)}")
    if dry_run:
        click.echo("This was a dry run: nothing was written.")


def _list_problems(problems: list[Problem], target: Path | None) -> None:
    if target:
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "line", "column", "problem"])
            writer.writerows(
                [problem.file, problem.line, problem.column, problem.message] for problem in problems
            )
    if not problems:
        return
    click.echo("\nLeft out:", err=True)
    for problem in problems[:SHOWN_PROBLEMS]:
        click.echo(f"  {problem}", err=True)
    if len(problems) > SHOWN_PROBLEMS:
        more = f"  … and {len(problems) - SHOWN_PROBLEMS:,} more"
        click.echo(f"{more}." if target else f"{more}; --problems FILE writes them all.", err=True)


def _nothing_usable(sheets: Sheets, matched: Matched) -> bool:
    good = sum(len(sheet.rows) for sheet in (sheets.ideas, sheets.comments, sheets.upvotes) if sheet)
    return good == 0 and bool(matched.problems)
