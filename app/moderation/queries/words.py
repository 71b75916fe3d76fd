"""What acts, roles and needs are called, in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

_ACTS = {
    "hide": _lp("act", "hidden"),
    "restore": _lp("act", "restored"),
    "hold": _lp("act", "held back"),
    "approve": _lp("act", "approved"),
    "decline": _lp("act", "declined"),
    "keep": _lp("act", "looked at and kept"),
    "pin": _lp("act", "pinned"),
    "unpin": _lp("act", "unpinned"),
    "lock": _lp("act", "closed for comments"),
    "unlock": _lp("act", "opened for comments"),
    "retag": _lp("act", "sorted anew"),
    "merge": _lp("act", "merged"),
    "unmerge": _lp("act", "taken apart again"),
    "answer": _lp("act", "answered"),
    "ban": _lp("act", "banned"),
    "lift_ban": _lp("act", "ban lifted"),
    "set_aside": _lp("act", "set aside"),
    "count_again": _lp("act", "counted again"),
    "verify": _lp("act", "verified"),
    "unverify": _lp("act", "not verified"),
    "dismiss_alert": _lp("act", "alert dismissed"),
    "settings": _lp("act", "rules changed"),
}
_ROLES = {
    "moderator": _l("a moderator"),
    "organiser": _l("an organiser"),
    "board": _l("the board itself"),
}


def act_words(kind: str, *, undoes: bool = False) -> str:
    """What came of an act in a word or two: "hidden"; "undone: hidden" where it took that back."""
    words = str(_ACTS[kind])
    return _("undone: %(act)s", act=words) if undoes else words


def role_label(role: str) -> str:
    """Who acted, by role and not by name: "a moderator"."""
    return str(_ROLES[role])
