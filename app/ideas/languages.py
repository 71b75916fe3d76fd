"""Guesses the language of what somebody wrote, among those of the boards."""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import Any

import structlog
from babel import Locale, UnknownLocaleError

from app.core.config import LANGUAGES

log = structlog.get_logger(__name__)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_loading = threading.Lock()


def _identifier() -> Any:
    # A room that posts into a server just started waits for one to load the model, not for each other's loading.
    with _loading:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # its model takes half a second to load

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def get_ready() -> None:
    """Load the model now, so that the first person who posts does not wait for it. If it fails, they will try again."""
    try:
        _identifier()
    except OSError:
        log.exception("language_model_not_loaded")


def language_name(code: str) -> str:
    """What a language calls itself ("català"); the code where nobody knows."""
    try:
        name = Locale.parse(code, sep="-").get_display_name()
    except (UnknownLocaleError, ValueError):
        name = None
    return name or code


def guess_language(text: str, *, default: str) -> str:
    """The code of the likeliest of our five languages; `default` where there are too few words to tell.

    `default`, too, while the model cannot be loaded: it is unpacked on the disk first, which may be full.
    """
    if _HAN.search(text):
        return "zh"
    if len(text.split()) < 3:
        return default
    try:
        identifier = _identifier()
    except OSError:
        log.exception("language_model_not_loaded")
        return default
    return str(identifier.classify(text)[0])
