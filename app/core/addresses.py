"""Which first words of addresses are taken by the product's own pages."""

from __future__ import annotations

from flask import current_app


def taken_words() -> frozenset[str]:
    """The first words of all pages' addresses: no city's board can stand there."""
    first = (rule.rule.strip("/").split("/")[0] for rule in current_app.url_map.iter_rules())
    return frozenset(word for word in first if word and "<" not in word)
