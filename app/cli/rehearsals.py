"""Commands that rehearse a workshop."""

from __future__ import annotations

import time

import click
from sqlalchemy import select

from app.cities.models import City, Workshop
from app.cli.running import city_at, on_a_board
from app.core.clock import now
from app.core.extensions import db
from app.workshops.actions.clearing import remove_rehearsal, start_afresh
from app.workshops.actions.rehearsing import (
    MINUTES,
    MINUTES_MAX,
    PEOPLE,
    PEOPLE_MAX,
    start_rehearsal,
    stop_rehearsal,
)
from app.workshops.play import perform, prepare
from app.workshops.queries.room import people_of

SAYS_EVERY = 10.0


@click.command("rehearse")
@click.argument("city")
@click.argument("number", type=int)
@click.option("--people", type=click.IntRange(1, PEOPLE_MAX), default=PEOPLE, show_default=True)
@click.option("--minutes", type=click.IntRange(1, MINUTES_MAX), default=MINUTES, show_default=True)
@on_a_board
def rehearse(city: str, number: int, people: int, minutes: int) -> None:
    """Fill workshop NUMBER of CITY with simulated people, who follow its phases as a moderator drives them.

    Ctrl-C stops them. Without Redis, open pages of a running board hear of it when they ask by themselves, within
    half a minute; the button on the workshop's rehearsal page shows it at once.
    """
    place, workshop = _workshop_at(city, number)
    run = start_rehearsal(workshop, people=people, minutes=minutes, by=None, at=now())
    workshop_id = workshop.id
    said = {"at": 0.0}

    def tell() -> None:
        if time.monotonic() - said["at"] < SAYS_EVERY:
            return
        said["at"] = time.monotonic()
        here = db.session.get_one(Workshop, workshop_id)
        if not here.is_open:
            click.echo("The workshop is not open yet: they wait at the door.")
            return
        counts = people_of(workshop_id)
        click.echo(
            f"{here.phase}: {counts['joined']} joined, {counts['posted']} posted, {counts['voted']} voted."
        )

    click.echo(f"{people} simulated people rehearse for {minutes} min. Ctrl-C stops them.")
    try:
        perform(prepare(place, workshop_id, run, people=people, minutes=minutes), wait=time.sleep, each=tell)
    except KeyboardInterrupt:
        click.echo("Stopped.")
    finally:
        stop_rehearsal(db.session.get_one(Workshop, workshop_id), by=None, at=now())
    click.echo(f"Over. Remove it without a trace with: flask --app wsgi remove-rehearsal {city} {number}")


@click.command("remove-rehearsal")
@click.argument("city")
@click.argument("number", type=int)
@click.option("--afresh", is_flag=True, help="Also set the workshop back, as if it had never been opened.")
@on_a_board
def remove_rehearsal_command(city: str, number: int, afresh: bool) -> None:
    """Take the simulated people of workshop NUMBER of CITY away, with all they said and gave."""
    _place, workshop = _workshop_at(city, number)
    gone = (start_afresh if afresh else remove_rehearsal)(workshop, by=None, at=now())
    click.echo(f"The rehearsal is removed, {gone} ideas with it.")


def _workshop_at(slug: str, number: int) -> tuple[City, Workshop]:
    """Raises a sentence for the console."""
    city = city_at(slug)
    found = db.session.scalar(select(Workshop).where(Workshop.city_id == city.id, Workshop.number == number))
    if found is None:
        raise click.ClickException(f"{city.name} has no workshop {number}.")
    return city, found


COMMANDS = (rehearse, remove_rehearsal_command)
