"""The sample content: put onto the boards, labelled, taken off without a trace."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import User
from app.cities.models import Change, City, Participation
from app.core.announce import after
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.commenting import post_comment
from app.ideas.actions.posting import Draft, post_idea
from app.ideas.actions.sampling import load_sample, remove_sample, sample_files
from app.ideas.actions.upvoting import upvote
from app.ideas.events import BoardChanged
from app.ideas.heat import COLD
from app.ideas.models import TITLE_MAX, TITLE_MIN, Comment, Idea, Upvote
from tests.boards import put_in_state
from tests.clients import Client, apart

MakeUser = Callable[..., User]


def _count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def _sample_idea(city: City) -> Idea:
    return db.session.scalars(
        select(Idea).where(Idea.city_id == city.id, Idea.import_key.startswith("sample/")).order_by(Idea.id)
    ).first()  # type: ignore[return-value]


@pytest.mark.parametrize("path", sample_files(), ids=lambda path: path.stem)
def test_a_citys_sample_is_complete_and_within_the_limits(path: Path) -> None:
    sample: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    people = {person["id"]: person for person in sample["participants"]}
    assert 12 <= len(people) == len(sample["participants"]) <= 20
    assert {person["group"] for person in people.values()} == {
        "resident", "student", "city_administration", "company", "institute", "university"
    }  # fmt: skip
    for person in people.values():
        if person["group"] not in ("resident", "student"):
            assert person["affiliation"].endswith(("(invented)", "（虚构）", "(verzonnen)", "(erfunden)"))
    assert 12 <= len(sample["ideas"]) <= 16
    assert len({theme for idea in sample["ideas"] for theme in idea["themes"]}) == 12
    for idea in sample["ideas"]:
        assert TITLE_MIN <= len(idea["title"]) <= TITLE_MAX
        assert 1 <= len(idea["themes"]) <= 3
        assert idea["upvotes"] < len(people)
        for comment in idea.get("comments", []):
            for said in (comment, *comment.get("replies", [])):
                assert said["by"] in people
                assert 0 < said["after"] < idea["hours_ago"]
            assert not any("stance" in reply for reply in comment.get("replies", []))


def test_the_sample_is_on_all_five_boards_and_labelled(app: Flask, client: Client, clock: ModuleType) -> None:
    assert load_sample(clock.now()) == 70
    for path in sample_files():
        slug = path.stem.replace("_", "-")
        page = client.get(f"/{slug}").get_data(as_text=True)
        assert page.count('class="card"') >= 12
        assert "sample" in page.lower()
    assert db.session.scalar(select(func.max(Comment.created_at))) < clock.now()
    assert db.session.scalar(select(func.max(Upvote.created_at))) < clock.now()
    assert set(db.session.scalars(select(Idea.language))) == {"en", "zh", "nl", "de", "fr"}


def test_counters_equal_rows_and_every_idea_has_a_number(app: Flask, clock: ModuleType, cities: Any) -> None:
    load_sample(clock.now())
    for city in cities.values():
        db.session.refresh(city)
        ideas = db.session.scalars(
            select(Idea).where(Idea.city_id == city.id).order_by(Idea.last_change)
        ).all()
        assert [idea.last_change for idea in ideas] == list(range(1, city.seq + 1))
        upvotes = Counter(db.session.scalars(select(Upvote.idea_id)))
        comments = Counter(db.session.scalars(select(Comment.idea_id)))
        assert all(idea.upvote_count == upvotes[idea.id] for idea in ideas)
        assert all(idea.comment_count == comments[idea.id] for idea in ideas)
        own = select(Upvote).join(Idea, Idea.id == Upvote.idea_id).where(Idea.author_id == Upvote.user_id)
        assert db.session.scalars(own).all() == []


def test_loading_again_changes_nothing(app: Flask, clock: ModuleType) -> None:
    load_sample(clock.now())
    before = (_count(Idea), _count(User), _count(Change))
    assert load_sample(clock.now() + timedelta(days=1)) == 0
    assert (_count(Idea), _count(User), _count(Change)) == before


def test_removing_leaves_nothing_but_its_numbers(
    app: Flask, client: Client, clock: ModuleType, city: City
) -> None:
    load_sample(clock.now())
    gone = set(db.session.scalars(select(Idea.id).where(Idea.city_id == city.id)))
    heard: list[BoardChanged] = []
    after(BoardChanged)(heard.append)
    assert remove_sample(clock.now()) == 70
    assert [_count(table) for table in (Idea, Comment, Upvote, User, Participation)] == [0] * 5
    here = [event for event in heard if event.city_id == city.id]
    assert {event.idea_id for event in here} == gone
    assert {event.kind for event in here} == {"idea_withdrawn"}
    assert [event.number for event in here] == list(range(15, 29)), "open pages hear of each, in order"
    answer = client.get_json("/rotterdam/changes?since=14")
    assert {change["idea"] for change in answer["changes"]} == gone
    assert {change["kind"] for change in answer["changes"]} == {"idea_withdrawn"}
    assert client.get("/rotterdam").status_code == 200
    assert client.get("/rotterdam?q=parkeerplek").status_code == 200
    assert remove_sample(clock.now()) == 0
    assert load_sample(clock.now()) == 70, "and it can come back"


def test_what_people_wrote_below_a_sample_idea_goes_with_it(
    app: Flask, make_user: MakeUser, clock: ModuleType, city: City
) -> None:
    load_sample(clock.now())
    mara, joost = make_user("Mara"), make_user("Joost")
    sample = _sample_idea(city)
    post_comment(sample, "I agree.", stance=None, language="en", by=mara, at=clock.now())
    upvote(sample, by=mara, at=clock.now())
    draft = Draft("challenge", "Trucks on the bike lane", "", [1], "en")
    own = post_idea(city, draft, by=joost, at=clock.now())
    upvote(sample, by=joost, at=clock.now())
    remove_sample(clock.now())
    assert db.session.scalars(select(Idea.id)).all() == [own.id]
    assert _count(Comment) == _count(Upvote) == 0
    assert set(db.session.scalars(select(User.name))) == {"Mara", "Joost"}
    assert db.session.scalars(select(Participation.user_id)).all() == [joost.id], (
        "Mara has nothing left on the board"
    )


def test_sample_traces_on_a_real_idea_go_and_its_replies_stay(
    app: Flask, make_user: MakeUser, clock: ModuleType, city: City
) -> None:
    load_sample(clock.now())
    mara, joost = make_user("Mara"), make_user("Joost")
    ghost = db.session.scalars(select(User).where(User.origin == "sample")).first()
    assert ghost
    idea = post_idea(
        city, Draft("challenge", "Trucks on the bike lane", "", [1], "en"), by=mara, at=clock.now()
    )
    comment = Comment(idea_id=idea.id, author_id=ghost.id, text="Hm.", language="en", created_at=clock.now())
    with unit_of_work():
        db.session.add(comment)
        db.session.flush()
        answer = Comment(
            idea_id=idea.id,
            author_id=ghost.id,
            text="Hm?",
            language="en",
            created_at=clock.now(),
            parent_id=comment.id,
        )
        db.session.add_all([answer, Upvote(idea_id=idea.id, user_id=ghost.id, created_at=clock.now())])
        idea.comment_count, idea.upvote_count = 2, 1
    reply = post_comment(
        idea, "Tell me more.", stance=None, language="en", by=joost, at=clock.now(), parent_id=comment.id
    )
    remove_sample(clock.now())
    db.session.refresh(idea)
    db.session.refresh(reply)
    assert (idea.comment_count, idea.upvote_count) == (1, 0)
    assert reply.parent_id is None
    assert idea.heat > COLD
    assert _count(Comment) == 1


def test_pages_hear_that_there_are_fewer_people_although_nothing_of_theirs_was_public(
    clock: ModuleType, city: City, socket: Any, settle: Any
) -> None:
    load_sample(clock.now())
    for idea in db.session.scalars(select(Idea).where(Idea.city_id == city.id)).all():
        put_in_state(idea, "hidden")
    settle()
    page = socket()
    page.watch("rotterdam")
    page.heard()
    remove_sample(clock.now())
    settle()
    assert [told["figures"]["people"] for told in page.heard("counts")] == [0]


def test_the_commands_say_what_they_did(app: Flask) -> None:
    def run(name: str) -> str:
        return str(apart(app.test_cli_runner().invoke, args=[name]).output)

    assert run("remove-sample") == "There is no sample content.\n"
    assert run("load-sample") == "70 sample ideas were put on the boards.\n"
    assert run("load-sample") == "The sample content is there already.\n"
    assert run("remove-sample") == "70 sample ideas were removed.\n"
