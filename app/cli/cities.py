"""Commands about cities and their workshops."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import select

from app.cities.actions.making import make_city, place_city
from app.cities.actions.stating import state_facts
from app.cities.actions.workshops import remove_workshop
from app.cities.models import AUDIENCES, BUDGET_MAX, MODERATION, City, Edition
from app.cli.editions import edition_in
from app.cli.running import DAY, MOMENT, city_at, line_or_none, on_a_board
from app.core.addresses import taken_words
from app.core.clock import now
from app.core.errors import NotThere
from app.core.extensions import db
from app.core.text import clean_line, clean_text
from app.moderation.actions.rules import change_rules
from app.workshops.actions.setting import set_up

_LINES = {"name", "partner", "question", "source_text", "source_url", "time_zone", "language"}


@click.command("list-cities")
@on_a_board
def list_cities() -> None:
    """List every city with its edition, place, time zone and languages."""
    rows = db.session.execute(
        select(Edition.year, City)
        .join(City, City.edition_id == Edition.id)
        .order_by(Edition.year.desc(), City.position)
    )
    for year, city in rows:
        languages = ",".join(filter(None, (city.language, city.more_languages)))
        click.echo(f"{year}  {city.position}  /{city.slug}  {city.name}  {city.time_zone}  {languages}")


@click.command("make-city")
@click.argument("slug")
@click.option("--name", required=True, help="The city's name.")
@click.option("--time-zone", required=True, help="For instance Europe/Madrid.")
@click.option("--language", required=True, help="For instance es.")
@click.option("--question", help="The guiding question of its board.")
@click.option("--edition", "year", type=int, help="The edition's year; without it, the current one.")
@on_a_board
def make_city_command(
    slug: str, name: str, time_zone: str, language: str, question: str | None, year: int | None
) -> None:
    """Add a city, the last of its edition, with an empty board at /SLUG."""
    make_city(
        slug,
        clean_line(name),
        time_zone=time_zone,
        language=language,
        question=clean_line(question) or None,
        edition=edition_in(year) if year else None,
        taken=taken_words(),
    )
    click.echo(f"{name} has a board at /{slug}.")


@click.command("set-city")
@click.argument("slug")
@click.option("--name", help="The city's name.")
@click.option("--partner", help="Who the exchange is held with.")
@click.option("--question", help="The guiding question of its board.")
@click.option("--starts-on", type=DAY, help="First day, like 2026-09-12.")
@click.option("--ends-on", type=DAY, help="Last day.")
@click.option("--source", "source_text", help="Where the board's content comes from.")
@click.option("--source-url", help="Where to read more about it.")
@click.option("--time-zone", help="For instance Europe/Madrid. Moments stay what they were.")
@click.option("--language", help="The board's first language, for instance es.")
@click.option("--more-languages", help="Further ones that people write in, for instance ca,en.")
@click.option("--position", type=click.IntRange(1), help="Which stop of its edition it is.")
@click.option("--posting", type=click.Choice(["open", "paused"]), help="Whether participants can write.")
@click.option(
    "--moderation", type=click.Choice(MODERATION), help="Moderators look after or before publication."
)
@click.option("--public/--members-only", "is_public", default=None, help="Who may read its board.")
@on_a_board
def set_city(
    slug: str,
    position: int | None,
    posting: str | None,
    moderation: str | None,
    is_public: bool | None,
    **given: Any,
) -> None:
    """Say what is known of the city at /SLUG, and how its board is run. Changes of the rules are in its log.

    What is not given stays; an empty text takes it back.
    """
    city = city_at(slug)
    facts = {name: value for name, value in given.items() if value is not None}
    for name in facts.keys() & {"starts_on", "ends_on"}:
        facts[name] = facts[name].date()
    for name in facts.keys() & _LINES:
        facts[name] = line_or_none(facts[name])
    if "more_languages" in facts:
        facts["more_languages"] = [
            code.strip() for code in facts["more_languages"].split(",") if code.strip()
        ]
    if facts:
        state_facts(city, **facts)
    if position is not None:
        place_city(city, position)
    change_rules(
        city,
        by=None,
        at=now(),
        posting_is_open=None if posting is None else posting == "open",
        moderation=moderation,
        is_public=is_public,
    )
    click.echo(f"/{slug} is up to date.")


@click.command("set-workshop")
@click.argument("slug")
@click.argument("number", type=click.IntRange(1, 99))
@click.option("--audience", type=click.Choice(AUDIENCES), help="For whom it is.")
@click.option("--title", help="Instead of “Workshop 1 · stakeholders”; an empty one takes it back.")
@click.option("--starts-at", type=MOMENT, help="In the city's time zone, like 2026-09-12T14:00.")
@click.option("--ends-at", type=MOMENT, help="In the city's time zone.")
@click.option("--question", help="Its guiding question; an empty one takes it back.")
@click.option(
    "--budget",
    type=click.IntRange(0, BUDGET_MAX),
    help="Upvotes a person in the vote; 0: as many as they like.",
)
@click.option(
    "--hide-counts/--show-counts", "hides_counts", default=None, help="Whether counts wait for the reveal."
)
@click.option(
    "--email-optional/--email-required",
    "email_is_optional",
    default=None,
    help="Of those who join with the code.",
)
@click.option("--agenda", help="Lines for the screens.")
@on_a_board
def set_workshop_command(slug: str, number: int, budget: int | None, **given: Any) -> None:
    """Set workshop NUMBER of the city at /SLUG. While it runs, ideas can be posted as from it.

    Whether counts are hidden stays as it is once upvotes were given.
    """
    words = {name: value for name, value in given.items() if value is not None}
    for name in words.keys() & {"title", "question"}:
        words[name] = line_or_none(words[name])
    if "agenda" in words:
        words["agenda"] = clean_text(words["agenda"])
    if budget is not None:
        words["upvote_budget"] = budget or None
    set_up(city_at(slug), number, by=None, **words)
    click.echo(f"Workshop {number} of /{slug} is up to date.")


@click.command("remove-workshop")
@click.argument("slug")
@click.argument("number", type=click.IntRange(1, 99))
@on_a_board
def remove_workshop_command(slug: str, number: int) -> None:
    """Remove workshop NUMBER of the city at /SLUG. One that ideas came from stays."""
    try:
        remove_workshop(city_at(slug), number)
    except NotThere as refusal:
        raise click.ClickException(f"/{slug} has no workshop {number}.") from refusal
    click.echo(f"Workshop {number} of /{slug} is removed.")


COMMANDS = (list_cities, make_city_command, set_city, set_workshop_command, remove_workshop_command)
