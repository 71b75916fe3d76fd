"""Every page in both themes at three widths: axe finds nothing, the console is silent, thumbs find their targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from app.accounts.actions.organisers import make_organiser_link
from app.accounts.models import User
from app.cities.models import City, Workshop
from app.core import clock
from app.core.extensions import db
from app.ideas.actions.posting import edit_idea
from app.ideas.actions.sampling import load_sample
from app.ideas.models import Idea
from app.ideas.queries.cards import idea_url
from tests.boards import draft, post, say
from tests.browser.conftest import AXE, CDN, DESK, PHONE, Person, application_of
from tests.clients import apart
from tests.conftest import add_person
from tests.load.weighing import Scales
from tests.rooms import go_to, join, workshop_in
from tests.servers import Board

Arrive = Callable[..., Person]
WIDTHS = {360: 740, 768: 1024, 1440: 900}
THEMES = ("light", "dark")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def filled(live_server: Board) -> Board:
    """The sample content on all boards."""
    apart(_fill, live_server)
    return live_server


def _fill(board: Board) -> None:
    with application_of(board).app_context():
        load_sample(clock.now())
        cities = {city.slug: city for city in db.session.scalars(select(City))}
        workshop_in(cities["melbourne"], "vote", upvote_budget=5, hides_counts=True)
        spoken = workshop_in(cities["shenzhen"], "collect")
        zhou = add_person("Zhou", "student")
        join(spoken, zhou)
        post(cities["shenzhen"], zhou, "Shade at every stop")
        go_to(spoken, "closed")


@pytest.fixture
def mara(filled: Board, person: Arrive) -> Person:
    """An organiser with a verified affiliation: organisers see every page."""
    return person("Mara", group="company", organiser=True, verified=True)


@dataclass(frozen=True)
class Places:
    """Addresses on the filled board."""

    sample: str
    busy: str
    own_idea: int
    own_comment: int
    organiser_link: str


@pytest.fixture
def places(filled: Board, mara: Person) -> Places:
    """An idea of the sample's; one of Mara's with a history and a comment under reply; a link that works once."""
    assert mara.id is not None
    return apart(_places, filled, mara.id)


def _places(board: Board, mara_id: int) -> Places:
    with application_of(board).test_request_context():
        city = db.session.scalars(select(City).where(City.slug == "rotterdam")).one()
        discussed = select(Idea).where(Idea.city_id == city.id).order_by(Idea.comment_count.desc()).limit(1)
        sample = db.session.scalars(discussed).one()
        mara = db.session.get_one(User, mara_id)
        join(db.session.scalars(select(Workshop).where(Workshop.phase == "vote")).one(), mara)
        text = "**Bold**, `code`, a [link](https://example.org) and\n\n- one\n- two\n\n> a quotation"
        idea = post(city, mara, "Benches along every line", text=text)
        edit_idea(idea, draft("Benches along every tram line", text=text), by=mara, at=clock.now())
        comment = say(idea, mara, "The first ones stand.", stance="support")
        say(idea, add_person("Ines", "student"), "Where exactly?", under=comment)
        return Places(
            sample=idea_url("rotterdam", sample.id, sample.title),
            busy=f"{idea_url('rotterdam', idea.id, idea.title)}?reply={comment.id}",
            own_idea=idea.id,
            own_comment=comment.id,
            organiser_link=f"/organiser/{make_organiser_link(clock.now())}",
        )


# --- axe --------------------------------------------------------------------------------------------------------

AT_REST = """async () => {
    scrollTo(0, 0);
    await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    const moving = document.getAnimations().filter((one) => one instanceof CSSTransition);
    const rest = Promise.all(moving.map((one) => one.finished.catch(() => {})));
    const patience = new Promise((late) => setTimeout(late, 400));  // what is folded away never comes to rest
    await Promise.race([rest, patience]);
}"""


def findings(page: Page) -> list[str]:
    """What axe says about the page in both themes at three widths, a line each."""
    page.evaluate(AXE)
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            found += [f"{theme} {width}: {one}" for one in _of_axe(page) and _of_axe(page)]
            wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                found.append(f"{theme} {width}: the page is {wide} px wider than the window")
    return found


def _of_axe(page: Page) -> list[str]:
    """What axe finds as the page is now. Asked twice above: a busy browser may still paint the other theme."""
    page.evaluate(AT_REST)
    said = page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", TAGS)
    return [
        f"{violation['id']} {node['target']} {node.get('failureSummary', '')}"
        for violation in said["violations"]
        for node in violation["nodes"]
    ]


OF_VISITORS = {
    "home": "/",
    "board": "/rotterdam",
    "board in Chinese": "/shenzhen",
    "board, filtered": "/berlin?kind=challenge&sort=newest",
    "board, nothing found": "/melbourne?q=zeppelin",
    "register": "/register",
    "join": "/join",
    "a screen that waits": "/screen/",
    "sign in": "/sign-in?next=/rotterdam",
    "forgotten password": "/forgotten-password",
    "privacy": "/privacy",
}
OF_ORGANISERS = (
    "editions", "editions/1", "cities", "cities/rotterdam", "cities/rotterdam/rules", "cities/rotterdam/moderators",
    "cities/rotterdam/workshops", "cities/rotterdam/workshops/1", "themes", "themes/1", "reasons", "reasons/1",
    "affiliations", "participants?q=a", "imports", "sample",
)  # fmt: skip
OF_MARA: dict[str, Callable[[Places], str]] = {
    "board": lambda places: "/rotterdam",
    "idea": lambda places: places.sample,
    "idea with a history and a reply": lambda places: places.busy,
    "compose": lambda places: "/rotterdam/ideas/new",
    "edit an idea": lambda places: f"/ideas/{places.own_idea}/edit",
    "withdraw an idea": lambda places: f"/ideas/{places.own_idea}/withdrawal",
    "edit a comment": lambda places: f"/comments/{places.own_comment}/edit",
    "withdraw a comment": lambda places: f"/comments/{places.own_comment}/withdrawal",
    "my page": lambda places: "/me",
    "account": lambda places: "/me/account",
    "delete the account": lambda places: "/me/deletion",
    "a workshop's settings": lambda places: "/rotterdam/workshops/1/settings",
    "a workshop's paper": lambda places: "/rotterdam/workshops/1/paper",
    "a workshop's paper in the vote": lambda places: "/melbourne/workshops/1/paper",
    "a workshop's result": lambda places: "/shenzhen/workshops/1/result",
    "workshops compared": lambda places: "/shenzhen/compare",
    "a rehearsal": lambda places: "/melbourne/workshops/1/rehearsal",
    "the remote before": lambda places: "/rotterdam/remote?workshop=1",
    "the remote": lambda places: "/melbourne/remote",
    "screens": lambda places: "/melbourne/screens",
    "board in a vote": lambda places: "/melbourne",
    "organise": lambda places: "/organise",
    "who upvoted": lambda places: f"/organise/ideas/{places.own_idea}/upvoters",
    **{f"organise {path}": lambda places, path=path: f"/organise/{path}" for path in OF_ORGANISERS},
    "become organiser": lambda places: places.organiser_link,
}


@pytest.mark.parametrize("path", OF_VISITORS.values(), ids=OF_VISITORS.keys())
def test_axe_finds_nothing_on_a_visitors_page(path: str, filled: Board, visitor: Arrive) -> None:
    assert findings(visitor().goes_to(path)) == []


@pytest.mark.parametrize("path", OF_MARA.values(), ids=OF_MARA.keys())
def test_axe_finds_nothing_on_a_participants_page(
    path: Callable[[Places], str], mara: Person, places: Places
) -> None:
    page = mara.goes_to(path(places))
    page.evaluate(
        "() => document.querySelectorAll('main details').forEach((folded) => { folded.open = true; })"
    )
    assert findings(page) == []


def test_axe_finds_nothing_on_a_form_that_was_refused(mara: Person, visitor: Arrive) -> None:
    mara.foresees("422")
    page = mara.goes_to("/rotterdam/ideas/new")
    page.get_by_label("Title", exact=True).fill("Short")
    page.get_by_role("button", name="Post idea").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert findings(page) == []

    anna = visitor()
    anna.foresees("422")
    page = anna.goes_to("/register")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert findings(page) == []


def test_axe_finds_nothing_on_a_page_that_says_no(filled: Board, visitor: Arrive) -> None:
    anna = visitor()
    anna.foresees("404")
    for path in ("/rotterdam/ideas/999999-nowhere", "/reset-password/nothing"):
        anna.page.goto(filled.url + path)
        assert findings(anna.page) == []


def test_axe_finds_nothing_while_something_waits_for_the_network(mara: Person, person: Arrive) -> None:
    ines = person("Ines", confirmed=False)
    ines.foresees("ERR_INTERNET_DISCONNECTED", "WebSocket connection", "htmx:error: Failed to fetch")
    page = ines.goes_to("/rotterdam/ideas/new")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Title", exact=True).fill("A tunnel for hedgehogs")
    ines.context.set_offline(True)
    page.get_by_role("button", name="Post idea").click()
    expect(page.locator("#outbox")).to_be_visible()
    assert findings(page) == []


# --- sizes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("viewport", "most"), [(DESK, 450), (PHONE, 480)], ids=["1280x900", "390x844"])
@pytest.mark.parametrize("city", ["rotterdam", "shenzhen", "los-angeles"])
def test_the_first_idea_starts_high_up(
    city: str, viewport: dict[str, int], most: int, filled: Board, visitor: Arrive
) -> None:
    page = visitor(viewport=viewport).goes_to(f"/{city}")
    box = page.locator("#ideas article.card").first.bounding_box()
    assert box is not None and box["y"] <= most


SMALL_TARGETS = """() => {
    const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const inText = (element) => element.matches("a") && element.closest("p, li, dd, blockquote, .prose")
        && getComputedStyle(element).display === "inline";
    const target = (element) => element.matches("input[type=radio], input[type=checkbox]")
        ? element.closest(".choice") ?? element : element;
    const reaches = (element, x, y) => {
        const hit = document.elementFromPoint(x, y);
        return hit && (element.contains(hit) || hit.contains(element) && hit.matches("a, button, label, summary"));
    };
    const small = [];
    const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary";
    for (const control of document.querySelectorAll(controls)) {
        if (!seen(control) || inText(control) || control.closest(".visually-hidden, .skip")) continue;
        const element = target(control);
        element.scrollIntoView({ block: "center", behavior: "instant" });
        const box = element.getBoundingClientRect();
        if (box.width === 0 || box.height === 0) continue;
        const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
        const tall = box.height >= 43.5 || (reaches(element, x, y - 21.5) && reaches(element, x, y + 21.5));
        const wide = box.width >= 43.5 || (reaches(element, x - 21.5, y) && reaches(element, x + 21.5, y));
        const name = (control.getAttribute("aria-label") ?? control.textContent).trim().slice(0, 40);
        const size = `${Math.round(box.width)}x${Math.round(box.height)}`;
        if (!tall || !wide) small.push(`${control.localName}.${control.className} "${name}" ${size}`);
    }
    scrollTo(0, 0);
    return [...new Set(small)];
}"""


ON_A_PHONE = ("home", "board", "idea", "compose", "register", "join", "sign in", "my page", "account")


@pytest.mark.parametrize("name", ON_A_PHONE)
def test_a_thumb_finds_every_target_on_a_phone(
    name: str, mara: Person, places: Places, visitor: Arrive
) -> None:
    phone = visitor(viewport=PHONE, has_touch=True, is_mobile=True)
    if name in OF_VISITORS:
        path = OF_VISITORS[name]
    else:
        path = OF_MARA[name](places)
        phone.context.add_cookies(mara.context.cookies())  # type: ignore[arg-type]
    assert phone.goes_to(path).evaluate(SMALL_TARGETS) == []


def test_a_first_visit_is_light(filled: Board, visitor: Arrive) -> None:
    anna = visitor(viewport=PHONE)
    scales = Scales(anna.page)
    page = anna.goes_to("/rotterdam")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    page.wait_for_load_state("networkidle")
    weight = scales.weight()
    assert weight.requests + 1 <= 12, weight  # and one more, guard.js, where the libraries come from the CDN
    assert weight.bytes <= 150_000, weight
    assert weight.script_and_style <= 70_000, weight
    assert len(scales.sockets) == 1


def test_cards_are_there_before_any_script(filled: Board, visitor: Arrive) -> None:
    anna = visitor(viewport=PHONE)
    held: list[Route] = []
    anna.page.route("**/*.js", lambda route: held.append(route))
    anna.page.goto(filled.url + "/rotterdam", wait_until="commit")
    expect(anna.page.locator("#ideas article.card").first).to_be_visible()
    expect(anna.page.locator("#ideas .upvote-count").first).to_have_text("15")
    assert len(held) >= 3
    for route in held:
        route.abort()
    anna.foresees("ERR_FAILED")


def test_cards_do_not_wait_for_the_cdn(serve: Callable[..., Board], visitor: Arrive) -> None:
    board = serve(assets="cdn")
    apart(_fill, board)
    anna = visitor(board)
    held: list[Route] = []
    anna.page.route(CDN, lambda route: held.append(route))
    anna.page.goto(board.url + "/rotterdam", wait_until="commit")
    expect(anna.page.locator("#ideas article.card").first).to_be_visible()
    assert len(held) == 2
    for route in held:
        route.abort()
    anna.foresees("ERR_FAILED")
