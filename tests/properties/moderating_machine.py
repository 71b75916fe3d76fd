"""Does the same on the board and on its twin, and compares the two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func, select, text, update

from app.accounts.actions.erasing import erase
from app.accounts.events import EmailConfirmed
from app.accounts.models import User
from app.cities.actions.moderating import appoint
from app.cities.models import City, Participation
from app.core import clock
from app.core.announce import announce
from app.core.errors import Refusal
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.commenting import edit_comment, withdraw_comment
from app.ideas.actions.posting import edit_idea, withdraw_idea
from app.ideas.actions.sampling import remove_sample
from app.ideas.actions.upvoting import take_back_upvote, upvote
from app.ideas.heat import heat_of
from app.ideas.models import Comment, Idea, IdeaTheme, Upvote
from app.moderation.actions.answering import answer_idea
from app.moderation.actions.deciding import DECISIONS
from app.moderation.actions.marking import lock_comments, pin, retag, unlock_comments, unpin
from app.moderation.actions.merging import merge_ideas, unmerge
from app.moderation.actions.objecting import object_to
from app.moderation.actions.reporting import report
from app.moderation.actions.setting_aside import count_again, set_aside
from app.moderation.actions.undoing import undo
from app.moderation.models import Act, Objection, QueueItem, Report
from tests.boards import draft, post, say
from tests.conftest import NOON, add_person
from tests.properties import moderating_twin as twin
from tests.properties.acts import EMPTY
from tests.properties.moderating_log import Moderated

PEOPLE = ("Mara", "Tom", "Lisa", "Noor", "Nia", "Sam")
STATUSES = ("in_discussion", "new", "taken_up")
BEFORE_THAT = (
    "DELETE FROM notices", "DELETE FROM objections", "DELETE FROM reports", "DELETE FROM answer_drafts",
    "UPDATE acts SET undoes_id = NULL", "DELETE FROM acts", "DELETE FROM queue_items", "DELETE FROM moderators",
    "UPDATE ideas SET merged_into_id = NULL",
)  # fmt: skip


class Both:
    """A board of Rotterdam with Ana and Ben, who moderate, and six people; and its twin. Begins with four ideas."""

    def __init__(self, city: City) -> None:
        clock.freeze(NOON)
        db.session.rollback()
        self.city, self.twin, self.words = city, Moderated(), 0
        with unit_of_work():
            for statement in (*BEFORE_THAT, *EMPTY):
                db.session.execute(text(statement))
            db.session.expire_all()
            self._invite()
        with unit_of_work():
            for number in range(4):
                self._post(self.people[number])
            for number in range(8):
                idea = list(self.twin.ideas)[number * 3 % 4]
                self._say(self.people[number % 5], idea, None)
                self._upvote(self.people[(number * 5 + 1) % 6], list(self.twin.ideas)[number % 4])
        self.compare()

    def _invite(self) -> None:
        people = [add_person(name, confirmed=name != "Nia") for name in PEOPLE]
        moderators = [add_person(name) for name in ("Ana", "Ben")]
        db.session.flush()
        for moderator in moderators:
            appoint(self.city, moderator, clock.now())
        sample = {"origin": "sample", "password_hash": None, "email": None}
        db.session.execute(update(User).where(User.id == people[-1].id).values(**sample))
        db.session.expire_all()
        self.people, self.moderators = [one.id for one in people], [one.id for one in moderators]
        self.nia, self.sam = self.people[4:]
        for one in self.people + self.moderators:
            self.twin.people[one] = twin.Person(one != self.nia, one in self.moderators)

    # choosing --------------------------------------------------------------------------------------------

    def _one(
        self, found: Sequence[Any], number: int, likely: Callable[[Any], bool] = lambda one: True
    ) -> Any:
        """Mostly one that is likely to be accepted; what cannot be done is tried as well."""
        better = [one for one in found if likely(one)] if number % 6 else found
        chosen = better or found
        return chosen[number % len(chosen)] if chosen else None

    def _idea(self, number: int, *states: str) -> twin.Idea:
        found = list(self.twin.ideas.values())
        return self._one(found, number, lambda one: one.state in (states or ("published",)))

    def _item(self, number: int, *states: str) -> twin.Item:
        found = list(self.twin.items())
        return self._one(found, number, lambda one: one.state in (states or ("published",)))

    def _somebody(self, number: int) -> int:
        everybody = self.people + self.moderators
        return everybody[number % len(everybody)]

    def _moderator(self, number: int) -> User:
        return self._user(self.moderators[number % 2])

    def _user(self, number: int) -> User:
        return db.session.get_one(User, number)

    def _row(self, key: twin.Key | None) -> Any:
        return db.session.get(Idea if key[0] == "idea" else Comment, key[1]) if key else None

    def _next_act(self) -> int:
        return next(self._acts)

    # doing both ------------------------------------------------------------------------------------------

    def _both(self, real: Callable[[], Any], plain: Callable[[Any], Any]) -> Any:
        """Returns what the board's act returned, or None where both refuse; they refuse alike or not at all."""
        before = self._last_act()
        done, refused, due = None, "", ""
        try:
            done = real()
            done = getattr(done, "id", done)
        except Refusal as refusal:
            refused = f"{type(refusal).__name__}: {refusal.message}"
        if db.session.info.get("events") is None:  # not within a unit of work
            db.session.rollback()
        self._acts = iter(db.session.scalars(select(Act.id).where(Act.id > before).order_by(Act.id)).all())
        try:
            plain(done)
        except twin.Refused as refusal:
            due = str(refusal)
        assert refused.split(":")[0] == due, f"the board: {refused or 'did it'}; its twin: {due or 'did it'}"
        return None if refused else (done or True)

    def _last_act(self) -> int:
        return db.session.scalar(select(func.max(Act.id))) or 0

    def _and_undo(
        self, real: Callable[[], Any], plain: Callable[[Any], Any], by: User, *, at_once: bool
    ) -> None:
        before = self.snapshot() if at_once else None
        act = self._both(real, plain)
        if act is None or not at_once:
            return
        clock.advance(1)
        at, who = clock.now(), by.id
        self._both(
            lambda: undo(db.session.get_one(Act, act), by=self._user(who), at=at),
            lambda new: self.twin.undo(self.twin.log[act], who, at, new),
        )
        after = self.snapshot()
        assert before is not None
        for name, rows in before.items():
            same(f"{name} after an act and its undoing", after[name] - rows, rows - after[name])

    # participants ----------------------------------------------------------------------------------------

    def post(self, who: int) -> None:
        if len(self.twin.ideas) < 8:
            self._post(self._somebody(who))

    def _post(self, by: int) -> None:
        at, title = self._tick(), self._word("Idea")
        self._both(lambda: post(self.city, self._user(by), title), lambda new: self.twin.post(new, by, at))

    def comment(self, who: int, idea: int) -> None:
        if on := self._idea(idea):
            self._say(self._somebody(who), on.key[1], None)

    def reply(self, who: int, comment: int) -> None:
        under = self._one(list(self.twin.comments.values()), comment, lambda one: one.state == "published")
        if under:
            self._say(self._somebody(who), self.twin.where(under), under.key[1])

    def _say(self, by: int, idea: int, under: int | None) -> None:
        at, words = self._tick(), self._word("Yes")
        self._both(
            lambda: say(
                self._row(("idea", idea)),
                self._user(by),
                words,
                under=self._row(under and ("comment", under)),
            ),
            lambda new: self.twin.comment(new, idea, by, at, under),
        )

    def upvote(self, who: int, idea: int) -> None:
        if on := self._idea(idea):
            self._upvote(self._somebody(who), on.key[1])

    def _upvote(self, by: int, idea: int) -> None:
        at = self._tick()
        self._both(
            lambda: upvote(self._row(("idea", idea)), by=self._user(by), at=at),
            lambda _: self.twin.upvote(idea, by),
        )

    def take_back(self, who: int, idea: int) -> None:
        if on := self._idea(idea):
            by = self._one(sorted(self.twin.upvoters(on.key[1])), who) or self._somebody(who)
            if by in self.people + self.moderators:
                at = self._tick()
                self._both(
                    lambda: take_back_upvote(self._row(on.key), by=self._user(by), at=at),
                    lambda _: self.twin.take_back(on.key[1], by),
                )

    def edit(self, what: int) -> None:
        item = self._item(what, "published", "held", "merged")
        if item is None or item.author not in self.people + self.moderators:
            return
        at, words = self._tick(), self._word("Changed")

        def real() -> None:
            row, by = self._row(item.key), self._user(item.author)
            if isinstance(row, Idea):
                edit_idea(row, draft(words), by=by, at=at)
            else:
                edit_comment(row, words, stance=None, by=by, at=at)

        self._both(real, lambda _: self.twin.edit(item, at))
        if isinstance(item, twin.Idea) and self._row(item.key).title == words:
            item.marks["themes"] = [1]

    def withdraw(self, what: int) -> None:
        item = self._item(what, "published", "held")
        if item is None or item.author not in self.people + self.moderators:
            return
        at = self._tick()

        def real() -> None:
            act = withdraw_idea if item.key[0] == "idea" else withdraw_comment
            act(self._row(item.key), by=self._user(item.author), at=at)

        def plain(_: Any) -> None:
            self.twin.withdraw(item, at)
            if isinstance(item, twin.Idea):
                self.twin.give_back(item.key[1], at, self._next_act)

        self._both(real, plain)

    def confirm(self, _who: int) -> None:
        if self.nia in self.people and not self.twin.people[self.nia].confirmed:
            at = self._tick()
            with unit_of_work():
                self._user(self.nia).confirmed_at = at
                db.session.flush()
                announce(EmailConfirmed(self.nia))
            self.twin.people[self.nia].confirmed = True

    def leave(self, who: int) -> None:
        """Somebody deletes the account: what they said and whom they upvoted stays."""
        by = self.people[who % len(self.people)]
        if who % 4 == 0 and len(self.people) > 3 and by != self.sam:
            erase(self._user(by), self._tick())
            self.people.remove(by)

    def remove_sample(self, _who: int) -> None:
        if self.sam in self.people:
            at = self._tick()
            self._both(lambda: remove_sample(at), lambda _: self.twin.remove(self.sam, at, self._next_act))
            self.people.remove(self.sam)

    # moderators ------------------------------------------------------------------------------------------

    def decide(self, kind: str, what: int, who: int, at_once: bool) -> None:
        states = {"restore": ("hidden",), "approve": ("held",), "decline": ("held",)}
        item = self._item(what, *states.get(kind, ("published", "held")))
        if item is None:
            return
        at, by = self._tick(), self._moderator(who)
        more: dict[str, Any] = {"because": 1, "sentence": ""} if kind in ("hide", "hold", "decline") else {}
        self._and_undo(
            lambda: DECISIONS[kind](self._row(item.key), by=by, at=at, **more),
            lambda act: self.twin.decide(kind, item, by.id, at, act),
            by, at_once=at_once,
        )  # fmt: skip

    def merge(self, one: int, other: int, who: int, at_once: bool) -> None:
        this, into = self._idea(one), self._idea(other)
        if this is into and one % 6:
            into = self._idea(other + 1)
        if this is None:
            return
        at, by = self._tick(), self._moderator(who)
        self._and_undo(
            lambda: merge_ideas(self._row(this.key), into=self._row(into.key), by=by, at=at),
            lambda act: self.twin.merge(this, into, by.id, at, act),
            by, at_once=at_once,
        )  # fmt: skip

    def unmerge(self, one: int, who: int) -> None:
        this = self._idea(one, "merged")
        if this is not None:
            at, by = self._tick(), self._moderator(who)
            self._both(
                lambda: unmerge(self._row(this.key), by=by, at=at),
                lambda act: self.twin.unmerge(this, at, act),
            )

    def mark(self, kind: str, idea: int, value: int, who: int, at_once: bool) -> None:
        on = self._idea(
            idea, *(("published", "hidden", "held") if kind in ("lock", "unlock", "retag") else ())
        )
        if on is None:
            return
        at, by, also = self._tick(), self._moderator(who), {}
        new: Any = {"pin": at, "unpin": None, "lock": True, "unlock": False}.get(kind)
        real: Callable[..., Act] = {
            "pin": pin, "unpin": unpin, "lock": lock_comments, "unlock": unlock_comments,
        }.get(kind, pin)  # fmt: skip
        more: dict[str, Any] = {}
        if kind == "retag":
            new, real = [1 + value % 3, 5], retag
            more = {"kind": "opportunity", "theme_ids": new, "language": "en"}
        elif kind == "answer":
            new, real, words = STATUSES[value % 3], answer_idea, ("", "We will.", "Not yet.")[value % 7 % 3]
            kept = (
                on.marks["answered_at"] if on.marks["answer"] == (words or None) else (at if words else None)
            )
            also = {"answer": words or None, "answered_at": kept}
            more = {"status": new, "text": words}
        self._and_undo(
            lambda: real(self._row(on.key), by=by, at=at, **more),
            lambda act: self.twin.mark(kind, on, new, by.id, at, act, **also),
            by, at_once=at_once,
        )  # fmt: skip

    def set_aside(self, some: set[int], who: int, at_once: bool) -> None:
        chosen = {self.people[one % len(self.people)] for one in some}
        at, by = self._tick(), self._moderator(who)
        self._and_undo(
            lambda: set_aside(self.city, sorted(chosen), sentence="", by=by, at=at),
            lambda act: self.twin.set_aside(chosen, by.id, at, act),
            by, at_once=at_once,
        )  # fmt: skip

    def count_again(self, act: int, who: int) -> None:
        line = self._one([one for one in self.twin.log.values() if one.kind == "set_aside"], act)
        if line is not None:
            at, by = self._tick(), self._moderator(who)
            self._both(
                lambda: count_again(db.session.get_one(Act, line.id), by=by, at=at),
                lambda new: self.twin.count_again(line, at, new),
            )

    def report(self, what: int, who: int) -> None:
        item, by = self._item(what), self._somebody(who)
        if item is not None and by != self.sam:
            at = self._tick()
            self._both(
                lambda: report(self._row(item.key), because=1, sentence="", by=self._user(by), at=at),
                lambda _: self.twin.report(item, by, at, next(self._acts, 0)),
            )

    def object_to(self, act: int) -> None:
        objectionable = [one for one in self.twin.log.values() if one.key and self.twin.item(one.key)]
        line = self._one(
            objectionable, act,
            lambda one: one.kind in ("hide", "hold", "decline", "merge") and not (one.is_undone or one.undoes),
        )  # fmt: skip
        author = self.twin.item(line.key).author if line else None  # type: ignore[union-attr]
        if line is None or author not in self.people:
            return
        at = self._tick()
        self._both(
            lambda: object_to(
                db.session.get_one(Act, line.id), text="This is no advertising.", by=self._user(author), at=at
            ),
            lambda _: self.twin.object_to(line, author, line.by),
        )

    def undo(self, act: int, who: int) -> None:
        line = self._one(
            list(self.twin.log.values())[-12:], act, lambda one: not (one.undoes or one.is_undone)
        )
        if line is not None:
            at, by = self._tick(), self._moderator(who)
            self._both(
                lambda: undo(db.session.get_one(Act, line.id), by=by, at=at),
                lambda new: self.twin.undo(line, by.id, at, new),
            )

    def _tick(self) -> Any:
        return clock.advance(1)

    def _word(self, word: str) -> str:
        self.words += 1
        return f"{word} {self.words:04d}"

    # comparing -------------------------------------------------------------------------------------------

    def compare(self) -> None:
        """The rows are what the twin says, and the counters what the rows say."""
        db.session.rollback()
        here, ideas, comments, upvotes = self.twin, _all(Idea), _all(Comment), _all(Upvote)
        same(
            "ideas", {one.id: one.state for one in ideas}, {key: one.state for key, one in here.ideas.items()}
        )
        same(
            "upvotes",
            sorted((one.idea_id, one.user_id, one.is_counted) for one in upvotes),
            sorted((key, who, who in here.counted(key)) for key in here.ideas for who in here.upvoters(key)),
        )
        for one in upvotes:
            assert one.came_with_id is None or here.ideas[one.came_with_id].into == one.idea_id
        same(
            "comments",
            {one.id: (one.idea_id, one.parent_id, one.state) for one in comments},
            {key: (here.where(one), one.parent, one.state) for key, one in here.comments.items()},
        )
        for one in comments:
            plain = here.comments[one.id]
            if plain.home == plain.written_on:
                same("origin", one.came_with_id, None if one.idea_id == plain.home else plain.home)
        for idea in ideas:
            events = [one.created_at for one in upvotes if one.idea_id == idea.id and one.is_counted]
            events += [
                one.created_at for one in comments if one.idea_id == idea.id and one.state == "published"
            ]
            assert abs(idea.heat - heat_of(events)) < 1e-8, f"heat: {idea.heat}, not {heat_of(events)}"
            self._compare_idea(idea, here.ideas[idea.id])
        assert here.pins() <= twin.PINS
        self._compare_queue()
        aside = select(Participation.user_id).where(Participation.set_aside_at.is_not(None))
        same("aside", set(db.session.scalars(aside)), {who for who, one in here.people.items() if one.aside})

    def _compare_idea(self, idea: Any, plain: twin.Idea) -> None:
        shown = sum(one.state == "published" for one in self.twin.comments_on(idea.id))
        same("merged into", idea.merged_into_id, plain.into)
        assert (idea.state == "merged") == (plain.into is not None)
        same("upvote_count", idea.upvote_count, len(self.twin.counted(idea.id)))
        same("comment_count", idea.comment_count, shown)
        assert idea.pinned_at is None or idea.state == "published", "a place is taken by what nobody sees"
        themes = select(IdeaTheme.theme_id).where(IdeaTheme.idea_id == idea.id).order_by(IdeaTheme.position)
        marks = {name: getattr(idea, name) for name in plain.marks if name != "themes"}
        same("marks", {**marks, "themes": list(db.session.scalars(themes))}, plain.marks)

    def _compare_queue(self) -> None:
        rows = {one.key: one for one in _all(QueueItem) if one.subject in ("idea", "comment")}
        reports = {(one.item_key, one.user_id): (one.outcome, one.weight) for one in _all(Report)}
        objections = {one.act_id: one.outcome for one in _all(Objection)}
        for item in self.twin.items():
            name = ":".join(map(str, item.key))
            row = rows.pop(name, None)
            waiting = (row.needs, row.not_for_id, row.act_id) if row else ("", None, None)
            same(name, waiting, (item.needs, item.not_for, item.last_act))
            if row is not None:
                same(
                    name,
                    row.idea_id,
                    self.twin.where(item) if isinstance(item, twin.Comment) else item.key[1],
                )
            if item.state != "withdrawn":
                same(f"reports of {name}", row.reports if row else 0, item.open_reports)
            for who, said in item.reports.items():
                same(f"report of {name}", reports.pop((name, who)), (said.outcome, said.weight))
            for act, one in item.objections.items():
                same(f"objection to {act}", objections[act], one.outcome)
        assert not rows and not reports, "the queue knows what is gone"

    def snapshot(self) -> dict[str, set[tuple[str, ...]]]:
        """All that an undone act must have brought back: everything but versions, numbers and the log itself."""
        db.session.rollback()
        left_out = {
            Idea: ("version", "last_change", "heat"),
            Comment: ("version",),
            Upvote: (),
            IdeaTheme: (),
            Participation: (),
            Report: (),
            QueueItem: ("stamp", "decisions", "act_id", "settled_at", "id"),
        }
        found: dict[str, set[tuple[str, ...]]] = {}
        for model, but in left_out.items():
            columns = [column for column in model.__table__.columns if column.name not in but]
            found[model.__name__] = {tuple(map(str, row)) for row in db.session.execute(select(*columns))}
            if model is QueueItem:  # an item that nobody had looked at has a row from now on
                found[model.__name__] = {row for row in found[model.__name__] if "" not in row}
        return found


def same(what: str, found: object, due: object) -> None:
    """The two are equal; says which are not."""
    assert found == due, f"{what}: {found!r} on the board, {due!r} on its twin"


def _all(model: Any) -> Any:
    """Its rows, as they are in the database and not as the session has kept them."""
    return db.session.execute(select(*model.__table__.columns)).all()
