"""How this installation is set up: boards, people, mail, sample content."""

from __future__ import annotations

import structlog
from flask import Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.access import require_organiser
from app.accounts.actions.organisers import make_organiser_link
from app.core.clock import now
from app.core.config import settings
from app.core.htmx import go
from app.core.security import own_origin
from app.ideas.actions.sampling import load_sample, remove_sample
from app.organising.queries.affiliations import claims_waiting
from app.organising.queries.series import boards, organisers
from app.organising.routes.blueprint import blueprint, page, wanted

log = structlog.get_logger(__name__)


@blueprint.get("")
def overview() -> Response:
    """What needs somebody, and how things are set."""
    require_organiser()
    config = settings()
    rows = boards()
    return page(
        "overview",
        boards=rows,
        organisers=organisers(),
        claims=claims_waiting(),
        confirms_email=config.confirm_email,
        unconfirmed_hours=config.unconfirmed_hours,
        mail_server_set=bool(config.mail_server),
        mail_folder=str(config.data / "mail"),
        has_sample=any(row.is_sample for row in rows),
    )


@blueprint.get("/sample")
def sample() -> Response:
    """Which boards show sample content."""
    require_organiser()
    return page("sample", boards=boards())


@blueprint.post("/sample")
def change_sample() -> Response:
    """Load the sample content onto boards that have none, or take all of it off."""
    require_organiser()
    if wanted("load", "remove") == "load":
        loaded = load_sample(now())
        if loaded:
            flash(
                ngettext(
                    "%(num)d sample idea is on the boards now.",
                    "%(num)d sample ideas are on the boards now.",
                    loaded,
                ),
                "success",
            )
        else:
            flash(_("The sample content is there already."))
    else:
        remove_sample(now())
        flash(_("The sample content has been removed from all boards."), "success")
    return go(url_for("organising.sample"))


@blueprint.post("/link")
def organiser_link() -> Response:
    """Make a link that makes its first holder organiser, and show it: this once."""
    user = require_organiser()
    token = make_organiser_link(now())
    log.info("organiser_link_made", by=user.id)
    return page("link", link=own_origin() + url_for("accounts.become_organiser", token=token))
