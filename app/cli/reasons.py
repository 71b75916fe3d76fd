"""Commands about the short list of reasons."""

from __future__ import annotations

from typing import Any

import click

from app.cli.running import on_a_board
from app.cli.themes import named, names_in
from app.core.extensions import db
from app.moderation.actions.reasons import add_reason, move_reason, rename_reason, retire_reason
from app.moderation.models import Reason
from app.organising.queries.vocabulary import Word, reasons


def _reason(number: int) -> tuple[Reason, Word]:
    word = next((one for one in reasons() if one.id == number), None)
    if word is None:
        raise click.ClickException(f"There is no reason {number}: see list-reasons.")
    return db.session.get_one(Reason, number), word


@click.command("list-reasons")
@on_a_board
def list_reasons() -> None:
    """List the reasons in their order: number, English name."""
    for one in reasons():
        click.echo(f"{one.id}  {one.name}{'  (retired)' if one.is_retired else ''}")


@click.command("set-reason")
@click.argument("number", type=int, required=False)
@named
@click.option("--move", type=click.Choice(["up", "down"]), help="One place in the order.")
@on_a_board
def set_reason(number: int | None, move: str | None, **given: Any) -> None:
    """Rename or move the reason NUMBER; without NUMBER, add one, named in all languages."""
    names = names_in(given)
    if number is None:
        row = add_reason(names)
    else:
        row, word = _reason(number)
        if names:
            rename_reason(row, {**word.names, **names})
    if move:
        move_reason(row, up=move == "up")
    click.echo(f"The reason {row.id} is up to date.")


@click.command("retire-reason")
@click.argument("number", type=int)
@click.option("--bring-back", is_flag=True, help="Offer it again.")
@on_a_board
def retire_reason_command(number: int, bring_back: bool) -> None:
    """Offer the reason NUMBER no longer. What gave it as its reason keeps it."""
    row, _word = _reason(number)
    retire_reason(row, is_retired=not bring_back)
    click.echo(f"The reason {number} is {'offered again' if bring_back else 'retired'}.")


COMMANDS = (list_reasons, set_reason, retire_reason_command)
