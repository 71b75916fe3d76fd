"""What changes accounts, by verb family."""

from app.accounts.actions.changing import (
    ask_for_reset,
    ask_to_change_email,
    change_password,
    confirm_email,
    reset_password,
)
from app.accounts.actions.completing import complete, complete_by_link
from app.accounts.actions.erasing import erase
from app.accounts.actions.organisers import become_organiser, make_organiser_link
from app.accounts.actions.registering import add_pseudonymous, ask_to_confirm, register
from app.accounts.actions.sessions import end_all_sessions, end_session, note_seen, sign_in, start_session
from app.accounts.actions.speaking import choose_language

__all__ = [
    "add_pseudonymous",
    "ask_for_reset",
    "ask_to_change_email",
    "ask_to_confirm",
    "become_organiser",
    "change_password",
    "choose_language",
    "complete",
    "complete_by_link",
    "confirm_email",
    "end_all_sessions",
    "end_session",
    "erase",
    "make_organiser_link",
    "note_seen",
    "register",
    "reset_password",
    "sign_in",
    "start_session",
]
