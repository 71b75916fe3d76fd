"""Guessing the language of what was written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from py3langid.langid import LanguageIdentifier

from app.ideas import languages


@pytest.fixture
def just_started():
    """A server that has not guessed anything yet."""
    languages._loaded.cache_clear()
    yield
    languages._loaded.cache_clear()


def test_a_room_that_posts_into_a_server_just_started_loads_the_model_once(just_started, monkeypatch):
    real, loaded, start = LanguageIdentifier.from_model_file, [], Barrier(8)

    def load(*given, **named):
        loaded.append(given)
        return real(*given, **named)

    def guess(text: str) -> str:
        start.wait(10)
        return languages.guess_language(text, default="nl")

    monkeypatch.setattr(LanguageIdentifier, "from_model_file", load)
    texts = ["There is no room for bicycles on this bridge", "Auf dieser Brücke ist kein Platz für Fahrräder"]
    with ThreadPoolExecutor(8) as room:
        assert list(room.map(guess, texts * 4)) == ["en", "de"] * 4
    assert len(loaded) == 1


def test_a_model_that_cannot_be_unpacked_costs_nobody_what_they_wrote(just_started, monkeypatch):
    def full(*_words):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("py3langid.langid.LanguageIdentifier.from_model_file", full)
        languages.get_ready()
        assert languages.guess_language("Die Straßenbahn fährt zu selten", default="nl") == "nl"
    assert languages.guess_language("Die Straßenbahn fährt zu selten", default="nl") == "de"
