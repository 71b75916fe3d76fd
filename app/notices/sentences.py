"""What notices say, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from app.notices.queries.facts import Facts
from app.notices.queries.views import Part

Sentence = Callable[[Facts], str]
TITLE, OTHER = "\x01", "\x02"
"""Stand for the titles while a sentence is made, so that each piece keeps its own language."""
_STATUSES = {
    "new": _l("new"),
    "in_discussion": _l("in discussion"),
    "shortlisted": _l("shortlisted"),
    "taken_up": _l("taken up"),
    "not_pursued": _l("not pursued"),
}


def parts_of(group: Sequence[Facts]) -> tuple[Part, ...]:
    """The sentence for these notices, which belong together; newest first."""
    one = group[0]
    said = _gathered(one, len(group)) if len(group) > 1 else _SENTENCES[one.kind](one)
    titles = {TITLE: one.title, OTHER: one.other}
    parts, text = [], ""
    for character in said:
        title = titles.get(character)
        if title is None:
            text += character if character not in titles else "…"
            continue
        parts += [Part(text), Part(title.text, title.language)]
        text = ""
    return tuple(part for part in (*parts, Part(text)) if part.text)


def _gathered(one: Facts, count: int) -> str:
    if one.kind == "reply":
        return ngettext(
            "%(num)d new reply to you on “%(title)s”",
            "%(num)d new replies to you on “%(title)s”",
            count,
            title=TITLE,
        )
    return ngettext(
        "%(num)d new comment on “%(title)s”", "%(num)d new comments on “%(title)s”", count, title=TITLE
    )


def _comment(one: Facts) -> str:
    return _("%(name)s commented on “%(title)s”", name=_name(one), title=TITLE)


def _reply(one: Facts) -> str:
    return _("%(name)s replied to you on “%(title)s”", name=_name(one), title=TITLE)


def _name(one: Facts) -> str:
    return _without_marks(one.author) or _("Former participant")


def _without_marks(text: str) -> str:
    return text.replace(TITLE, "").replace(OTHER, "")


def _about_own(idea: LazyString, comment: LazyString, comment_alone: LazyString) -> Sentence:
    """Which of three sentences: on an idea; on a comment; on a comment whose idea the reader may not read now."""

    def sentence(one: Facts) -> str:
        return str(idea if one.is_of_own_idea else comment if one.title else comment_alone)

    return sentence


def _answer(one: Facts) -> str:
    status = str(_STATUSES[one.details["status"]])
    if one.quote:
        return _("There is an answer to your idea “%(title)s” (%(status)s)", title=TITLE, status=status)
    return _("Your idea “%(title)s” is now: %(status)s", title=TITLE, status=status)


def _taken_up(_one: Facts) -> str:
    return _("“%(title)s”, which you upvoted, is taken up", title=TITLE)


def _merge(one: Facts) -> str:
    if one.other is None:
        return _("Your idea “%(title)s” was merged into another one", title=TITLE)
    return _("Your idea “%(title)s” was merged into “%(other)s”", title=TITLE, other=OTHER)


def _merged_in(one: Facts) -> str:
    if one.other is None:
        return _("Another idea was merged into your idea “%(title)s”", title=TITLE)
    return _("“%(other)s” was merged into your idea “%(title)s”", other=OTHER, title=TITLE)


_TAKEN_BACK = {
    "merge": _l("Merging “%(title)s” with another idea was taken back", title=TITLE),
    "answer": _l("The answer to “%(title)s” was taken back", title=TITLE),
    "restore": _l("Showing “%(title)s” again was taken back", title=TITLE),
    "approve": _l("Publishing “%(title)s” was taken back", title=TITLE),
    "hide": _l("Hiding “%(title)s” was taken back", title=TITLE),
    "decline": _l("Declining “%(title)s” was taken back", title=TITLE),
    "hold": _l("Holding back “%(title)s” was taken back", title=TITLE),
}
_TAKEN_BACK_OF_COMMENT = {
    "restore": _l("Showing your comment again was taken back"),
    "approve": _l("Publishing your comment was taken back"),
    "hide": _l("Hiding your comment was taken back"),
    "decline": _l("Declining your comment was taken back"),
    "hold": _l("Holding back your comment was taken back"),
}


def _taken_back(one: Facts) -> str:
    return str((_TAKEN_BACK if one.is_of_own_idea else _TAKEN_BACK_OF_COMMENT)[one.details["kind"]])


def _report(one: Facts) -> str:
    if one.details["outcome"] == "upheld":
        return _("What you reported was taken off the board. Thank you")
    if one.details["outcome"] == "moot":
        return _(
            "What you reported is not there any more: it was taken back, or became part of another idea. Thank you"
        )
    if one.title is None:
        return _("A moderator has looked at what you reported and found nothing against it")
    return _(
        "A moderator has looked at what you reported on “%(title)s” and found nothing against it", title=TITLE
    )


def _objection(one: Facts) -> str:
    if one.details["outcome"] == "upheld":
        if one.is_of_own_idea:
            return _("Your objection was right: the decision on “%(title)s” was changed", title=TITLE)
        return _("Your objection was right: the decision on your comment was changed")
    if one.is_of_own_idea:
        return _("Your objection was looked at. The decision on “%(title)s” stays", title=TITLE)
    return _("Your objection was looked at. The decision on your comment stays")


_SENTENCES: dict[str, Sentence] = {
    "comment": _comment,
    "reply": _reply,
    "answer": _answer,
    "taken_up": _taken_up,
    "merge": _merge,
    "merged_in": _merged_in,
    "hide": _about_own(
        _l("Your idea “%(title)s” was hidden", title=TITLE),
        _l("Your comment on “%(title)s” was hidden", title=TITLE),
        _l("Your comment was hidden"),
    ),
    "decline": _about_own(
        _l("Your idea “%(title)s” was not published", title=TITLE),
        _l("Your comment on “%(title)s” was not published", title=TITLE),
        _l("Your comment was not published"),
    ),
    "hold": _about_own(
        _l("Your idea “%(title)s” is held back until a moderator has decided", title=TITLE),
        _l("Your comment on “%(title)s” is held back until a moderator has decided", title=TITLE),
        _l("Your comment is held back until a moderator has decided"),
    ),
    "restore": _about_own(
        _l("Your idea “%(title)s” is public again", title=TITLE),
        _l("Your comment on “%(title)s” is public again", title=TITLE),
        _l("Your comment is shown again"),
    ),
    "approve": _about_own(
        _l("Your idea “%(title)s” is published", title=TITLE),
        _l("Your comment on “%(title)s” is published", title=TITLE),
        _l("Your comment is published"),
    ),
    "taken_back": _taken_back,
    "verify": lambda _one: _("Your affiliation is verified"),
    "unverify": lambda _one: _("Your affiliation is not marked as verified"),
    "report": _report,
    "objection": _objection,
}
