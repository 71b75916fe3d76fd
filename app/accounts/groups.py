"""The stakeholder groups people choose from at registration, and their names in the reader's language."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

GROUPS = ("resident", "student", "city_administration", "company", "institute", "university")
"""In the order in which they are shown everywhere."""

WITHOUT_AFFILIATION = frozenset({"resident", "student"})
"""These speak for themselves; everybody else says for whom they work."""

_LABELS = {
    "resident": _l("Resident"),
    "student": _l("Student"),
    "city_administration": _l("City administration"),
    "company": _l("Company"),
    "institute": _l("Institute"),
    "university": _l("University"),
}


def group_label(key: str) -> str:
    """The name of group `key` (one of GROUPS; KeyError otherwise), translated whenever it is read as text."""
    return _LABELS[key]
