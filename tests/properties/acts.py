"""Anything people may do on a board, in any order: drawn by Hypothesis, done through the public actions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from app.accounts.actions.erasing import erase
from app.accounts.events import EmailConfirmed
from app.accounts.models import User
from app.cities.models import City
from app.core import clock
from app.core.announce import announce
from app.core.errors import Refusal
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.commenting import edit_comment, withdraw_comment
from app.ideas.actions.posting import edit_idea, withdraw_idea
from app.ideas.actions.upvoting import take_back_upvote, upvote
from app.ideas.models import Comment, Idea
from tests.boards import draft, post, put_in_state, say
from tests.conftest import NOON, add_person

few = settings(
    max_examples=30,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink a failure costs minutes: ask for it
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

KINDS_OF_ACT = (
    *("post", "post", "comment", "comment", "reply", "upvote", "upvote", "upvote", "take_back"),
    *("edit", "edit_comment", "withdraw", "withdraw_comment", "wait", "confirm", "erase", "hide"),
)
EMPTY = (
    "DELETE FROM comment_revisions",
    "DELETE FROM comments",
    "DELETE FROM idea_revisions",
    "DELETE FROM idea_themes",
    "DELETE FROM upvotes",
    "DELETE FROM idea_words",
    "DELETE FROM ideas",
    "DELETE FROM changes",
    "DELETE FROM participations",
    "DELETE FROM sessions",
    "DELETE FROM users",
    "UPDATE cities SET seq = 0",
)


@dataclass(frozen=True)
class Act:
    """One thing that one person tries; the numbers choose among what is there."""

    kind: str
    who: int
    what: int
    word: str
    theme: int


acts = st.lists(
    st.builds(
        Act,
        kind=st.sampled_from(KINDS_OF_ACT),
        who=st.integers(0, 3),
        what=st.integers(0, 5),
        word=st.sampled_from(["tram", "Fähre", "自行车", "<b>bus</b>", "*metro*"]),
        theme=st.integers(1, 4),
    ),
    max_size=18,
)


@dataclass
class Board:
    """A board on which people act. Starts empty, at noon, with three confirmed people and one who is not."""

    city: City
    refused: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock.freeze(NOON)
        with unit_of_work():
            for statement in EMPTY:
                db.session.execute(text(statement))
        db.session.expire_all()
        self.people = [
            add_person("Mara"),
            add_person("Tom", group="company"),
            add_person("Nia", group="student", confirmed=False),
            add_person("Wei", group="university"),
        ]

    def do(self, *some: Act) -> None:
        """Try each; what is refused is noted and changes nothing."""
        for act in some:
            try:
                getattr(self, f"_{act.kind}")(act, self.people[act.who])
            except Refusal as refusal:
                db.session.rollback()
                self.refused.append((act.kind, type(refusal).__name__))
        db.session.rollback()

    def ideas(self) -> list[Idea]:
        return list(db.session.scalars(select(Idea).where(Idea.city_id == self.city.id).order_by(Idea.id)))

    def comments(self) -> list[Comment]:
        return list(db.session.scalars(select(Comment).order_by(Comment.id)))

    def _one(self, found: list[Any], act: Act) -> Any:
        return found[act.what % len(found)] if found else None

    def _own(self, found: list[Any], act: Act, by: User) -> Any:
        """One's own, as far as there is any: what is not is refused, and means little if it is all there is."""
        own = [one for one in found if one.author_id == by.id and one.state == "published"]
        return self._one(own or found, act)

    def _post(self, act: Act, by: User) -> None:
        post(self.city, by, f"An idea about {act.word}", text=f"All about {act.word}.", themes=(act.theme,))

    def _edit(self, act: Act, by: User) -> None:
        idea = self._own(self.ideas(), act, by)
        if idea:
            edit_idea(idea, draft(f"More about {act.word}", themes=(act.theme, 7)), by=by, at=clock.now())

    def _withdraw(self, act: Act, by: User) -> None:
        idea = self._own(self.ideas(), act, by)
        if idea:
            withdraw_idea(idea, by=by, at=clock.now())

    def _comment(self, act: Act, by: User) -> None:
        idea = self._one(self.ideas(), act)
        if idea:
            say(idea, by, f"What about the {act.word}?", stance=(None, "support", "concern")[act.theme % 3])

    def _reply(self, act: Act, by: User) -> None:
        comment = self._one(self.comments(), act)
        if comment:
            say(comment.idea, by, f"There is the {act.word}.", under=comment)

    def _edit_comment(self, act: Act, by: User) -> None:
        comment = self._own(self.comments(), act, by)
        if comment:
            edit_comment(comment, f"Or rather the {act.word}.", stance=None, by=by, at=clock.now())

    def _withdraw_comment(self, act: Act, by: User) -> None:
        comment = self._own(self.comments(), act, by)
        if comment:
            withdraw_comment(comment, by=by, at=clock.now())

    def _upvote(self, act: Act, by: User) -> None:
        idea = self._one(self.ideas(), act)
        if idea:
            upvote(idea, by=by, at=clock.now())

    def _take_back(self, act: Act, by: User) -> None:
        idea = self._one(self.ideas(), act)
        if idea:
            take_back_upvote(idea, by=by, at=clock.now())

    def _hide(self, act: Act, _by: User) -> None:
        idea = self._one(self.ideas(), act)
        if idea and act.theme == 1:
            put_in_state(idea, "published" if idea.state == "hidden" else "hidden")

    def _wait(self, act: Act, _by: User) -> None:
        clock.advance(act.theme * 180)

    def _confirm(self, _act: Act, by: User) -> None:
        if by.is_confirmed or by.erased_at:
            return
        with unit_of_work():
            by.confirmed_at = clock.now()
            db.session.flush()
            announce(EmailConfirmed(by.id))

    def _erase(self, act: Act, by: User) -> None:
        if act.theme == 1:
            erase(by, clock.now())
