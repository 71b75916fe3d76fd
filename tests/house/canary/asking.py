"""Every address there is to read, filled in with what is there, and what an answer gives away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.core.extensions import db
from app.core.text import slugify
from app.ideas.models import Idea
from app.moderation.models import Act, QueueItem
from app.notices.models import Notice
from tests.clients import Client
from tests.house.canary.planting import WORD, Planted

AS_PAGE: dict[str, str] = {}
AS_SCRIPT = {"Accept": "application/json"}
AS_FRAGMENT = {"HX-Request": "true", "Accept-Language": "de"}
WORDS_LOOKED_FOR = "lanterns"
_NUMBER = re.compile(r"(?<![0-9A-Za-z])700\d{4}(?![0-9A-Za-z])")
TOKEN = re.compile(r'data-csrf="[^"]+"|csrf_token|data-me="[^"]+"')
_DIFFERS = re.compile(r'[0-9a-f]{32}|data-csrf="[^"]*"|name="csrf_token" value="[^"]*"')


@dataclass(frozen=True)
class Answer:
    """What came back, head and body as one text."""

    url: str
    status: int
    text: str

    @property
    def words(self) -> set[str]:
        """The planted words in it that were not in the question."""
        return set(WORD.findall(self.text.lower())) - set(WORD.findall(self.url))

    @property
    def numbers(self) -> set[int]:
        """The numbers of ideas and comments in it that were not in the question."""
        asked = {int(number) for number in _NUMBER.findall(self.url)}
        return {int(number) for number in _NUMBER.findall(self.text)} - asked

    def as_of(self, number: int) -> str:
        """The answer, but for what is new in every answer and for the number that was asked about."""
        return _DIFFERS.sub("", self.text).replace(str(number), "N")


def ask(client: Client, url: str, headers: dict[str, str] | None = None) -> Answer:
    """Read an address; asserts that nobody may keep the answer but where it is the same for everybody."""
    response = client.get(url, headers=headers or {})
    kept = response.headers.get("Cache-Control", "")
    if "ETag" in response.headers:
        _assert_nobodys(client, response)
    else:
        assert "no-store" in kept or "private" in kept, f"{url} may be kept: {kept!r}"
    assert "Last-Modified" not in response.headers, url
    assert response.status_code < 500, url
    return Answer(url, response.status_code, f"{response.headers}\n{response.get_data(as_text=True)}")


def _assert_nobodys(client: Client, response: TestResponse) -> None:
    """The answer holds nothing of one browser: no person, no token, no cookie, and no cache mixes it up with others."""
    url, text = response.request.path, response.get_data(as_text=True)
    with client.session_transaction() as session:
        assert "_user_id" not in session, url
    assert response.status_code == 200 and "Set-Cookie" not in response.headers, url
    assert not TOKEN.search(text) and "/sign-out" not in text, url
    assert {"Cookie", "Accept-Language", "HX-Request"} <= set(response.vary), url
    shared = re.search(r"s-maxage=(\d+)", response.headers["Cache-Control"])
    assert (shared is None) == ("private" in response.headers["Cache-Control"]), url
    assert shared is None or (int(shared[1]) <= 1 and "Cookie" not in response.request.headers), url


def addresses(app: Flask, planted: Planted) -> list[str]:
    """Every route that can be read, with every number that is there."""
    db.session.rollback()
    numbers = _numbers(planted)
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            found += list(_filled(rule, numbers))
    return found + further(planted)


def further(planted: Planted) -> list[str]:
    """The same routes asked in other ways: sorted, searched, from every earlier number on."""
    here = f"/{planted.city.slug}"
    board = [f"{here}?sort={sort}" for sort in ("top", "trending", "newest", "discussed")]
    board += [
        f"{here}?q={WORDS_LOOKED_FOR}",
        f"{here}?q=zqhiddentit",
        f"{here}?q=zqwaitingtit",
        f"{here}?after=999~1",
    ]
    board += [f"{here}?status=taken_up", f"{here}?theme=congestion", f"{here}?group=company"]
    similar = [f"{here}/similar?title={words}" for words in ("lanterns+by+the+quay", "zqhiddentit+lanterns")]
    shown = ",".join(f"{idea.id}:99" for idea in planted.ideas.values())
    changes = [f"{here}/changes?since={number}" for number in range(planted.city.seq + 1)]
    changes += [
        f"{here}/changes?since=0&shown={shown}",
        f"{here}/changes?since={planted.city.seq}&shown={shown}",
    ]
    changes += [f"{here}/changes?since=0&idea={idea.id}" for idea in planted.ideas.values()]
    log = [f"{here}/log?kind={kind}" for kind in ("hide", "hold", "merge", "decline", "approve", "answer")]
    queue = [
        f"{here}/moderate?needs={needs}" for needs in ("settled", "held", "reported", "objection", "new")
    ]
    queue += [f"{here}/moderate?q={WORDS_LOOKED_FOR}", f"{here}/moderate/items?since=0"]
    pages = [idea_path(planted, idea) for idea in planted.ideas.values()]
    people = [f"/organise/participants?q={words}" for words in ("zq", "mail")]
    return [*board, *similar, *changes, *log, *queue, *pages, *people]


def after_an_act(planted: Planted) -> list[str]:
    """What anybody may read of the board, asked after every single act."""
    here, older = f"/{planted.city.slug}", planted.ideas["older"]
    since = {0, planted.city.seq // 2, planted.city.seq - 1}
    return [
        "/",
        here,
        f"{here}?sort=newest",
        f"{here}?q={WORDS_LOOKED_FOR}",
        f"{here}/log",
        f"{here}/log.csv",
        f"{here}/similar?title=lanterns+by+the+quay",
        *(f"{here}/changes?since={number}" for number in sorted(since)),
        f"{here}/changes?since=0&idea={older.id}",
        *(idea_path(planted, idea) for idea in planted.ideas.values()),
        *(f"/screen/{token}/state.json" for token in planted.screens.values()),
        f"{here}/compare",
        f"{here}/workshops/1/result",
        f"{here}/workshops/1/result.csv",
    ]


def idea_path(planted: Planted, idea: Idea) -> str:
    """The whole address of an idea's page."""
    return f"/{planted.city.slug}/ideas/{idea.id}-{slugify(idea.title)}"


