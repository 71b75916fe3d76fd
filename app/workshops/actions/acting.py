"""What somebody simulated does in a workshop: through the same actions, and by the same rules, as everybody.

They speak only to ideas of the workshop itself. What stood on the board before stays as its people left it.
"""

from __future__ import annotations

from datetime import datetime
from random import Random

from sqlalchemy import Select, func, select

from app.accounts.actions.registering import add_pseudonymous
from app.accounts.models import User
from app.cities.models import City, Theme, Workshop
from app.core.extensions import db
from app.core.unit_of_work import unit_of_work
from app.ideas.actions.commenting import post_comment
from app.ideas.actions.posting import Draft, post_idea
from app.ideas.actions.upvoting import take_back_upvote, upvote
from app.ideas.models import Comment, Idea, IdeaTheme, Upvote
from app.ideas.rooms import given_in
from app.workshops.actions.joining import join
from app.workshops.actions.rehearsing import hold_stage
from app.workshops.cast import Part, sample_comments, sample_ideas

IDEAS_EACH, COMMENTS_EACH, UPVOTES_EACH = 2, 4, 5
"""At most; upvotes where the workshop has no budget."""
CHANGES_MIND, REPLIES = 0.08, 0.3


def come_in(workshop_id: int, run: str, part: Part, *, at: datetime) -> int:
    """Join with the code as it is now; who was there before comes back. Returns the id of the person."""
    key = f"rehearsal/{workshop_id}/person-{part.number}"
    with unit_of_work():
        workshop = hold_stage(workshop_id, run)
        user = db.session.scalar(select(User).where(User.import_key == key)) or add_pseudonymous(
            part.name, at, origin="sample", import_key=key, group=part.group, language=part.language
        )
        join(workshop, str(workshop.join_code), by=user, at=at)
        return user.id


def act(workshop_id: int, run: str, user_id: int, *, at: datetime, chance: Random) -> None:
    """Do one thing that the phase asks for, if one is left to do. Raises as the action does, NotThere when over."""
    with unit_of_work():
        workshop = hold_stage(workshop_id, run)
        user = db.session.get_one(User, user_id)
        if workshop.phase == "collect":
            _post(workshop, user, at, chance)
        elif workshop.phase == "discuss":
            _say(workshop, user, at, chance)
        elif workshop.phase == "vote":
            _vote(workshop, user, at, chance)


def _post(workshop: Workshop, user: User, at: datetime, chance: Random) -> None:
    here = f"rehearsal/{workshop.id}/idea-"
    if _many(select(Idea.id).where(Idea.author_id == user.id)) >= IDEAS_EACH:
        return
    said = set(db.session.scalars(select(Idea.import_key).where(Idea.import_key.startswith(here))))
    left = [one for one in sample_ideas() if one.language == user.language and f"{here}{one.key}" not in said]
    if not left:
        return
    chosen = chance.choice(left)
    city = db.session.get_one(City, workshop.city_id)
    draft = Draft(chosen.kind, chosen.title, chosen.text, _themes(chosen.themes), chosen.language)
    idea = post_idea(city, draft, by=user, at=at)
    idea.import_key = f"{here}{chosen.key}"
    db.session.flush()


def _themes(keys: tuple[str, ...]) -> list[int]:
    """Those of these themes that are still in use, else the first that is."""
    in_use = dict(
        db.session.execute(
            select(Theme.key, Theme.id).where(Theme.is_retired.is_(False)).order_by(Theme.position)
        ).all()
    )
    return [in_use[key] for key in keys if key in in_use] or list(in_use.values())[:1]


def _say(workshop: Workshop, user: User, at: datetime, chance: Random) -> None:
    if _many(select(Comment.id).where(Comment.author_id == user.id)) >= COMMENTS_EACH:
        return
    ideas = list(db.session.scalars(_ideas(workshop)))
    lit = [idea for idea in ideas if idea.id == workshop.spotlight_id]
    if not ideas:
        return
    idea = lit[0] if lit and chance.random() < 0.8 else chance.choice(ideas)
    here = f"rehearsal/{workshop.id}/comment-{idea.id}-"
    said = set(db.session.scalars(select(Comment.import_key).where(Comment.import_key.startswith(here))))
    left = [
        one for one in sample_comments() if one.language == user.language and f"{here}{one.key}" not in said
    ]
    if not left:
        return
    chosen = chance.choice(left)
    above = db.session.scalars(
        select(Comment.id).where(
            Comment.idea_id == idea.id, Comment.state == "published", Comment.parent_id.is_(None)
        )
    ).all()
    comment = post_comment(
        idea,
        chosen.text,
        stance=chosen.stance,
        language=chosen.language,
        by=user,
        at=at,
        parent_id=chance.choice(above) if above and chance.random() < REPLIES else None,
    )
    comment.import_key = f"{here}{chosen.key}"
    db.session.flush()


def _vote(workshop: Workshop, user: User, at: datetime, chance: Random) -> None:
    mine = set(db.session.scalars(select(Upvote.idea_id).where(Upvote.user_id == user.id)))
    given = given_in(workshop, user.id)
    if given and chance.random() < CHANGES_MIND:
        again = select(Idea).where(Idea.id.in_(mine), Idea.state == "published").order_by(Idea.id)
        regretted = list(db.session.scalars(again))
        if regretted:
            take_back_upvote(chance.choice(regretted), by=user, at=at)
        return
    if given >= (workshop.upvote_budget or UPVOTES_EACH):
        return
    open_to = [idea for idea in db.session.scalars(_ideas(workshop)) if idea.id not in mine]
    open_to = [idea for idea in open_to if idea.author_id != user.id]
    if open_to:
        weights = _leanings(user.group, open_to)
        upvote(chance.choices(open_to, weights)[0], by=user, at=at)


def _leanings(group: str, ideas: list[Idea]) -> list[int]:
    """How much a group cares for each idea: always the same, and not the same for all, so that groups differ."""
    themes: dict[int, int] = dict(
        db.session.execute(
            select(IdeaTheme.idea_id, IdeaTheme.theme_id).where(
                IdeaTheme.idea_id.in_([idea.id for idea in ideas]), IdeaTheme.position == 0
            )
        ).all()
    )
    return [
        1 + 3 * Random(f"{group}/{themes.get(idea.id)}").randrange(4)  # noqa: S311  nothing secret hangs on it
        for idea in ideas
    ]


def _ideas(workshop: Workshop) -> Select[Idea]:
    return select(Idea).where(Idea.workshop_id == workshop.id, Idea.state == "published").order_by(Idea.id)


def _many(query: Select[int]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
