"""Commands for whoever runs the board: `flask --app wsgi --help`. They call actions and print what came of it.

Whatever they do, an organiser has a page for, and the other way round: see docs/organising.md.
"""

from __future__ import annotations

from flask import Flask

from app.cli import (
    care,
    cities,
    decisions,
    editions,
    imports,
    people,
    reasons,
    rehearsals,
    sample,
    settings,
    themes,
)
from app.ideas.actions.sampling import load_sample

__all__ = ["init_cli", "load_sample"]

FAMILIES = (care, cities, decisions, editions, imports, people, reasons, rehearsals, sample, settings, themes)


def init_cli(app: Flask) -> None:
    """Register the commands."""
    for family in FAMILIES:
        for command in family.COMMANDS:
            app.cli.add_command(command)
