"""Who rehearses and what they say: read once from samples/rehearsal.toml. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "de", "fr", "nl", "zh")
_TEXTS = Path(__file__).parent / "samples" / "rehearsal.toml"
_GROUPS = (
    "resident",
    "student",
    "student",
    "city_administration",
    "resident",
    "company",
    "university",
    "institute",
)
_ABROAD = (None, None, "en", None, None, "other")
"""One in three speaks another language than the city's: English, or one of the other three."""


@dataclass(frozen=True)
class SampleIdea:
    """`key` names it among all of them."""

    key: str
    kind: str
    title: str
    text: str
    themes: tuple[str, ...]
    language: str


@dataclass(frozen=True)
class SampleComment:
    """`key` names it among all of them."""

    key: str
    text: str
    stance: str | None
    language: str


@dataclass(frozen=True)
class Part:
    """Somebody simulated: the `number`th, from 1."""

    number: int
    name: str
    group: str
    language: str


def parts(how_many: int, language: str) -> tuple[Part, ...]:
    """The people of a rehearsal in a city that speaks `language`; the same whenever it is asked for."""
    home = language if language in LANGUAGES else "en"
    others = [one for one in LANGUAGES if one not in (home, "en")]
    found = []
    for number in range(1, how_many + 1):
        abroad = _ABROAD[number % len(_ABROAD)]
        speaks = others[number // len(_ABROAD) % len(others)] if abroad == "other" else abroad or home
        names, mark = _said_in(speaks)["names"], _said_in(speaks)["mark"]
        name = names[(number * 5) % len(names)]
        marked = f"{name}（{mark} {number}）" if speaks == "zh" else f"{name} ({mark} {number})"
        found.append(Part(number, marked, _GROUPS[number % len(_GROUPS)], speaks))
    return tuple(found)


@lru_cache
def sample_ideas() -> Sequence[SampleIdea]:
    """All of them, in every language; below each stands that it is invented."""
    return tuple(
        SampleIdea(
            f"{language}-{place}",
            idea["kind"],
            idea["title"],
            f"{idea['text']}\n\n{said['note']}",
            tuple(idea["themes"]),
            language,
        )
        for language, said in _texts().items()
        for place, idea in enumerate(said["ideas"], start=1)
    )


@lru_cache
def sample_comments() -> Sequence[SampleComment]:
    """All of them, in every language."""
    return tuple(
        SampleComment(f"{language}-{place}", comment["text"], comment.get("stance"), language)
        for language, said in _texts().items()
        for place, comment in enumerate(said["comments"], start=1)
    )


def _said_in(language: str) -> dict[str, Any]:
    return _texts()[language]


@lru_cache
def _texts() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_TEXTS.read_text(encoding="utf-8"))
