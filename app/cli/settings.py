"""What is set, and where it comes from."""

from __future__ import annotations

import json
import textwrap
from dataclasses import asdict

import click
from flask.cli import with_appcontext

from app.core.config import settings
from app.core.explaining import explained


@click.command("config")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object: name, value, source, meaning of each."
)
@with_appcontext
def show_settings(as_json: bool) -> None:
    """Print every setting: its value, where it comes from, what it means. Passwords and keys are masked.

    Where a value cannot work, the command says so in a sentence and ends with 1, as the server does at its start.
    """
    told = explained(settings())
    if as_json:
        click.echo(json.dumps({one.name: asdict(one) for one in told}, indent=2))
        return
    for one in told:
        click.echo(f"{one.name} = {one.value or '(none)'}   [{one.source}]")
        click.echo(textwrap.fill(one.meaning, 100, initial_indent="    ", subsequent_indent="    "))


COMMANDS = (show_settings,)
