"""What looked odd on a board: which accounts were seen, and whether their upvotes count."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.models import User
from app.cities.models import City
from app.cities.queries import city_view
from app.core.clock import now
from app.core.errors import AlreadyDone, Invalid, NotThere, Refusal
from app.core.htmx import go, safe_next, wants_json
from app.moderation.access import act_to_undo, queue_item_at
from app.moderation.actions.setting_aside import count_again as let_count
from app.moderation.actions.setting_aside import dismiss_alert, set_aside
from app.moderation.forms import SetAsideForm
from app.moderation.models import Act, QueueItem
from app.moderation.queries.alerts import AlertPage, alert_page
from app.moderation.routes import blueprint
from app.moderation.routes.pages import done, page, shown_again

log = structlog.get_logger(__name__)


@blueprint.get("/<city>/alerts/<int:item_id>")
def alert(city: str, item_id: int) -> Response:
    """What was seen, and the accounts it was seen of."""
    user, place, item = _alert_at(city, item_id)
    shown = alert_page(item, place)
    log.info("upvoters_seen", by=user.id, alert=item.id)  # of a burst it says who gave the upvotes
    return page("alert", _form(shown), city=city_view(place), alert=shown)


@blueprint.post("/<city>/alerts/<int:item_id>/acts")
def act_on_alert(city: str, item_id: int) -> Response:
    """`act=set_aside` with the `users` ticked: their upvotes do not count; `act=dismiss`: nothing is wrong."""
    user, place, item = _alert_at(city, item_id)
    shown = alert_page(item, place)
    form = _form(shown)
    context: dict[str, Any] = {"city": city_view(place), "alert": shown}
    act_name = request.form.get("act")
    if act_name == "set_aside" and not form.validate_on_submit():
        return shown_again("alert", form, **context)
    try:
        act, message = _decide(act_name, form, user, place, item)
    except NotThere:
        raise
    except Refusal as refusal:
        return shown_again("alert", form, refusal, **context)
    here = url_for("moderation.alert", city=city, item_id=item_id)
    return done(act, message, safe_next(request.form.get("next"), here))


def _decide(
    act_name: str | None, form: SetAsideForm, user: User, city: City, item: QueueItem
) -> tuple[Act, str]:
    seen = request.form.get("seen", type=int)
    if act_name == "dismiss":
        return dismiss_alert(item, by=user, at=now(), seen=seen), _("The alert is dismissed.")
    if act_name != "set_aside":
        raise Invalid(_("Choose what to do."))
    # A group that counts again can be set aside once more: the alert itself is settled only once.
    of = item if item.needs else None
    act = set_aside(
        city,
        form.users.data,
        sentence=form.sentence.data or "",
        by=user,
        at=now(),
        item=of,
        seen=seen if of else None,
    )
    count = len(act.after["user_ids"])
    return act, ngettext("%(num)d account is set aside.", "%(num)d accounts are set aside.", count)


@blueprint.post("/acts/<int:act_id>/count-again")
def count_again(act_id: int) -> Response:
    """The accounts that an act set aside count again, however long ago that was."""
    user, city, act = act_to_undo(act_id)
    if act.kind != "set_aside":
        raise NotThere()
    item_id = act.after.get("item_id")
    where = (
        url_for("moderation.alert", city=city.slug, item_id=item_id)
        if item_id
        else url_for("moderation.log", city=city.slug)
    )
    where = safe_next(request.form.get("next"), where)
    try:
        again = let_count(act, by=user, at=now())
    except AlreadyDone as refusal:
        if wants_json():
            raise
        flash(refusal.message)
        return go(where)
    count = len(again.after["user_ids"])
    return done(
        again, ngettext("%(num)d account counts again.", "%(num)d accounts count again.", count), where
    )


def _alert_at(slug: str, item_id: int) -> tuple[User, City, QueueItem]:
    user, city, item = queue_item_at(item_id)
    if city.slug != slug or item.subject != "alert":
        raise NotThere()
    return user, city, item


def _form(shown: AlertPage) -> SetAsideForm:
    form = SetAsideForm()
    form.users.choices = [(account.id, account.who.name) for account in shown.accounts]
    if request.method == "GET":
        form.users.data = [account.id for account in shown.accounts if not account.is_set_aside]
    return form
