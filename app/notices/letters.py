"""Notices as letters: plain text, in the receiver's language, moments in the city's zone, whole addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from app.accounts.models import User
from app.core import mail
from app.core.config import LANGUAGES
from app.core.times import moment
from app.notices.queries.facts import Facts
from app.notices.queries.inbox import views_of
from app.notices.queries.views import NoticeView
from app.notices.tokens import token_for

BETWEEN = "\n\n"


def write_one(user: User, facts: Facts) -> None:
    """A letter about one notice, as soon as it is made."""
    with force_locale(_language(user, facts)):
        [view] = views_of([facts])
        _send(
            user,
            view.words,
            BETWEEN.join((f"{view.words}\n{view.city_name}, {_when(view)}", *_more(view), *_links(view))),
            _("You get a mail for each notice. One a day, or none:"),
        )


def write_digest(user: User, facts: Sequence[Facts]) -> None:
    """One letter about all these notices, newest first: by city, then by what they are about."""
    with force_locale(_language(user, facts[0])):
        views = views_of(facts)
        count = len(facts)
        subject = ngettext(
            "%(num)d notice: %(first)s", "%(num)d notices: %(first)s", count, first=views[0].words
        )
        _send(
            user,
            subject,
            BETWEEN.join((_("this is new about what you wrote and upvoted:"), *_by_city(views))),
            _(
                "You get one mail a day at most, on days when there is something new. A mail for each notice, or none:"
            ),
        )


def _by_city(views: Sequence[NoticeView]) -> Iterator[str]:
    cities = list(dict.fromkeys(view.city_name for view in views))
    for city in cities:
        yield f"{city}\n{'=' * max(3, len(city))}"
        here = [view for view in views if view.city_name == city]
        order = {
            idea_id: place for place, idea_id in reversed(list(enumerate(view.idea_id for view in here)))
        }
        here.sort(key=lambda view: order[view.idea_id])
        for _idea, about in groupby(here, key=lambda view: view.idea_id):
            yield from _about(list(about))


def _about(views: list[NoticeView]) -> Iterator[str]:
    """The notices about one idea; an address that several share is written once."""
    for place, view in enumerate(views):
        is_last = place + 1 == len(views)
        links = _links(view, also_to_it=is_last or _page(views[place + 1]) != _page(view))
        yield BETWEEN.join((f"* {view.words}\n  {_when(view)}", *_more(view), *links))


def _page(view: NoticeView) -> str:
    return view.path.split("#")[0]


def _more(view: NoticeView) -> Iterator[str]:
    """What somebody wrote, and a moderator's reason and sentence."""
    if view.quote:
        yield f"  | {view.quote}"
    if view.reason:
        yield "  " + _("Reason: %(reason)s", reason=view.reason)
    if view.sentence:
        yield "  " + _("In the moderator’s words: %(sentence)s", sentence=" ".join(view.sentence.split()))


def _links(view: NoticeView, *, also_to_it: bool = True) -> Iterator[str]:
    if view.objection_path:
        yield (
            "  "
            + _("If you think this is wrong, you can object:")
            + f"\n  {mail.address(view.objection_path)}"
        )
    if also_to_it:
        yield f"  {mail.address(view.path)}"


def _when(view: NoticeView) -> str:
    return moment(view.at, view.time_zone)


def _send(user: User, subject: str, body: str, how: str) -> None:
    end = mail.address(f"/unsubscribe/{token_for(user.id)}")
    text = BETWEEN.join(
        (
            _("Hello %(name)s,", name=user.name),
            body,
            "Cities in Progress",
            f"{how}\n{mail.address('/me/notices')}",
            _("No more of these mails, without signing in:") + f"\n{end}",
        )
    )
    headers = {"List-Unsubscribe": f"<{end}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    mail.send(str(user.email), subject, text + "\n", headers)


def _language(user: User, facts: Facts) -> str:
    """The person's, else the city's, else English; never that of whoever caused the notice."""
    return next((code for code in (user.language, facts.city.language) if code in LANGUAGES), "en") or "en"
