"""How people leave."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from app.accounts.actions.links import void_links
from app.accounts.actions.sessions import end_all_sessions
from app.accounts.events import AccountErased
from app.accounts.models import Session, User
from app.core.announce import announce
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work


def erase(user: User, at: datetime) -> None:
    """Forget who `user` is: name, address, password, affiliation, language, rights, sessions and links.

    What stays is the stakeholder group and what was said in public, under nobody's name. Cannot be undone.
    """
    with unit_of_work():
        # What they wrote is locked before their address changes: while PostgreSQL changes a unique column, whoever
        # writes below one of their ideas would wait for it, holding that idea.
        db.session.refresh(user, with_for_update={"key_share": True})
        if user.erased_at is not None:
            return
        announce(AccountErased(user.id))
        end_all_sessions(user, at=at)
        db.session.execute(delete(Session).where(Session.user_id == user.id))
        void_links(user.id)
        user.name = ""
        user.email = user.claimed_email = user.password_hash = None
        user.affiliation = user.language = user.verified_at = None
        user.is_organiser = False
        user.erased_at = at
