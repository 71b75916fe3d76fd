"""Commands about the sample content."""

from __future__ import annotations

import click

from app.cli.running import on_a_board
from app.core.clock import now
from app.ideas.actions.sampling import load_sample, remove_sample


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


COMMANDS = (load_sample_command, remove_sample_command)
