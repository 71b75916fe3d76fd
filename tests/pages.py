"""Reading a page as a browser does: its tags, its attributes, its words."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

_WITHIN_A_WORD = {"b", "bdi", "code", "em", "s", "strong"}
_CARD = re.compile(r'<article id="idea-(\d+)" class="card"')


class Page(HTMLParser):
    """The tags of an HTML text as (name, attributes), and its visible words."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._words: list[str] = []
        self._hidden = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._between_words(tag)
        self._hidden += tag in ("script", "style", "head")

    def handle_endtag(self, tag: str) -> None:
        self._between_words(tag)
        self._hidden -= tag in ("script", "style", "head")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._words.append(data)

    def _between_words(self, tag: str) -> None:
        if tag not in _WITHIN_A_WORD:
            self._words.append(" ")

    @property
    def words(self) -> str:
        """What can be read, white space folded."""
        return " ".join("".join(self._words).split())

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        """The attributes of every `tag` that has these; `class_="x"` asks for one of its classes."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            attrs
            for name, attrs in self.tags
            if name == tag
            and all(
                value in (attrs.get(key) or "").split() if key == "class" else attrs.get(key) == value
                for key, value in wanted.items()
            )
        ]

    def one(self, tag: str, **attributes: str) -> dict[str, str | None]:
        """The attributes of the only such tag."""
        [found] = self.all(tag, **attributes)
        return found


def page_of(response: Any) -> Page:
    """The page that came back."""
    return Page(response.get_data(as_text=True))


def cards_on(response: Any) -> list[int]:
    """The ids of the ideas whose cards came back, in their order."""
    return [int(found) for found in _CARD.findall(response.get_data(as_text=True))]


def message_of(response: Any) -> str:
    """What a script is told."""
    answer = response.get_json()
    return str(answer["message"])


def table_in(response: Any, caption: str) -> list[list[str]]:
    """The rows of the table whose caption holds these words: what can be read in each cell."""
    tables = re.findall(r"<table.*?</table>", response.get_data(as_text=True), re.DOTALL)
    [found] = [one for one in tables if caption in Page(one.split("</caption>")[0]).words]
    rows = re.findall(r"<tr.*?</tr>", found, re.DOTALL)
    return [
        [Page(cell).words for cell in re.findall(r"<t[dh][ >].*?</t[dh]>", row, re.DOTALL)] for row in rows
    ]
