"""Saying what is known of a city: its name, facts, time zone and languages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _

from app.cities.actions.making import check_language, check_name, check_source_url, check_time_zone
from app.cities.models import City
from app.core.errors import Invalid
from app.core.unit_of_work import unit_of_work

FACTS = frozenset(
    {
        "name", "partner", "question", "starts_on", "ends_on", "source_text", "source_url", "time_zone",
        "language", "more_languages",
    }
)  # fmt: skip
LENGTHS = {"partner": 120, "question": 200, "source_text": 500, "source_url": 500}
_CHECKS: dict[str, Callable[[Any], None]] = {
    "name": check_name,
    "time_zone": check_time_zone,
    "language": check_language,
    "source_url": check_source_url,
}


def state_facts(city: City, **facts: Any) -> None:
    """Say any of FACTS of a city; what is not given stays, None takes a fact back.

    `more_languages` are codes; the dates are dates. The time zone may change at any time: moments are kept in UTC, so
    they stay what they were and are shown anew. Raises Invalid, naming the field.
    """
    facts = {name: value for name, value in facts.items() if name in FACTS}
    for name, check in _CHECKS.items():
        if name in facts:
            check(facts[name])
    for name, most in LENGTHS.items():
        if len(facts.get(name) or "") > most:
            raise Invalid(_("Shorten this to %(most)d characters.", most=most), name)
    if "more_languages" in facts:
        facts["more_languages"] = _joined(
            facts["more_languages"] or (), leaving_out=facts.get("language", city.language)
        )
    with unit_of_work():
        for name, value in facts.items():
            setattr(city, name, value)
        if city.ends_on and (city.starts_on is None or city.ends_on < city.starts_on):
            raise Invalid(_("A city's dates end on or after the day they start."), "ends_on")


def _joined(codes: Sequence[str], *, leaving_out: str) -> str:
    for code in codes:
        check_language(code, "more_languages")
    joined = ",".join(code for code in dict.fromkeys(codes) if code != leaving_out)
    if len(joined) > 80:
        raise Invalid(_("These are too many languages: name those that people write in."), "more_languages")
    return joined
