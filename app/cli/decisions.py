"""Commands that decide about people: their affiliation, and whether they may take part. Each is in a board's log."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click
import structlog

from app.accounts.models import User
from app.cities.models import City
from app.cli.people import person_named, told
from app.cli.running import DAY, city_at, on_a_board
from app.core.clock import now
from app.moderation.actions.banning import ban, lift_ban
from app.moderation.actions.verifying import unverify, verify
from app.organising.queries.affiliations import claims
from app.organising.queries.people import boards_for

log = structlog.get_logger(__name__)

_LOGGED_ON = click.option(
    "--city", "slug", help="In whose board's log it is written; else one they take part in."
)


def _board_for(user: User, slug: str | None) -> City:
    return city_at(slug or boards_for(user.id)[0][0])


@click.command("list-affiliations")
@click.option("--denied", is_flag=True, help="Those that were found not confirmed.")
@on_a_board
def list_affiliations(denied: bool) -> None:
    """List the people whose affiliation nobody has verified yet. That it was asked is logged."""
    found = claims(now(), denied=denied)
    log.info("participants_searched", by=None, found=len(found))
    for claim in found:
        click.echo(told(claim.who))


@click.command("verify")
@click.argument("who")
@_LOGGED_ON
@on_a_board
def verify_command(who: str, slug: str | None) -> None:
    """Confirm the affiliation of WHO (a confirmed e-mail address, or an id)."""
    user = person_named(who)
    verify(user, _board_for(user, slug), by=None, at=now())
    click.echo(f"{user.name} is verified: {user.affiliation}.")


@click.command("unverify")
@click.argument("who")
@_LOGGED_ON
@on_a_board
def unverify_command(who: str, slug: str | None) -> None:
    """Say that the affiliation of WHO is not confirmed; a badge is taken back."""
    user = person_named(who)
    unverify(user, _board_for(user, slug), by=None, at=now())
    click.echo(f"{user.name} is not verified.")


@click.command("ban")
@click.argument("who")
@click.option("--until", type=DAY, required=True, help="The last day of the ban, like 2026-09-12.")
@click.option("--reason", type=int, required=True, help="A number of list-reasons.")
@click.option("--sentence", default="", help="What else is to be said, in the log too.")
@_LOGGED_ON
@on_a_board
def ban_command(who: str, until: datetime, reason: int, sentence: str, slug: str | None) -> None:
    """Shut WHO out until the end of a day, and sign them out everywhere. What they posted stays."""
    user = person_named(who)
    city = _board_for(user, slug)
    end = (until + timedelta(days=1)).replace(tzinfo=ZoneInfo(city.time_zone))
    ban(user, city, until=end, because=reason, sentence=sentence, by=None, at=now())
    click.echo(f"{user.name} is banned until the end of {until:%Y-%m-%d}.")


@click.command("lift-ban")
@click.argument("who")
@_LOGGED_ON
@on_a_board
def lift_ban_command(who: str, slug: str | None) -> None:
    """Let WHO in again."""
    user = person_named(who)
    lift_ban(user, _board_for(user, slug), by=None, at=now())
    click.echo(f"The ban of {user.name} is lifted.")


COMMANDS = (list_affiliations, verify_command, unverify_command, ban_command, lift_ban_command)
