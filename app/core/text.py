"""What people type: cleaned on its way in, cut to an allow-list on its way out, folded for search."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

MARKS_IN_A_ROW = 4
"""More combining marks than any living script stacks on one letter."""

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Hangul fillers and the empty Braille cell: letters and symbols by name, nothing to the eye."""
_TAGS = {"p", "br", "em", "strong", "s", "ul", "ol", "li", "blockquote", "code", "pre", "a"}
_BLOCK_END = re.compile(r"</(?:p|li|pre|blockquote)>|<br ?/?>")
_MARKDOWN = (
    MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    .enable(["linkify", "strikethrough"])
    .disable(["heading", "lheading", "image", "html_block", "html_inline"])
)
_CJK = (
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    "\u3040-\u30ff\u31f0-\u31ff"  # kana
    "\uac00-\ud7af"  # Hangul
    "\U00020000-\U0003134f"
)
_RUN = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")
_IS_CJK = re.compile(rf"[{_CJK}]")


def clean_text(value: str | None) -> str:
    """NFC text of several lines without controls, bidi overrides and towers of combining marks."""
    if not value:
        return ""
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", "".join(c for c in text if not _is_dropped(c)))
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category in ("Mn", "Me"):
            marks += 1
            if marks > MARKS_IN_A_ROW:
                continue
        elif category != "Cf":  # joiners stand between marks of the same letter
            marks = 0
        kept.append(character)
    return re.sub(r"\n{4,}", "\n\n\n", "".join(kept)).strip()


def _is_dropped(character: str) -> bool:
    category = unicodedata.category(character)
    return character in _BIDI or (category in ("Cc", "Cs", "Co", "Cn") and character not in "\n\t")


def clean_line(value: str | None) -> str:
    """As `clean_text`, on one line, white space folded; empty where nothing of it can be seen."""
    line = " ".join(clean_text(value).split())
    return line if any(_is_seen(character) for character in line) else ""


def _is_seen(character: str) -> bool:
    return character not in _BLANK and unicodedata.category(character)[0] in "LNPS"


@lru_cache(maxsize=4096)
def markdown(value: str) -> Markup:
    """The HTML of a person's Markdown, cut to an allow-list: no images, headings, classes, styles or `hx-*`."""
    rendered = _MARKDOWN.render(value)
    return Markup(  # noqa: S704  what nh3 lets through is the allow-list
        nh3.clean(
            rendered,
            tags=_TAGS,
            attributes={"a": {"href"}, "*": set()},
            url_schemes={"http", "https", "mailto"},
            link_rel="nofollow ugc noopener noreferrer",
        )
    )


def plain(value: str) -> str:
    """The words of a person's Markdown on one line, unescaped."""
    spaced = _BLOCK_END.sub(lambda end: end.group() + " ", str(markdown(value)))
    return " ".join(html.unescape(nh3.clean(spaced, tags=set())).split())


def excerpt(value: str, length: int = 200) -> str:
    """The beginning of a person's Markdown as plain text, at most `length` characters, cut between words."""
    words = plain(value)
    if len(words) <= length:
        return words
    cut = words[: length - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > length // 2 else cut).rstrip(" ,;:.-") + "…"


def _runs(value: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", value.casefold())
    bare = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    return _RUN.findall(unicodedata.normalize("NFC", bare))


def fold(value: str) -> str:
    """The words to index: lower case, no diacritics, CJK runs as single characters and bigrams.

    Needed because neither FTS5's tokeniser nor PostgreSQL's finds Chinese words, and trigrams miss those of two
    characters.
    """
    words: list[str] = []
    for run in _runs(value):
        if _IS_CJK.match(run):
            words.extend(run)
            words.extend(run[i : i + 2] for i in range(len(run) - 1))
        else:
            words.append(run[:40])
    return " ".join(words)


def query_words(value: str) -> list[str]:
    """The folded words of a search: a CJK run asks for its bigrams, everything else for its beginning."""
    words: list[str] = []
    for run in _runs(value):
        if _IS_CJK.match(run):
            words.extend([run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)])
        else:
            words.append(run[:40])
    return list(dict.fromkeys(words))[:16]


def slugify(value: str, length: int = 60) -> str:
    """Words for an address: `Bike lane on Coolsingel` gives `bike-lane-on-coolsingel`; Chinese stays Chinese."""
    slug = "-".join(_runs(value))
    if len(slug) > length:
        slug = slug[:length].rsplit("-", 1)[0] if "-" in slug[:length] else slug[:length]
    return slug or "idea"
