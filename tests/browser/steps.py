"""What people do on a board with a mouse and a keyboard, and what they see there."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Person


def is_live(page: Page) -> Page:
    """Wait until the badge says so: from now on the page hears what happens."""
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    return page


def opens(somebody: Person, path: str) -> Page:
    """Open a page of the board and wait until it is live."""
    return is_live(somebody.goes_to(path))


def card(page: Page, title: str) -> Locator:
    """The card with this title, in the list."""
    return page.locator("#ideas article.card").filter(has=page.get_by_role("link", name=title, exact=True))


def count_of(page: Page, title: str) -> Locator:
    """How many upvotes the card with this title shows."""
    return card(page, title).locator(".upvote-count")


def fill_idea(
    page: Page, title: str, *, text: str = "", kind: str = "Opportunity", theme: str = "Safety"
) -> None:
    """Fill the form for an idea."""
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_label(kind, exact=True).check()
    page.get_by_label(theme, exact=True).check()
    page.get_by_label("Text", exact=True).fill(text or f"{title}, and this is why.")


def posts(somebody: Person, title: str, *, city: str = "rotterdam", **more: str) -> str:
    """Post an idea through the form; returns the path of its page, where the browser is then."""
    page = somebody.goes_to(f"/{city}/ideas/new")
    fill_idea(page, title, **more)
    page.get_by_role("button", name="Post idea").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    return page.url.removeprefix(somebody.board.url)


def comments(page: Page, text: str) -> Locator:
    """Write a comment into the form of an idea's page and send it; returns it."""
    page.get_by_label("Your comment").last.fill(text)
    page.get_by_role("button", name="Comment", exact=True).click()
    written = comment(page, text)
    expect(written).to_be_visible()
    return written


def comment(page: Page, text: str) -> Locator:
    """The comment with this text."""
    return page.locator("article.comment").filter(has=page.locator("div.prose", has_text=text))


def sends(somebody: Person, path: str, **fields: Any) -> Any:
    """What this page's script would send, at once and without the form; returns the answer's JSON.

    The person's page has to be one of the board's; it is left as it is.
    """
    token = somebody.page.evaluate("() => document.body.dataset.csrf")
    answer = somebody.context.request.post(
        somebody.board.url + path,
        form={name: str(value) for name, value in fields.items()},
        headers={"Accept": "application/json", "X-CSRFToken": token, "Origin": somebody.board.url},
    )
    assert answer.ok, f"{path}: {answer.status} {answer.text()}"
    return answer.json() if "json" in answer.headers.get("content-type", "") else None


def sends_idea(somebody: Person, title: str, *, city: str = "rotterdam") -> dict[str, Any]:
    """An idea posted as by a script: `id`, `url`, `seq`."""
    fields = {"kind": "challenge", "title": title, "text": f"{title}, every day.", "themes": 1}
    made: dict[str, Any] = sends(somebody, f"/{city}/ideas", **fields, submission_key=uuid4())
    return made


def sends_edit(somebody: Person, idea_id: int, title: str) -> None:
    """An idea's new title, as by a script."""
    sends(
        somebody, f"/ideas/{idea_id}/edit", kind="challenge", title=title, text=f"{title}, still.", themes="1"
    )


def sends_comment(somebody: Person, idea_id: int, text: str, parent: int | str = "") -> dict[str, Any]:
    """A comment, as by a script: `id`, `url`."""
    made: dict[str, Any] = sends(
        somebody, f"/ideas/{idea_id}/comments", text=text, parent=parent, submission_key=uuid4()
    )
    return made


def board_as_shown(page: Page) -> dict[str, dict[str, str]]:
    """Every idea in the list with all its words and numbers, ages left out."""
    shown: dict[str, dict[str, str]] = page.evaluate(
        """() => {
            const words = (card) => {
                const copy = card.cloneNode(true);
                copy.querySelectorAll("time").forEach((time) => time.remove());
                return copy.textContent.replace(/\\s+/g, " ").trim();
            };
            const cards = document.querySelectorAll("#ideas article.card:not([data-withdrawn])");
            return Object.fromEntries([...cards].map((card) => [card.id, {
                words: words(card),
                version: card.dataset.version,
                pressed: card.querySelector(".upvote").getAttribute("aria-pressed"),
            }]));
        }"""
    )
    return shown


def figures_as_shown(page: Page) -> list[str]:
    """Ideas, upvotes and people as the head of the board has them."""
    return page.locator("[data-figure]").all_text_contents()


def idea_as_shown(page: Page) -> dict[str, Any]:
    """An idea's page: its text, its comments in their order, its upvotes by group; ages left out."""
    shown: dict[str, Any] = page.evaluate(
        """() => {
            const words = (place) => {
                const copy = place.cloneNode(true);
                copy.querySelectorAll("time, form").forEach((part) => part.remove());
                return copy.textContent.replace(/\\s+/g, " ").trim();
            };
            const all = (selector) => [...document.querySelectorAll(selector)];
            return {
                article: words(document.querySelector("article.article")),
                comments: all("#comments article.comment").map((one) => [one.id, one.dataset.parent || "", words(one)]),
                groups: all("#groups [data-group]").map(words),
                count: all("[data-comments]").map(words),
                upvotes: words(document.querySelector(".upvote-count")),
            };
        }"""
    )
    return shown
