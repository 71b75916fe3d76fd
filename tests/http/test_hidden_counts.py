"""Hidden counts are not in any page, message, order, screen or export before the reveal.

A room votes against the order of the board. Whoever asks then, at any address there is, gets what came before the vote,
letter for letter; only how many have voted is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest

from app.cities.models import Workshop
from app.core.extensions import db
from app.ideas.actions.upvoting import take_back_upvote, upvote
from app.ideas.models import Idea
from app.moderation.actions.merging import merge_ideas
from app.moderation.actions.setting_aside import count_again, set_aside
from app.workshops.actions.screening import make_screen, set_mode
from app.workshops.models import MODES
from tests.boards import post, say
from tests.rooms import go_to, join, workshop_in

BOARD = "/rotterdam"
VOTERS = 12
"""More than make an alert of a burst: their accounts are minutes old."""
OTHER_WAYS = ({"Accept": "application/json"}, {"HX-Request": "true"})
_NEW_EACH_TIME = re.compile(
    r'(?:name="(?:csrf_token|submission_key)" value|data-csrf|reference)="[^"]*"|[0-9a-f]{32}|tv=[\w-]+'
)
_HAVE_VOTED = re.compile(
    r'\d+ of \d+ who joined ha(?:s|ve) voted|\d+ / \d+(?=</b>)|"voted":\s*\d+|data-people="voted">\d+'
)


@dataclass
class Room:
    """A vote with hidden counts: its workshop, its people, and the board, the least upvoted idea last."""

    workshop: Workshop
    voters: list[Any]
    ideas: list[Idea]
    onlookers: dict[str, Any] = field(default_factory=dict)
    screens: dict[str, str] = field(default_factory=dict)

    def vote(self) -> None:
        """Everybody upvotes the last two ideas of the board."""
        for voter in self.voters:
            for idea in self.ideas[-2:]:
                upvote(idea, by=voter, at=self.workshop.opened_at)


@pytest.fixture
def room(app, city, clock, make_user, make_moderator, signed_in) -> Room:
    workshop = workshop_in(city, hides_counts=True, upvote_budget=3)
    author, mia = make_user("Mara"), make_user("Mia")
    voters = [make_user(f"Voter {number}", group="student") for number in range(VOTERS)]
    ideas = [
        post(city, author, title)
        for title in ("Trams at night", "Room to walk", "Safe crossings", "Quiet streets")
    ]
    for place, idea in enumerate(ideas):
        say(idea, author)
        for voter in voters[: 4 - place]:
            upvote(idea, by=voter, at=clock.now())
    for voter in voters:
        say(ideas[0], voter, f"I know this from {voter.name.lower()}'s street.")
    join(workshop, *voters, mia)
    made = Room(workshop, voters, ideas)
    made.onlookers = {
        "nobody": app.test_client(),
        "stan": signed_in(make_user("Stan")),
        "mia in the room": signed_in(mia),
        "ana who moderates": signed_in(make_moderator(city, "Ana")),
        "olga who organises": signed_in(olga := make_user("Olga", organiser=True)),
    }
    for mode in MODES:
        screen, token = make_screen(city, name=mode, by=olga, at=clock.now(), workshop=workshop)
        set_mode(screen, mode, by=olga)
        made.screens[mode] = token
    go_to(workshop, "vote")
    take_back_upvote(ideas[0], by=voters[0], at=clock.now())
    upvote(
        ideas[1], by=voters[-1], at=clock.now()
    )  # from the first upvote on its rules stay, and its settings say so
    return made


def addresses(app, room: Room) -> Iterator[str]:
    """Every route that can be read, and the board asked in every order."""
    numbers: dict[str, list[Any]] = {
        "city": ["rotterdam"],
        "slug": ["rotterdam"],
        "idea_id": [room.ideas[-1].id],
        "user_id": [room.ideas[0].author_id],
        "token": list(room.screens.values()),
        "words": ["x"],
    }
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            names = sorted(rule.arguments)
            for values in product(*(numbers.get(name, [1]) for name in names)):
                yield rule.build(dict(zip(names, values, strict=True)), append_unknown=False)[1]
    for sort in ("top", "trending", "newest", "discussed"):
        yield from (
            f"{BOARD}?sort={sort}",
            f"{BOARD}?sort={sort}&group=student",
            f"{BOARD}?sort={sort}&workshop=1",
        )
    for number in range(3):
        yield f"{BOARD}?sort=top&after={number}~{room.ideas[number].id}"
    shown = ",".join(f"{idea.id}:99" for idea in room.ideas)
    yield f"{BOARD}/changes?since=0&shown={shown}"
    yield from (f"{BOARD}/changes?since=0&shown={shown}&idea={idea.id}" for idea in room.ideas)
    yield from (f"{BOARD}/ideas/{idea.id}-{idea.title.lower().replace(' ', '-')}" for idea in room.ideas)
    yield from (f"{BOARD}/moderate?needs={needs}" for needs in ("alert", "settled", "reported"))


def read(app, room: Room, asked: list[str]) -> dict[tuple[str, str, int], str]:
    """What everybody gets at every address, but for what is new each time and for how many have voted."""
    app.extensions.pop("kept_stages", None)  # a screen's contents are kept for a second
    found = {}
    for who, client in room.onlookers.items():
        ways = ({}, *OTHER_WAYS) if who == "nobody" else ({},)
        own = [
            url for url in asked if who == "nobody" or not url.startswith("/screen/")
        ]  # a screen is nobody
        for url, (way, headers) in product(own, enumerate(ways)):
            text = client.get(url, headers=headers).get_data(as_text=True)
            found[who, url, way] = _HAVE_VOTED.sub("", _NEW_EACH_TIME.sub("", text))
    return found


def test_a_vote_changes_nothing_that_anybody_can_read_but_how_many_have_voted(app, room, settle):
    asked = sorted(set(addresses(app, room)))
    first, before = read(app, room, asked), read(app, room, asked)
    restless = {key for key in before if first[key] != before[key]}
    assert len(restless) < len(before) / 50, sorted(restless)[:20]
    room.vote()
    settle()
    after = read(app, room, asked)
    told = [key for key in before if before[key] != after[key] and key not in restless]
    assert told == []
    go_to(room.workshop, "reveal")
    settle()
    top = f"{BOARD}?sort=top"
    assert read(app, room, [top])["nobody", top, 0] != after["nobody", top, 0]


def test_nobody_hears_a_vote_but_its_own_phones_before_the_reveal(room, socket, settle, city):
    pages = [
        socket(),
        socket(client=room.onlookers["mia in the room"]),
        socket(client=room.onlookers["stan"]),
    ]
    remote, queue = (socket(client=room.onlookers["ana who moderates"]) for _page in range(2))
    screens = [socket() for _mode in room.screens]
    for page in pages:
        assert page.watch("rotterdam", workshop=room.workshop.id)["ok"]
    idea_page = socket()
    assert idea_page.watch("rotterdam", idea=room.ideas[-1].id)["ok"]
    assert (
        remote.watch("rotterdam", workshop=room.workshop.id)["ok"]
        and queue.watch("rotterdam", queue=True)["ok"]
    )
    for screen, token in zip(screens, room.screens.values(), strict=True):
        assert screen.emit("watch", {"screen": token}, namespace="/live", callback=True)["ok"]
    settle()
    everybody = [*pages, idea_page, remote, queue, *screens]
    for page in everybody:
        page.heard()
    room.vote()
    take_back_upvote(room.ideas[-1], by=room.voters[5], at=room.workshop.opened_at)
    settle()
    for page in everybody:
        for name, message in page.heard():
            assert name in ("room", "watching"), (name, message)
            assert name == "watching" or set(message["people"]) == {"joined", "posted", "voted", "watching"}
    go_to(room.workshop, "reveal")
    settle()
    counts = {key: count for said in pages[0].heard("counts") for key, count in said["counts"].items()}
    assert counts[str(room.ideas[-1].id)] == VOTERS - 1
    assert idea_page.heard("groups")[-1]["groups"]["student"] == VOTERS - 1


def test_a_voter_sees_what_is_theirs_and_the_old_counts(room, signed_in):
    voter, idea = room.voters[5], room.ideas[-1]
    client = signed_in(voter)
    answer = client.post_form(
        f"/ideas/{idea.id}/upvote", {"upvote": "on"}, headers={"Accept": "application/json"}
    )
    assert answer.get_json() == {"idea": idea.id, "upvoted": True, "upvotes": 1}
    board = client.get(BOARD).text
    card = board[board.index(f'id="idea-{idea.id}"') :].split("</article>")[0]
    assert 'aria-pressed="true"' in card and f'data-upvotes="{idea.id}">1<' in card
    assert re.search(r"<body[^>]* data-counts-hidden", board)
    assert client.get_json("/rotterdam/workshops/1/room.json")["you"]["left"] == 2


def test_counts_and_order_come_together_with_the_reveal(room, client):
    def order() -> list[str]:
        return re.findall(r'id="title-(\d+)"', client.get(BOARD).text)

    ids = [str(idea.id) for idea in room.ideas]
    room.vote()
    assert order() == sorted(
        ids, key=lambda key: (-{ids[0]: 3, ids[1]: 3, ids[2]: 2, ids[3]: 1}[key], -int(key))
    )
    go_to(room.workshop, "reveal")
    assert set(order()[:2]) == set(ids[-2:])
    assert f'data-upvotes="{ids[-1]}">{VOTERS}<' in client.get(BOARD).text


def test_no_act_of_a_moderator_counts_a_vote_before_its_reveal(room, city, make_moderator, make_user, clock):
    room.vote()
    ana, last = make_moderator(city, "Ana"), room.ideas[-1]
    found = set_aside(city, [voter.id for voter in room.voters], sentence="", by=ana, at=clock.now())
    count_again(found, by=ana, at=clock.now())
    duplicate = post(city, make_user("Ines"), "Streets that are quiet")
    merge_ideas(last, into=duplicate, by=ana, at=clock.now())
    db.session.refresh(duplicate)
    assert duplicate.upvote_count == 1, "the one from before the workshop"


@pytest.mark.settings(confirm_email=True)
def test_who_confirms_in_the_middle_of_a_vote_is_counted_at_the_reveal(room, city, make_user, clock):
    late = make_user("Liv", confirmed=False)
    join(room.workshop, late)
    upvote(room.ideas[-1], by=late, at=clock.now())
    db.session.refresh(room.ideas[-1])
    assert room.ideas[-1].upvote_count == 1
