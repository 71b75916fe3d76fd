"""The stops of the series: added, put in order, and what is said of each."""

from __future__ import annotations

from flask import Response, flash, url_for
from flask_babel import gettext as _

from app.accounts.access import require_organiser
from app.cities.access import city_named
from app.cities.actions.making import make_city, place_city
from app.cities.actions.stating import state_facts
from app.cities.models import Edition
from app.core.addresses import taken_words
from app.core.errors import Invalid
from app.core.htmx import go
from app.organising.forms.series import NewCityForm, city_form, new_city_form
from app.organising.queries.series import boards, editions
from app.organising.routes.blueprint import blueprint, one_of, page, refused, time_zones, wanted


@blueprint.route("/cities", methods=["GET", "POST"])
def cities() -> Response:
    """All cities, and the form of a new one."""
    require_organiser()
    known = editions()
    form = new_city_form(
        [(one.id, f"{one.motto} {one.year}") for one in known],
        next((one.id for one in known if one.is_current), known[0].id if known else None),
    )
    if not form.is_submitted():
        return _cities(form)
    if not form.validate():
        return _cities(form, refused(form))
    try:
        city = make_city(
            form.slug.data or "",
            form.name.data or "",
            time_zone=form.time_zone.data or "",
            language=form.language.data or "",
            question=form.question.data or None,
            edition=one_of(Edition, form.edition.data),
            taken=taken_words(),
        )
    except Invalid as refusal:
        return _cities(form, refused(form, refusal))
    flash(_("%(city)s has a board at /%(slug)s.", city=city.name, slug=city.slug), "success")
    return go(url_for("organising.city", slug=city.slug))


def _cities(form: NewCityForm, status: int = 200) -> Response:
    return page("cities", status, form=form, boards=boards(), time_zones=time_zones())


@blueprint.post("/cities/<slug>/position")
def place(slug: str) -> Response:
    """Move a city up or down among those of its edition."""
    require_organiser()
    city = city_named(slug)
    place_city(city, city.position + (-1 if wanted("up", "down") == "up" else 1))
    return go(url_for("organising.cities") + f"#city-{slug}")


@blueprint.route("/cities/<slug>", methods=["GET", "POST"])
def city(slug: str) -> Response:
    """What is said of a city: its facts, time zone and languages."""
    require_organiser()
    row = city_named(slug)
    form = city_form(row)
    name = row.name

    def shown(status: int = 200) -> Response:
        return page("city", status, form=form, slug=slug, name=name, time_zones=time_zones())

    if not form.is_submitted():
        return shown()
    if not form.validate():
        return shown(refused(form))
    try:
        state_facts(row, **form.facts())
    except Invalid as refusal:
        return shown(refused(form, refusal))
    flash(_("Saved."), "success")
    return go(url_for("organising.city", slug=slug))
