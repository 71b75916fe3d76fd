"""What an act did, as the public log says it: whole sentences, so that they can be translated."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.core.times import moment

_IDEA = {
    "hide": _l("An idea was hidden"),
    "restore": _l("An idea was restored"),
    "hold": _l("An idea was held until a moderator has looked"),
    "approve": _l("An idea was approved"),
    "decline": _l("An idea was declined"),
    "keep": _l("An idea was looked at and kept"),
    "pin": _l("An idea was pinned"),
    "unpin": _l("An idea was unpinned"),
    "lock": _l("An idea’s comments were locked"),
    "unlock": _l("An idea’s comments were unlocked"),
    "retag": _l("An idea’s themes, kind or language were corrected"),
    "merge": _l("An idea was merged into another"),
    "unmerge": _l("A merged idea was separated again"),
    "answer": _l("An idea was answered"),
}
_COMMENT = {
    "hide": _l("A comment was hidden"),
    "restore": _l("A comment was restored"),
    "hold": _l("A comment was held until a moderator has looked"),
    "approve": _l("A comment was approved"),
    "decline": _l("A comment was declined"),
    "keep": _l("A comment was looked at and kept"),
}
_OTHER = {
    "lift_ban": _l("A ban was lifted"),
    "verify": _l("An affiliation was verified"),
    "unverify": _l("An affiliation was not confirmed, or no longer is"),
    "dismiss_alert": _l("An alert was looked at and dismissed"),
    "settings": _l("The board’s rules were changed"),
    "ban": _l("Somebody was banned"),
}
_UNDONE = {
    "hide": _l("Taken back: the hiding of an item"),
    "restore": _l("Taken back: the restoring of an item"),
    "hold": _l("Taken back: the holding of an item"),
    "approve": _l("Taken back: an approval"),
    "decline": _l("Taken back: the declining of an item"),
    "keep": _l("Taken back: the keeping of an item"),
    "pin": _l("Taken back: a pin"),
    "unpin": _l("Taken back: an unpinning"),
    "lock": _l("Taken back: the locking of comments"),
    "unlock": _l("Taken back: the unlocking of comments"),
    "retag": _l("Taken back: a correction of themes, kind or language"),
    "merge": _l("Taken back: a merge"),
    "unmerge": _l("Taken back: the separation of a merged idea"),
    "answer": _l("Taken back: an answer"),
    "ban": _l("Taken back: a ban"),
    "lift_ban": _l("Taken back: the lifting of a ban"),
    "verify": _l("Taken back: the verification of an affiliation"),
    "unverify": _l("Taken back: that an affiliation is not confirmed"),
    "set_aside": _l("Taken back: the setting aside of accounts"),
    "count_again": _l("Taken back: that accounts count again"),
    "dismiss_alert": _l("Taken back: the dismissal of an alert"),
    "settings": _l("Taken back: a change of the board’s rules"),
}


def what_happened(act: Any, zone: str) -> str:
    """An act (a row with `kind`, `comment_id`, `undoes_id`, `after`) in a sentence without its end."""
    after = act.after or {}
    if act.undoes_id is not None:
        return str(_UNDONE[act.kind])
    if act.kind == "ban" and after.get("banned_until"):
        until = moment(datetime.fromisoformat(after["banned_until"]), zone)
        return _("Somebody was banned until %(when)s", when=until)
    if act.kind in ("set_aside", "count_again"):
        return _accounts(act.kind, len(after.get("user_ids", ())))
    if act.kind == "settings":
        return _rules(after)
    known = _COMMENT if act.comment_id is not None and act.kind in _COMMENT else _IDEA
    return str(known.get(act.kind) or _OTHER[act.kind])


def _accounts(kind: str, count: int) -> str:
    if kind == "set_aside":
        return ngettext(
            "%(num)d account was set aside: its upvotes do not count",
            "%(num)d accounts were set aside: their upvotes do not count",
            count,
        )
    return ngettext(
        "%(num)d account that was set aside counts again",
        "%(num)d accounts that were set aside count again",
        count,
    )


def _rules(after: dict[str, Any]) -> str:
    said = []
    if "posting_is_open" in after:
        said.append(_("posting was opened") if after["posting_is_open"] else _("posting was paused"))
    if "moderation" in after:
        said.append(
            _("moderators look before publication")
            if after["moderation"] == "before"
            else _("moderators look after publication")
        )
    if "is_public" in after:
        said.append(
            _("the board was opened to everybody")
            if after["is_public"]
            else _("the board is for members only")
        )
    words = str(_OTHER["settings"])
    return _("%(what)s: %(rules)s", what=words, rules="; ".join(said)) if said else words
