"""Commands about organisers, moderators and participants."""

from __future__ import annotations

import click
import structlog
from sqlalchemy import select

from app.accounts.actions.organisers import make_organiser_link
from app.accounts.models import User
from app.cities.actions.moderating import appoint, dismiss
from app.cities.models import City, Moderator
from app.cli.running import city_at, on_a_board
from app.core.clock import now
from app.core.config import settings
from app.core.extensions import db
from app.core.text import clean_line
from app.organising.queries.people import (
    Participant,
    find_participants,
    participant,
    participant_addressed,
    upvoted_idea,
)

log = structlog.get_logger(__name__)


def person_named(who: str) -> User:
    """Who is meant by an id or a confirmed e-mail address. Raises a sentence for the console."""
    if who.isascii() and who.isdigit():
        user = participant(int(who)) if len(who) < 10 else None
        if user is None:
            raise click.ClickException(f"There is no participant {who}.")
        return user
    user = participant_addressed(who.strip().lower())
    if user is None:
        raise click.ClickException(f"Nobody has confirmed the address {who}.")
    return user


def told(one: Participant) -> str:
    """A participant in one line."""
    parts = [
        str(one.id),
        one.name,
        f"{one.email or 'no address'}{'' if one.is_confirmed else ' (not confirmed)'}",
        one.group,
        f"{one.affiliation} ({'verified' if one.is_verified else 'not verified'})" if one.affiliation else "",
        f"banned until {one.banned_until:%Y-%m-%d %H:%M} UTC" if one.banned_until else "",
        f"on {', '.join(one.boards)}" if one.boards else "",
    ]
    return "  ".join(part for part in parts if part)


@click.command("organiser-link")
@on_a_board
def organiser_link() -> None:
    """Print a link that makes its first holder organiser."""
    address = settings().public_url or "http://127.0.0.1:5000"
    click.echo(f"{address.rstrip('/')}/organiser/{make_organiser_link()}")


@click.command("list-moderators")
@click.argument("slug", required=False)
@on_a_board
def list_moderators(slug: str | None) -> None:
    """List the moderators of the city at /SLUG, or of all cities. That it was asked is logged."""
    query = (
        select(City.slug, User)
        .select_from(Moderator)
        .join(City, City.id == Moderator.city_id)
        .join(User, User.id == Moderator.user_id)
        .order_by(City.slug, User.name)
    )
    if slug:
        query = query.where(City.id == city_at(slug).id)
    found = db.session.execute(query).all()
    log.info("participants_searched", by=None, found=len(found))
    for city, user in found:
        click.echo(f"/{city}  {user.id}  {user.name}  {user.address}")


@click.command("appoint-moderator")
@click.argument("slug")
@click.argument("who")
@on_a_board
def appoint_moderator(slug: str, who: str) -> None:
    """Make WHO (a confirmed e-mail address, or an id) moderator of the city at /SLUG."""
    city, user = city_at(slug), person_named(who)
    is_new = appoint(city, user, now())
    click.echo(f"{user.name} {'moderates' if is_new else 'moderates already'} /{slug}.")


@click.command("remove-moderator")
@click.argument("slug")
@click.argument("who")
@on_a_board
def remove_moderator(slug: str, who: str) -> None:
    """Take the board of the city at /SLUG out of the hands of WHO."""
    city, user = city_at(slug), person_named(who)
    was_one = dismiss(city, user)
    click.echo(f"{user.name} {'no longer moderates' if was_one else 'has not been a moderator of'} /{slug}.")


@click.command("find-participant")
@click.argument("words")
@on_a_board
def find_participant(words: str) -> None:
    """List the people whose name or e-mail address holds WORDS. That it was asked is logged."""
    found, more = find_participants(clean_line(words), now())
    log.info("participants_searched", by=None, found=len(found))
    for one in found:
        click.echo(told(one))
    if more:
        click.echo("… and more: ask for more letters.")
    if not found:
        click.echo("Nobody.")


@click.command("list-upvoters")
@click.argument("idea_id", type=click.IntRange(1, 2**31 - 1))
@on_a_board
def list_upvoters(idea_id: int) -> None:
    """List who upvoted the idea IDEA_ID. That it was asked is logged."""
    idea = upvoted_idea(idea_id)
    if idea is None:
        raise click.ClickException(f"There is no idea {idea_id}.")
    log.info("upvoters_viewed", by=None, idea=idea_id)
    for one in idea.upvoters:
        not_counted = "" if one.is_counted else "  (not counted)"
        click.echo(f"{one.id}  {one.name}  {one.group_label}  {one.at:%Y-%m-%d %H:%M} UTC{not_counted}")


COMMANDS = (
    organiser_link,
    list_moderators,
    appoint_moderator,
    remove_moderator,
    find_participant,
    list_upvoters,
)
