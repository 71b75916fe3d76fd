"""The board: everyone reads it; sorted, filtered, searched and paged by its address alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.cities.models import Workshop
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.posting import withdraw_idea
from app.ideas.actions.upvoting import upvote
from app.ideas.models import Idea
from tests.boards import post, put_in_state, say
from tests.pages import cards_on, page_of

SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def mara(make_user):
    return make_user("Mara")


@pytest.fixture
def varied(city, make_user, clock, mara):
    """Ideas that differ in everything: by name, their ids. Mara wrote them, Tom of RET one."""
    tom, nia = make_user("Tom", group="company", affiliation="RET"), make_user("Nia", group="student")
    clock.advance(-4 * 86_400)
    old = post(city, mara, "An old and well liked idea", themes=(1, 2), kind="challenge")
    for person in (tom, nia, make_user("Wei")):
        upvote(old, by=person, at=clock.now())
    clock.advance(3 * 86_400)
    talked = post(city, mara, "An idea that people discuss", themes=(2,))
    for _ in range(3):
        say(talked, tom, at=clock.now() - timedelta(days=4))
    clock.advance(86_000)
    hot = post(city, tom, "A hot idea of this morning", themes=(3,))
    upvote(hot, by=nia, at=clock.now())
    upvote(hot, by=mara, at=clock.now())
    clock.advance(400)
    new = post(city, mara, "地铁站需要更多自行车停车位", text="Die Straße nach Schöneberg", themes=(4,))
    with unit_of_work():
        workshop = Workshop(city_id=city.id, number=3, audience="residents")
        db.session.add(workshop)
        db.session.flush()
        db.session.execute(update(Idea).where(Idea.id == hot.id).values(workshop_id=workshop.id))
        db.session.execute(update(Idea).where(Idea.id == old.id).values(status="shortlisted", on_paper=True))
    return {"old": old.id, "talked": talked.id, "hot": hot.id, "new": new.id}


def test_everyone_reads_the_board(client, city, mara):
    idea = post(city, mara, "A tram bridge over the Maas", text="It would *carry* us.", themes=(2, 5))
    response = client.get("/rotterdam")
    page = page_of(response)
    assert response.status_code == 200 and cards_on(response) == [idea.id]
    for words in ("Rotterdam", "A tram bridge over the Maas", "It would carry us.", "Mara", "Resident"):
        assert words in page.words
    assert "Parking and space" in page.words and "Walking and cycling" in page.words
    card = page.one("article", id=f"idea-{idea.id}")
    assert (card["data-version"], card["data-author"], card["data-kind"]) == (
        "1",
        str(mara.id),
        "opportunity",
    )
    assert (card["data-status"], card["data-workshop"], card["data-group"]) == ("new", "online", "resident")
    body = page.one("body")
    assert (body["data-page"], body["data-city"], body["data-seq"]) == ("board", "rotterdam", "1")
    assert (body["data-me"], body["data-csrf"]) == ("", "")


def test_an_empty_board_says_what_to_do(client):
    page = page_of(client.get("/berlin"))
    assert "Nobody has posted here yet." in page.words
    assert page.all("a", href="/berlin/ideas/new")


def test_a_city_that_is_not_there(client):
    for address in (
        "/atlantis",
        "/Rotterdam",
        "/rotterdam%00",
        "/%F0%9F%9A%B2",
        "/" + "x" * 500,
        "/rotter-dam",
    ):
        assert client.get(address).status_code == 404, address


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("top", ["old", "hot", "new", "talked"]),
        ("trending", ["hot", "old", "talked", "new"]),
        ("newest", ["new", "hot", "talked", "old"]),
        ("discussed", ["talked", "new", "hot", "old"]),
    ],
)
def test_sorting(client, varied, sort, order):
    shown = cards_on(client.get(f"/rotterdam?sort={sort}"))
    assert [name for one in shown for name, key in varied.items() if key == one] == order


FILTERS = [
    ("kind=challenge", {"old"}),
    ("kind=opportunity", {"talked", "hot", "new"}),
    ("theme=parking", {"old", "talked"}),
    ("status=shortlisted", {"old"}),
    ("status=taken_up", set()),
    ("group=company", {"hot"}),
    ("workshop=3", {"hot"}),
    ("workshop=online", {"old", "talked", "new"}),
    ("workshop=paper", {"old"}),
    ("q=停车", {"new"}),
    ("q=自行车", {"new"}),
    ("q=schoneberg", {"new"}),
    ("q=STRASSE", {"new"}),
    ("q=idea+liked", {"old"}),
    ("q=zeppelin", set()),
    ("q=!!!", set()),
    ("kind=opportunity&theme=parking&group=resident&q=discuss", {"talked"}),
    ("kind=challenge&theme=air-climate", set()),
]


def test_filters_and_search(client, varied):
    for query, shown in FILTERS:
        response = client.get(f"/rotterdam?{query}")
        assert {name for name, key in varied.items() if key in cards_on(response)} == shown, query
        assert len(cards_on(response)) == len(shown), query
        words = page_of(response).words
        assert ("No idea on this board fits." in words) == (not shown), query
        assert f"{len(shown)} idea" in words, query


SENSELESS = [
    "sort=sideways",
    "kind=complaint",
    "theme=no-such-theme'--",
    "theme=%00",
    "status=%00",
    "workshop=-1",
    "workshop=99999999999",
    "group=robots",
    "q=",
    "q=%00",
    "q=%FF%FE",
    "q=" + "x" * 3000,
    "sort=top&sort=newest",
    "after=",
    "after=x",
    "after=~",
    "after=1~",
    "after=~1",
    "after=x~1",
    "after=nan~1",
    "after=1~99999999999999999999",
    "after=99999999999999999999~1",
    "after=-1~1",
    "after=1.5~1",
    "after=%00~%00",
    "after=2026-01-01~1",
    "sort=newest&after=yesterday~1",
    "sort=newest&after=2026-01-01~1",
    "sort=newest&after=2026-01-01T00:00:00~1",
    "sort=newest&after=0001-01-01T00:00:00+14:00~1",
    "sort=newest&after=9999-12-31T23:59:59-14:00~1",
    "sort=trending&after=inf~1",
    "sort=trending&after=nan~1",
    "sort=trending&after=1e400~1",
    "sort=trending&after=-inf~1",
    "after=" + "9" * 5000 + "~1",
    "sort=trending&after=" + "9" * 5000 + "~1",
]


def test_an_address_that_makes_no_sense_does_no_harm(client, city, mara):
    post(city, mara)
    for query in SENSELESS:
        assert client.get(f"/rotterdam?{query}").status_code == 200, query


def test_a_key_that_cannot_be_read_begins_at_the_beginning(client, city, mara):
    idea = post(city, mara)
    assert cards_on(client.get("/rotterdam?after=rubbish")) == [idea.id]


def test_the_filter_in_the_address_fills_the_form_again(client, varied):
    page = page_of(client.get("/rotterdam?sort=newest&kind=challenge&theme=parking&q=liked"))
    assert page.one("input", name="q")["value"] == "liked"
    assert page.one("input", name="sort")["value"] == "newest"
    chosen = {attrs["value"] for tag, attrs in page.tags if tag == "option" and "selected" in attrs}
    assert {"challenge", "parking"} <= chosen
    assert page.all("a", href="/rotterdam?sort=trending&theme=parking&kind=challenge&q=liked")
    assert page.all("a", href="/rotterdam?theme=parking&kind=challenge&q=liked")  # top, the default


def test_what_is_not_public_is_not_on_the_board(client, signed_in, city, mara):
    for state in ("held", "hidden", "merged"):
        put_in_state(post(city, mara, f"An idea that is {state}"), state)
    withdrawn = post(city, mara, "An idea that is withdrawn")
    withdraw_idea(withdrawn, by=mara, at=withdrawn.created_at)
    shown = post(city, mara)
    for who in (client, signed_in(mara)):
        for query in ("", "?q=idea", "?sort=newest", "?kind=opportunity"):
            response = who.get(f"/rotterdam{query}")
            assert set(cards_on(response)) <= {shown.id}, query
    assert 'data-figure="ideas">1<' in client.get("/rotterdam").get_data(as_text=True)


def test_another_citys_ideas_are_not_on_the_board(client, cities, mara):
    post(cities["berlin"], mara)
    assert cards_on(client.get("/rotterdam")) == []


def test_fifty_a_page_and_the_next_begins_where_it_ended(client, city, mara):
    ids = [post(city, mara, f"Idea number {number}").id for number in range(53)]
    first = client.get("/rotterdam?sort=newest&kind=opportunity")
    assert cards_on(first) == ids[:2:-1]
    [link] = page_of(first).all("a", class_="button", hx_target="#more")
    assert "kind=opportunity" in link["href"] and "sort=newest" in link["href"]
    assert cards_on(client.get(link["href"])) == ids[2::-1]
    fragment = client.get(link["href"], headers=SCRIPT)
    assert cards_on(fragment) == ids[2::-1]
    assert not page_of(fragment).all("html") and not page_of(fragment).all("a", hx_target="#more")


def test_htmx_gets_the_list_and_history_gets_the_page(client, city, mara):
    idea = post(city, mara)
    part = client.get("/rotterdam", headers=SCRIPT)
    assert cards_on(part) == [idea.id]
    assert not page_of(part).all("html") and page_of(part).all("div", id="ideas")
    whole = client.get("/rotterdam", headers={**SCRIPT, "HX-History-Restore-Request": "true"})
    assert page_of(whole).all("html")


def test_my_upvotes_are_pressed_and_my_own_ideas_cannot_be(signed_in, client, city, mara, make_user):
    tom = make_user("Tom")
    own, liked, other = (
        post(city, tom, "An idea of Tom's own"),
        post(city, mara, "An idea that Tom likes"),
        post(city, mara, "An idea Tom does not know"),
    )
    upvote(liked, by=tom, at=liked.created_at)
    page = page_of(signed_in(tom).get("/rotterdam"))
    pressed = {int(b["data-idea"]): b for b in page.all("button", class_="upvote")}
    assert pressed[liked.id]["aria-pressed"] == "true" and pressed[liked.id]["value"] == "off"
    assert pressed[liked.id]["aria-label"] == "Take back upvote"
    assert pressed[other.id]["aria-pressed"] == "false" and pressed[other.id]["aria-label"] == "Upvote"
    assert pressed[own.id]["aria-disabled"] == "true"
    assert "aria-disabled" not in pressed[other.id]
    nobodys = page_of(client.get("/rotterdam"))
    assert {b["aria-pressed"] for b in nobodys.all("button", class_="upvote")} == {"false"}


def test_one_persons_page_never_shows_anothers_upvotes(signed_in, city, mara, make_user):
    """Cards are kept between requests; what is kept must not carry who looked."""
    tom, nia = make_user("Tom"), make_user("Nia")
    idea = post(city, mara)
    upvote(idea, by=tom, at=idea.created_at)
    pressed = {
        person.name: page_of(signed_in(person).get("/rotterdam")).one("button", class_="upvote")[
            "aria-pressed"
        ]
        for person in (tom, nia, mara, tom)
    }
    assert pressed == {"Tom": "true", "Nia": "false", "Mara": "false"}


def test_the_board_speaks_the_readers_language(client, city, mara):
    post(city, mara)
    german = page_of(client.get("/rotterdam", headers={"Accept-Language": "de-CH,de;q=0.9"}))
    chinese = page_of(client.get("/rotterdam", headers={"Accept-Language": "zh-TW"}))
    assert german.one("html")["lang"] == "de" and "Stau" in german.words
    assert chinese.one("html")["lang"] == "zh-Hans" and "交通拥堵" in chinese.words
    assert page_of(client.get("/rotterdam", headers={"Accept-Language": "tlh"})).one("html")["lang"] == "en"


def test_a_title_says_which_language_it_is_in(client, city, mara):
    idea = post(city, mara, "更多自行车停车位在地铁站", language="zh")
    assert page_of(client.get("/rotterdam")).one("h2", id=f"title-{idea.id}")["lang"] == "zh-Hans"


def test_watching_and_figures_are_shown(client, socket, city, mara, make_user):
    upvote(post(city, mara), by=make_user("Tom"), at=mara.created_at)
    socket().watch("rotterdam")
    words = " ".join(page_of(client.get("/rotterdam")).words.replace(",", " ").split())
    assert "1 idea 1 upvote 2 people" in words
    assert "1 watching" in words


def test_similar_ideas_while_a_title_is_typed(client, city, mara):
    idea, hidden = post(city, mara), post(city, mara, "Bike lane on Blaak")
    put_in_state(hidden, "hidden")
    response = client.get("/rotterdam/similar?title=bike+lane+coolsingel")
    page = page_of(response)
    assert [link["href"] for link in page.all("a")] == [f"/rotterdam/ideas/{idea.id}-bike-lane-on-coolsingel"]
    assert page_of(client.get(f"/rotterdam/similar?title=bike+lane&not={idea.id}")).words == ""
    for title in ("", "%00", "x" * 4000, "%22%27*", "🚲"):
        assert client.get(f"/rotterdam/similar?title={title}").status_code == 200
    assert client.get("/atlantis/similar?title=bike").status_code == 404


def test_a_filtered_list_names_the_address_to_share_without_empty_filters(client, city):
    answer = client.get(
        "/rotterdam?q=&theme=&kind=challenge&group=&status=&workshop=", headers={"HX-Request": "true"}
    )
    assert answer.headers["HX-Push-Url"] == "/rotterdam?kind=challenge"
    assert "HX-Push-Url" not in client.get("/rotterdam?kind=challenge").headers
