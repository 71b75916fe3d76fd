"""Commands about the vocabulary of themes."""

from __future__ import annotations

from typing import Any

import click

from app.cities.actions.theming import add_theme, place_theme, rename_theme, retire_theme, theme_keyed
from app.cities.models import Theme
from app.cities.queries import all_themes
from app.cli.running import on_a_board
from app.core.config import LANGUAGES


def named(command: Any) -> Any:
    """Give a command an option for the name in each language of the pages."""
    for code, language in reversed(LANGUAGES.items()):
        command = click.option(f"--{code}", help=f"Its name in {language}.")(command)
    return command


def names_in(given: dict[str, Any]) -> dict[str, str]:
    """The names among a command's options."""
    return {code: given[code] for code in LANGUAGES if given.get(code) is not None}


def _theme(key: str) -> Theme:
    theme = theme_keyed(key)
    if theme is None:
        known = ", ".join(one.key for one in all_themes())
        raise click.ClickException(f"There is no theme “{key}” (there are: {known}).")
    return theme


@click.command("list-themes")
@on_a_board
def list_themes() -> None:
    """List the themes in their order: key, English name."""
    for theme in all_themes():
        click.echo(f"{theme.key}  {theme.name}{'  (retired)' if theme.is_retired else ''}")


@click.command("set-theme")
@click.argument("key", required=False)
@named
@click.option("--position", type=click.IntRange(1), help="Its place in the order, from 1.")
@on_a_board
def set_theme(key: str | None, position: int | None, **given: Any) -> None:
    """Rename or move the theme KEY; without KEY, add one, named in all languages."""
    names = names_in(given)
    if key is None:
        theme = add_theme(names)
    else:
        theme = _theme(key)
        if names:
            rename_theme(theme, names)
    if position is not None:
        place_theme(theme, position)
    click.echo(f"The theme {theme.key} is up to date.")


@click.command("retire-theme")
@click.argument("key")
@click.option("--bring-back", is_flag=True, help="Offer it again.")
@on_a_board
def retire_theme_command(key: str, bring_back: bool) -> None:
    """Offer the theme KEY no longer to those who post. Ideas keep it."""
    retire_theme(_theme(key), not bring_back)
    click.echo(f"The theme {key} is {'offered again' if bring_back else 'retired'}.")


COMMANDS = (list_themes, set_theme, retire_theme_command)
