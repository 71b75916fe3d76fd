"""What all commands share: a database to work on, refusals as sentences, and the things that are named to them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click
from flask.cli import with_appcontext
from sqlalchemy import inspect
from sqlalchemy.exc import DatabaseError

from app.cities.access import city_named
from app.cities.models import City
from app.core import mail
from app.core.errors import NotThere, Refusal
from app.core.extensions import db
from app.core.text import clean_line

DAY = click.DateTime(["%Y-%m-%d"])
MOMENT = click.DateTime(["%Y-%m-%dT%H:%M"])

P = ParamSpec("P")


def on_a_board(command: Callable[P, None]) -> Callable[P, None]:
    """Run a command where there is a database with tables, else say in a sentence that there is none.

    A refusal of the action becomes the sentence on the console, and exit code 1.
    """

    @with_appcontext
    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            is_ready = inspect(db.engine).has_table("cities")
        except DatabaseError as error:
            raise click.ClickException(f"The database does not answer: {error.orig}") from error
        if not is_ready:
            raise click.ClickException(
                "The database is empty. Start the board once, or make its tables with: flask --app wsgi db upgrade"
            )
        try:
            command(*args, **kwargs)
        except NotThere as refusal:
            raise click.ClickException("There is no such thing.") from refusal
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal
        mail.settle()  # letters leave from a thread, which would end with the command

    return run


def city_at(slug: str) -> City:
    """The city at this address. Raises a sentence for the console."""
    try:
        return city_named(slug)
    except NotThere as refusal:
        raise click.ClickException(f"There is no city at /{slug}.") from refusal


def line_or_none(value: str) -> str | None:
    """What was typed, cleaned; an empty text takes something back."""
    return clean_line(value) or None
