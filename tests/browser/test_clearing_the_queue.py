"""Two moderators in two browsers clear a queue of 200 items with the keyboard, on the imported board of Barcelona.

Both begin at its top, so they meet at nearly every item, and they do not always agree. Skipped where the data set
is not on this machine.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Request, Response, expect
from sqlalchemy import func, select

from app.accounts.models import User
from app.cities.actions.moderating import appoint
from app.cities.models import City
from app.core.clock import now
from app.core.extensions import db
from app.ideas.models import Comment, Idea
from app.moderation.actions.reporting import report
from app.moderation.models import Act, QueueItem
from tests.browser.conftest import Person, application_of
from tests.browser.steps import opens, sends, sends_idea
from tests.clients import apart
from tests.conftest import add_person
from tests.real import convert_decidim
from tests.real.finding import DECIDIM, data_set
from tests.servers import Board

QUEUE = "/barcelona/moderate"
IDEAS, COMMENTS = 120, 80
ITEMS = IDEAS + COMMENTS
PATIENCE = 180.0
PRESS_R_WHEN_IT_CHANGES = """() => new MutationObserver((records, observer) => {
    const came = records.flatMap(({ addedNodes }) => [...addedNodes]).find((node) => node.matches?.(".item"));
    if (!came) return;
    observer.disconnect();
    came.dispatchEvent(new KeyboardEvent("keydown", { key: "r", bubbles: true }));
}).observe(document.getElementById("items"), { childList: true })"""
TITLE = re.compile(r"^(?:\((\d+)\) )?Queue · Barcelona · Cities in Progress$")
TOLD = re.compile(r"^Already (hidden|looked at and kept) by (Ana|Ben), (just now|1 minute ago)\.$")
WATCH = """() => {
    window.marker = "the same page";
    window.told = [];
    new MutationObserver((records) => {
        for (const { addedNodes } of records)
            for (const node of addedNodes) if (node.matches?.(".item-said")) window.told.push(node.textContent);
    }).observe(document.getElementById("items"), { childList: true, subtree: true });
}"""
LOOK = """() => {
    const rows = [...document.querySelectorAll("#items .item")];
    const at = rows.findIndex((row) => row.hasAttribute("aria-current"));
    const waits = (row) => !("settled" in row.dataset);
    const form = rows[at]?.querySelector("form.why");
    return {
        item: Number(rows[at]?.dataset.item),
        waits: at >= 0 && waits(rows[at]),
        busy: Boolean(document.querySelector("[aria-busy=true]")),
        asks: Boolean(form),
        told: Boolean(form && rows[at].querySelector(".item-said")),
        below: rows.slice(at + 1).some(waits) || Boolean(document.querySelector("#more")),
        above: rows.slice(0, Math.max(at, 0)).some(waits),
    };
}"""


@pytest.fixture(scope="module")
def barcelona(live_server: Board, tmp_path_factory: pytest.TempPathFactory) -> Board:
    """A board with Barcelona's proposals and comments, 200 of them reported by participants."""
    source = data_set(DECIDIM)
    if source is None:
        pytest.skip(f"the data set {DECIDIM} is neither in ../shared/data nor in $CIP_DATA")
    folder = tmp_path_factory.mktemp("barcelona")
    convert_decidim.convert(source, folder)
    app = application_of(live_server)
    _import(app, folder)
    with app.app_context():
        _report()
        db.session.remove()
        db.engine.dispose()
    return live_server


def _import(app: Flask, folder: Path) -> None:
    files = ["--ideas", folder / "ideas.csv", "--comments", folder / "comments.csv"]
    city = ["--make-city", "Barcelona", "--time-zone", "Europe/Madrid", "--language", "ca"]
    arguments = ["import-board", "barcelona", *map(str, files), *city]
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 0, result.output


