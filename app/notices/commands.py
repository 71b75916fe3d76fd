"""For whoever runs the board: what else the server does by itself."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.core import mail
from app.core.clock import now
from app.notices.actions.digesting import send_due_digests


@click.command("send-digests")
@with_appcontext
def send_digests() -> None:
    """Write the daily letters that are due. The server does so itself; this is for installations without it.

    Call it every ten minutes or so: nobody gets more than one a day.
    """
    sent = send_due_digests(now())
    mail.settle()
    click.echo(f"{sent:,} letters were sent." if sent else "No letter is due.")
