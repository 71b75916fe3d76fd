"""Commands about the runs of the series."""

from __future__ import annotations

import click
from sqlalchemy import select

from app.cities.actions.editions import edition_of, make_edition, mark_current, state_edition
from app.cities.models import Edition
from app.cli.running import on_a_board
from app.core.extensions import db
from app.core.text import clean_line


def edition_in(year: int) -> Edition:
    """The edition of a year. Raises a sentence for the console."""
    edition = edition_of(year)
    if edition is None:
        known = ", ".join(str(one) for one in db.session.scalars(select(Edition.year).order_by(Edition.year)))
        raise click.ClickException(f"There is no edition of {year} (there are: {known}).")
    return edition


@click.command("list-editions")
@on_a_board
def list_editions() -> None:
    """List the editions, the latest first."""
    for edition in db.session.scalars(select(Edition).order_by(Edition.year.desc())):
        click.echo(f"{edition.year}  {edition.motto}{'  (current)' if edition.is_current else ''}")


@click.command("make-edition")
@click.argument("year", type=int)
@click.option("--motto", required=True, help="Its motto.")
@click.option("--current", is_flag=True, help="Show it on the home page at once.")
@on_a_board
def make_edition_command(year: int, motto: str, current: bool) -> None:
    """Add the edition of YEAR."""
    edition = make_edition(clean_line(motto), year)
    if current:
        mark_current(edition)
    click.echo(f"There is an edition of {year}.")


@click.command("set-edition")
@click.argument("year", type=int)
@click.option("--motto", help="Its motto.")
@click.option("--year", "new_year", type=int, help="Another year.")
@click.option("--current", is_flag=True, help="Show it on the home page.")
@on_a_board
def set_edition(year: int, motto: str | None, new_year: int | None, current: bool) -> None:
    """Change the edition of YEAR. What is not given stays."""
    edition = edition_in(year)
    given = {"motto": clean_line(motto)} if motto is not None else {}
    state_edition(edition, **given, **({"year": new_year} if new_year is not None else {}))
    if current:
        mark_current(edition)
    click.echo(f"The edition of {edition.year} is up to date.")


COMMANDS = (list_editions, make_edition_command, set_edition)