def _report() -> None:
    """Ten participants report 120 ideas and 80 comments of other ideas, evenly over the board."""
    reporters = [add_person(f"Participant {number}") for number in range(10)]
    barcelona = select(City.id).where(City.slug == "barcelona").scalar_subquery()
    of_city = select(Idea.id).where(Idea.city_id == barcelona, Idea.state == "published").order_by(Idea.id)
    ids = db.session.scalars(of_city).all()
    ideas = ids[:: len(ids) // IDEAS][:IDEAS]
    first = select(func.min(Comment.id)).where(Comment.idea_id.not_in(ideas), Comment.state == "published")
    comments = db.session.scalars(first.group_by(Comment.idea_id).order_by(Comment.idea_id)).all()
    chosen = [db.session.get(Idea, key) for key in ideas]
    chosen += [db.session.get(Comment, key) for key in comments[:: len(comments) // COMMENTS][:COMMENTS]]
    for number, item in enumerate(chosen):
        assert item is not None
        by = reporters[number % len(reporters)]
        report(item, because=number % 6 + 1, sentence="", by=by, at=now())


class AtTheQueue:
    """A moderator at a keyboard, and all that the page did."""

    def __init__(self, somebody: Person, keeps: Callable[[int], bool]) -> None:
        self.somebody, self.keeps = somebody, keeps
        somebody.foresees("409")
        self.answers: Counter[int] = Counter()
        self.navigations: list[str] = []
        self.page = opens(somebody, QUEUE)
        self.page.on("response", self._note)
        self.page.on("request", self._went)
        self.page.evaluate(WATCH)

    def _note(self, response: Response) -> None:
        if response.request.method == "POST":
            self.answers[response.status] += 1

    def _went(self, request: Request) -> None:
        if request.is_navigation_request():
            self.navigations.append(request.url)

    @property
    def count(self) -> int:
        """How much waits, as the title of the tab has it."""
        found = TITLE.match(self.page.title())
        assert found, self.page.title()
        return int(found[1] or 0)

    def looks(self) -> dict[str, Any]:
        """One glance at the row that letters act on."""
        return dict(self.page.evaluate(LOOK))

    def pauses(self) -> None:
        """Wait until nothing is on its way any more."""
        while self.looks()["busy"]:
            self.page.wait_for_timeout(20)

    def looks_and_presses(self) -> bool:
        """One glance, and the keys it leads to. Returns whether there was anything to press."""
        seen = self.looks()
        if seen["busy"]:
            return False
        if seen["asks"]:
            keys = ["Escape"] if seen["told"] else ["Enter"]
        elif seen["waits"]:
            keys = ["r"] if self.keeps(seen["item"]) else ["h", "Enter"]
        elif seen["below"] or seen["above"]:
            keys = ["j"] if seen["below"] else ["k"]
        else:
            return False
        for key in keys:
            self.page.keyboard.press(key)
        return True

    def told(self) -> list[str]:
        """Every sentence that came up in a row."""
        return list(self.page.evaluate("window.told"))

    def takes_the_latest_back(self) -> None:
        """Decide about one item and, at once, undo it with `u`."""
        while not (seen := self.looks())["waits"] or seen["asks"] or seen["busy"]:
            if not self.looks_and_presses():
                self.page.wait_for_timeout(20)
        before = self.count
        row = self.page.locator(f"#item-{seen['item']}")
        self.page.keyboard.press("r")
        expect(row).to_have_attribute("data-settled", "")
        expect(row).to_contain_text("looked at and kept by you")
        self.page.keyboard.press("u")
        expect(row).not_to_have_attribute("data-settled", "")
        expect(row).to_have_attribute("aria-current", "true")
        expect(self.page).to_have_title(re.compile(rf"^\({before}\) "))


@pytest.fixture
def ana_and_ben(
    barcelona: Board, person: Callable[..., Person], request: pytest.FixtureRequest
) -> tuple[AtTheQueue, AtTheQueue]:
    """Two moderators of Barcelona with the queue open; Ana is the stricter one."""
    people = [person("Ana"), person("Ben")]
    apart(_appoint, barcelona, [somebody.id for somebody in people])
    ana, ben = people
    return AtTheQueue(ana, lambda item: item % 3 == 0), AtTheQueue(ben, lambda item: item % 2 == 0)


def _appoint(board: Board, ids: list[int]) -> None:
    with application_of(board).app_context():
        city = db.session.scalars(select(City).where(City.slug == "barcelona")).one()
        for key in ids:
            appoint(city, db.session.get_one(User, key), now())


def test_two_moderators_clear_a_queue_of_200_items_with_the_keyboard(
    barcelona: Board, ana_and_ben: tuple[AtTheQueue, AtTheQueue]
) -> None:
    ana, ben = ana_and_ben
    assert (ana.count, ben.count) == (ITEMS, ITEMS)
    until = time.monotonic() + PATIENCE
    half_way, turns = False, [ana, ben]
    while ana.count or ben.count:
        assert time.monotonic() < until, f"{ana.count} and {ben.count} items left"
        pressed = [one.looks_and_presses() for one in turns]
        turns.reverse()
        if not any(pressed):
            ana.page.wait_for_timeout(10)
        if not half_way and ana.count <= ITEMS // 2:
            half_way = True
            ben.pauses()
            while ana.count != ben.count:  # what one has done is still on its way to the other
                ana.page.wait_for_timeout(50)
            ana.page.wait_for_timeout(300)
            ana.takes_the_latest_back()

    for one in (ana, ben):
        expect(one.page.locator("[data-waiting=all]")).to_have_text("0")
        assert one.page.evaluate("window.marker") == "the same page"
        assert one.navigations == []
        assert set(one.answers) <= {200, 409}
        assert one.answers[200] >= ITEMS // 20, "both had their share"
    assert half_way
    told = [sentence for one in (ana, ben) for sentence in one.told()]
    collisions = [sentence for sentence in told if TOLD.match(sentence)]
    assert ana.answers[409] + ben.answers[409] == len(collisions) > 0
    decisions, waiting = apart(_decisions, barcelona)
    assert waiting == 0
    assert len(decisions) == ITEMS
    assert {key: acts for key, acts in decisions.items() if len(acts) != 1} == {}
    assert ana.answers[200] + ben.answers[200] == ITEMS + 2, "one was decided, undone, and decided again"


def _decisions(board: Board) -> tuple[dict[str, list[str]], int]:
    """The acts that stand for each item of Barcelona's queue, and how many items wait."""
    with application_of(board).app_context():
        items = list(db.session.scalars(select(QueueItem)))
        acts: dict[Any, list[str]] = {}
        for act in db.session.scalars(select(Act).where(Act.undoes_id.is_(None), Act.undone_at.is_(None))):
            acts.setdefault((act.idea_id, act.comment_id), []).append(act.kind)
        waiting = sum(bool(item.needs) for item in items)
        return {item.key: acts.get((item.idea_id, item.comment_id), []) for item in items}, waiting


def test_a_letter_meant_for_what_stood_there_a_moment_ago_does_nothing(
    barcelona: Board, ana_and_ben: tuple[AtTheQueue, AtTheQueue], person: Callable[..., Person]
) -> None:
    ana, ben = ana_and_ben
    mara = person("Mara")
    mara.goes_to("/barcelona")
    title = "Més ombra a les parades del bus"
    idea = sends_idea(mara, title, city="barcelona")
    row = ana.page.locator(".item").filter(has=ana.page.get_by_role("link", name=title, exact=True))
    expect(row).to_have_attribute("aria-current", "true")
    ana.page.evaluate(PRESS_R_WHEN_IT_CHANGES)  # Ana is about to keep it, and now the letter means: restore
    sends(ben.somebody, f"/ideas/{idea['id']}/acts", act="hide", reason=3, seen=0)
    expect(row).to_contain_text("This has just changed.")
    expect(row).to_contain_text("hidden by Ben")
    ana.page.wait_for_timeout(1_100)
    assert ana.answers == {}
    row.press("r")
    expect(row).to_contain_text("restored by you")