def of_ones_own(planted: Planted) -> list[str]:
    """What else somebody reads who has commented, upvoted and been told."""
    here = f"/{planted.city.slug}"
    return ["/me", "/me/notices", "/me/data.json", f"{here}/changes?since=0", f"{here}?sort=newest"]


def _numbers(planted: Planted) -> dict[str, list[Any]]:
    """What stands for each part of an address. A part that is not here is one that nobody has thought about."""
    return {
        "city": [planted.city.slug, "berlin"],
        "slug": [planted.city.slug],
        "idea_id": [idea.id for idea in planted.ideas.values()],
        "comment_id": [comment.id for comment in planted.comments.values()],
        "act_id": list(db.session.scalars(select(Act.id))),
        "item_id": list(db.session.scalars(select(QueueItem.id).limit(4))),
        "user_id": [idea.author_id for idea in planted.ideas.values()][:4],
        "notice_id": list(db.session.scalars(select(Notice.id))),
        "edition_id": [planted.city.edition_id],
        "number": [1, 2],
        "word_id": [1],
        "words": ["x"],
        "token": ["guessed", *planted.screens.values()],
        "code": ["WRNGCD"],
    }


def _filled(rule: Rule, numbers: dict[str, list[Any]]) -> Iterator[str]:
    names = sorted(rule.arguments)
    for values in product(*(numbers[name] for name in names)):
        built = rule.build(dict(zip(names, values, strict=True)), append_unknown=False)
        assert built is not None, rule
        yield built[1]
