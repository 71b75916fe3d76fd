"""The catalogues of the five languages: collect the words, say what is missing, compile.

python -m tests.catalogues update | check | compile
"""

from __future__ import annotations

import sys
from copy import deepcopy
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.checkers import checkers
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from app.core.config import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "app" / "translations"
SOURCES = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"encoding": "utf-8"}}
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "_lp": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
}


def path_of(language: str) -> Path:
    """Where the catalogue of a language is kept."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def collect() -> Catalog:
    """Every word the product says, with the files that say it."""
    words = Catalog(project="Cities in Progress", charset="utf-8")
    found = extract_from_dir(
        ROOT / "app",
        SOURCES,
        OPTIONS,
        keywords=KEYWORDS,
        comment_tags=("For translators:",),
        strip_comment_tags=True,
    )
    for name, _line, message, comments, context in found:
        words.add(message, None, [(f"app/{name}", 0)], auto_comments=comments, context=context)
    return words


def read(language: str) -> Catalog:
    """The catalogue of a language; empty if there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def update() -> None:
    """Bring every catalogue to the words of today; English says them as they are."""
    words = collect()
    for language in LANGUAGES:
        catalogue = read(language)
        # A copy: the catalogues would share their messages otherwise, and all say what the first one says.
        catalogue.update(deepcopy(words), no_fuzzy_matching=True, update_header_comment=False)
        catalogue.obsolete.clear()
        catalogue.header_comment = f"# {LANGUAGES[language]}"
        if language == "en":
            for message in catalogue:
                if message.id:
                    message.string = message.id
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        with path_of(language).open("wb") as file:
            write_po(file, catalogue, width=100, omit_header=False, sort_by_file=True, include_lineno=False)
        _without_dates(path_of(language))
        print(f"{language}: {len(catalogue)} words, {sum(map(_is_missing, catalogue))} to translate")


def _without_dates(path: Path) -> None:
    """A catalogue changes when its words do, not when it was looked at."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [
        line
        for line in lines
        if not line.startswith(('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By'))
    ]
    path.write_text("".join(kept), encoding="utf-8")


def _is_missing(message: Message) -> bool:
    if not message.id:
        return False
    strings = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    return message.fuzzy or not all(strings)


def complaints() -> list[str]:
    """What keeps the catalogues from being complete: missing, uncertain, left over or malformed translations."""
    words = collect()
    wanted = {(message.id, message.context) for message in words if message.id}
    found = []
    for language in LANGUAGES:
        catalogue = read(language)
        have = {(message.id, message.context): message for message in catalogue if message.id}
        for key in sorted(wanted - have.keys(), key=str):
            found.append(f"{language}: not in the catalogue: {key[0]!r}")
        for key in sorted(have.keys() - wanted, key=str):
            found.append(f"{language}: no longer said: {key[0]!r}")
        for message in have.values():
            if _is_missing(message):
                found.append(f"{language}: not translated: {message.id!r}")
                continue
            if language != "en" and message.string == message.id and len(str(message.id).split()) > 2:
                found.append(f"{language}: still English: {message.id!r}")
            for check in checkers:
                try:
                    check(catalogue, message)
                except Exception as error:  # noqa: BLE001  # a checker may raise anything about a malformed message
                    found.append(f"{language}: {message.id!r}: {error}")
    return found


def compile_all() -> None:
    """Write the .mo files that the product reads."""
    for language in LANGUAGES:
        if path_of(language).exists():
            with path_of(language).with_suffix(".mo").open("wb") as file:
                write_mo(file, read(language))


def main(task: str) -> int:
    """Do `update`, `check` or `compile`; returns the exit code."""
    if task == "update":
        update()
    if task == "check":
        found = complaints()
        print("\n".join(found) or "The catalogues are complete.")
        return 1 if found else 0
    compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
