"""What the rows of the table are about: made when a row asks for it, and kept until something has changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from app.accounts.models import User
from app.cities.actions.moderating import appoint
from app.cities.actions.workshops import set_workshop
from app.cities.models import City, Workshop
from app.core import clock
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.posting import withdraw_idea
from app.ideas.models import Comment, Idea
from app.moderation.actions.answering import answer_idea, draft_answer
from app.moderation.actions.banning import ban
from app.moderation.actions.deciding import hide, hold
from app.moderation.actions.marking import lock_comments
from app.moderation.actions.merging import merge_ideas
from app.moderation.actions.queueing import raise_alert
from app.moderation.actions.setting_aside import set_aside
from app.moderation.actions.undoing import undo
from app.moderation.items import key_of
from app.moderation.models import QueueItem
from app.notices.models import Notice
from app.workshops.actions.screening import begin_pairing, make_screen, revoke
from app.workshops.actions.tallying import tally
from app.workshops.models import PaperTally, Screen
from tests.boards import post, say
from tests.conftest import PASSWORD
from tests.rooms import join, workshop_in

REASON = 1
NAMES = {"en": "Water", "de": "Wasser", "fr": "Eau", "nl": "Water", "zh": "水"}
WHY = {"reason": str(REASON), "sentence": "For the test."}

FORMS: dict[str, dict[str, Any]] = {
    "": {},
    "json": {},
    "address": {"email": "x@example.org"},
    "answer": {"status": "shortlisted", "text": "We look into it."},
    "appointed": {"email": "{address}"},
    "approve": {"act": "approve"},
    "ban": {"act": "ban", "until": "{tomorrow}", **WHY},
    "ban_here": {"city": "rotterdam", "until": "{tomorrow}", **WHY},
    "blank": {"mode": "blank"},
    "budget": {"upvote_budget": "5"},
    "city": {"name": "Rotterdam", "time_zone": "Europe/Amsterdam", "language": "nl"},
    "clearing": {"act": "remove"},
    "completion": {"email": "x@example.org", "password": "violet tram on a bridge"},
    "decline": {"act": "decline", **WHY},
    "dismiss": {"act": "dismiss"},
    "drafts": {"ideas": "{drafted}"},
    "edition": {"motto": "Cities in Progress", "year": "2018"},
    "follows": {"follows": "on"},
    "guess": {"password": "guessed"},
    "hall": {"name": "Main hall"},
    "hands": {"upvotes": "12"},
    "here": {"city": "rotterdam"},
    "hide": {"act": "hide", **WHY},
    "hide_unreasoned": {"act": "hide"},
    "hold": {"act": "hold", **WHY},
    "idea": {"kind": "challenge", "title": "Trams wait for cars", "text": "", "themes": ["1"]},
    "keep": {"act": "keep", "seen": "0"},
    "keep_many": {"items": "{item}", "act": "keep"},
    "language": {"language": "en"},
    "lift_ban": {"act": "lift_ban"},
    "lit": {"idea": "{idea}"},
    "lock": {"act": "lock"},
    "mail": {"mail": "daily"},
    "merge": {"into": "{target}"},
    "merge_into_berlin": {"into": "{in_berlin}"},
    "minutes": {"act": "start", "minutes": "5"},
    "names": NAMES,
    "newcomer": {"name": "Nadia", "group": "student", "email": "", "consent": "y"},
    "newest": {"newest": "1"},
    "objection": {"text": "It broke no rule at all."},
    "paper_idea": {
        "group": "student",
        "kind": "challenge",
        "title": "Trams wait for cars",
        "text": "",
        "themes": ["1"],
    },
    "password": {"password": PASSWORD},
    "pin": {"act": "pin"},
    "reason": WHY,
    "remove": {"act": "remove"},
    "restore": {"act": "restore"},
    "reveal": {"to": "reveal"},
    "rules": {"posting": "open", "moderation": "after", "readers": "public"},
    "set_aside": {"act": "set_aside", "users": "{person}"},
    "shown_code": {"code": "{pairing_code}"},
    "tags": {"kind": "challenge", "themes": ["2"], "language": "nl"},
    "text": {"text": "Hello"},
    "unlock": {"act": "unlock"},
    "unmerge": {"do": "unmerge"},
    "unverify": {"act": "unverify"},
    "up": {"act": "up"},
    "upvote": {"upvote": "on"},
    "verify": {"act": "verify"},
    "verify_here": {"act": "verify", "city": "rotterdam"},
    "wall": {"mode": "wall"},
    "workshop": {"audience": "students"},
}


class Things(dict[str, Any]):
    """`things["hidden"]`: the id of a hidden idea of the author's, made at the first question."""

    def __init__(self, cities: dict[str, City], make_user: Callable[..., User]) -> None:
        super().__init__()
        self.cities, self.make_user = cities, make_user
        self.author = make_user("Mara", group="company")

    def __missing__(self, name: str) -> Any:
        made = getattr(self, f"_{name}")()
        self[name] = made if isinstance(made, (int, str)) else made.id
        return self[name]

    # people ------------------------------------------------------------------------------------------

    def _takes_part(self, **more: Any) -> User:
        user = self.make_user("Mia", group="company", **more)
        post(self.cities["rotterdam"], user, "Ferries at night too")
        return user

    def _person(self) -> User:
        post(self.cities["rotterdam"], self.author)
        return self.author

    def _stranger(self) -> User:
        return self.make_user("Stan")

    def _verified(self) -> User:
        return self._takes_part(verified=True)

    def _organiser(self) -> User:
        return self._takes_part(organiser=True)

    def _moderator(self) -> User:
        return self._moderator_of("rotterdam")

    def _their_moderator(self) -> User:
        return self._moderator_of("berlin")

    def _moderator_of(self, slug: str) -> User:
        user = self._takes_part()
        appoint(self.cities[slug], user, clock.now())
        return user

    def _banned(self) -> User:
        user = self._takes_part()
        self._ban(user)
        return user

    def _address(self) -> str:
        return self.make_user("Ines").email or ""

    def _tomorrow(self) -> str:
        return (clock.now() + timedelta(days=2)).date().isoformat()

    # ideas -------------------------------------------------------------------------------------------

    def _post(self, slug: str = "rotterdam", minutes_ago: int = 0) -> Idea:
        return post(self.cities[slug], self.author, at=clock.now() - timedelta(minutes=minutes_ago))

    def _idea(self) -> Idea:
        return self._post()

    def _old(self) -> Idea:
        return self._post(minutes_ago=16)

    def _in_berlin(self) -> Idea:
        return self._post("berlin")

    def _paused_idea(self) -> Idea:
        return self._open_for_a_moment("melbourne")

    def _before_idea(self) -> Idea:
        return self._open_for_a_moment("shenzhen")

    def _waiting(self) -> Idea:
        return self._post("shenzhen")

    def _members_idea(self) -> Idea:
        return self._post("los-angeles")

    def _members_hidden(self) -> Idea:
        return self._hide(self._post("los-angeles"))

    def _held(self) -> Idea:
        idea = self._post()
        hold(idea, because=REASON, sentence="", by=None, at=clock.now())
        return idea

    def _hidden(self) -> Idea:
        return self._hide(self._post())

    def _withdrawn(self) -> Idea:
        idea = self._post()
        withdraw_idea(idea, by=self.author, at=clock.now())
        return idea

    def _answered(self) -> Idea:
        idea = self._post()
        answer_idea(idea, status="shortlisted", text="We look into it.", by=None, at=clock.now())
        return idea

    def _drafted(self) -> Idea:
        idea = self._post()
        draft_answer(
            idea, status="shortlisted", text="We look into it.", by=self.make_user("Olga", organiser=True),
            at=clock.now(),
        )  # fmt: skip
        return idea

    def _locked(self) -> Idea:
        idea = self._post()
        lock_comments(idea, by=None, at=clock.now())
        return idea

    def _target(self) -> Idea:
        return post(self.cities["rotterdam"], self.make_user("Theo"), "Bicycles have no room")

    def _merged(self) -> Idea:
        return self._merge()[0]

    def _merged_into_hidden(self) -> Idea:
        duplicate, target = self._merge()
        self._hide(target)
        return duplicate

    # comments ----------------------------------------------------------------------------------------

    def _comment(self) -> Comment:
        return say(self._target(), self.author)

    def _members_comment(self) -> Comment:
        return say(self._post("los-angeles"), self.author)

    def _held_comment(self) -> Comment:
        comment = self._comment()
        hold(comment, because=REASON, sentence="", by=None, at=clock.now())
        return comment

    def _hidden_comment(self) -> Comment:
        comment = self._comment()
        hide(comment, because=REASON, sentence="", by=None, at=clock.now())
        return comment

    def _comment_on_hidden(self) -> Comment:
        comment = self._comment()
        self._hide(comment.idea)
        return comment

    # acts, the queue, notices ------------------------------------------------------------------------

    def _hiding(self) -> Any:
        return hide(self._post(), because=REASON, sentence="", by=None, at=clock.now())

    def _hiding_of_comment(self) -> Any:
        return hide(self._comment(), because=REASON, sentence="", by=None, at=clock.now())

    def _old_hiding(self) -> Any:
        at = clock.now() - timedelta(minutes=11)
        return hide(self._post(minutes_ago=20), because=REASON, sentence="", by=None, at=at)

    def _undone(self) -> Any:
        act = self._hiding()
        undo(act, by=self.make_user("Olga", organiser=True), at=clock.now())
        return act

    def _banning(self) -> Any:
        return self._ban(self._takes_part())

    def _setting_aside(self) -> Any:
        who = self._takes_part()
        return set_aside(self.cities["rotterdam"], [who.id], sentence="", by=None, at=clock.now())

    def _item(self) -> QueueItem:
        return db.session.scalars(select(QueueItem).where(QueueItem.key == key_of(self._post()))).one()

    def _alert(self) -> QueueItem:
        idea_id = self["idea"]
        seen = {"what": "copies", "count": 3, "minutes": 60, "user_ids": [self["person"]],
                "idea_ids": [idea_id], "comment_ids": []}  # fmt: skip
        with unit_of_work():
            raise_alert(self.cities["rotterdam"].id, f"copies:idea:{idea_id}", seen, clock.now())
        return db.session.scalars(select(QueueItem).order_by(QueueItem.id.desc()).limit(1)).one()

    def _notice(self) -> Notice:
        say(self._post(), self.make_user("Tom"), "Why not on both sides?")
        return db.session.scalars(select(Notice).order_by(Notice.id.desc()).limit(1)).one()

    # workshops ---------------------------------------------------------------------------------------

    def _workshop(self) -> str:
        set_workshop(self.cities["rotterdam"], 1, audience="students")
        return "1"

    def _open_workshop(self, phase: str) -> Workshop:
        city = self.cities["rotterdam"]
        last = db.session.scalar(select(func.max(Workshop.number)).where(Workshop.city_id == city.id)) or 1
        return workshop_in(city, phase, number=last + 1, email_is_optional=True)

    def _code(self) -> str:
        return str(self._open_workshop("collect").join_code)

    def _voting(self) -> str:
        return str(self._open_workshop("vote").number)

    def _closed(self) -> str:
        return str(self._open_workshop("closed").number)

    def _in_vote(self) -> Workshop:
        number = int(self["voting"])
        return next(one for one in self.cities["rotterdam"].workshops if one.number == number)

    def _attendee(self) -> User:
        attendee = self.make_user("Nora")
        join(self._in_vote(), attendee)
        return attendee

    def _tally(self) -> PaperTally:
        olga = self.make_user("Olga", organiser=True)
        return tally(self._in_vote(), self._target(), 5, by=olga, at=clock.now())

    # screens -----------------------------------------------------------------------------------------

    def _a_screen(self, slug: str = "rotterdam") -> tuple[Screen, str]:
        olga = self.make_user("Olga", organiser=True)
        return make_screen(self.cities[slug], name="Main hall", by=olga, at=clock.now())

    def _screen(self) -> Screen:
        return self._a_screen()[0]

    def _screen_in_berlin(self) -> Screen:
        return self._a_screen("berlin")[0]

    def _revoked(self) -> Screen:
        screen, self["revoked_link"] = self._a_screen()
        revoke(screen, by=self.make_user("Olga", organiser=True), at=clock.now())
        return screen

    def _revoked_link(self) -> str:
        self["revoked"] = self._revoked().id
        return str(self["revoked_link"])

    def _link(self) -> str:
        return self._a_screen()[1]

    def _link_in_los_angeles(self) -> str:
        return self._a_screen("los-angeles")[1]

    def _pairing_code(self) -> str:
        return begin_pairing(clock.now())[0].code

    # the organiser's ---------------------------------------------------------------------------------

    def _edition(self) -> int:
        return self.cities["rotterdam"].edition_id

    def _theme(self) -> str:
        return "3"

    def _reason(self) -> str:
        return "3"

    # how -----------------------------------------------------------------------------------------------

    def _open_for_a_moment(self, slug: str) -> Idea:
        """An idea of the author's that is public on a board whose rules would not let it."""
        city = self.cities[slug]
        kept = city.posting_is_open, city.moderation
        self._rules(city, True, "after")
        idea = self._post(slug)
        self._rules(city, *kept)
        return idea

    @staticmethod
    def _rules(city: City, posting_is_open: bool, moderation: str) -> None:
        with unit_of_work():
            city.posting_is_open, city.moderation = posting_is_open, moderation

    @staticmethod
    def _hide(idea: Idea) -> Idea:
        hide(idea, because=REASON, sentence="", by=None, at=clock.now())
        return idea

    def _merge(self) -> tuple[Idea, Idea]:
        duplicate, target = self._post(), self._target()
        merge_ideas(duplicate, into=target, by=None, at=clock.now())
        return duplicate, target

    def _ban(self, who: User) -> Any:
        return ban(
            who, self.cities["rotterdam"], until=clock.now() + timedelta(days=3), because=REASON, sentence="",
            by=None, at=clock.now(),
        )  # fmt: skip
