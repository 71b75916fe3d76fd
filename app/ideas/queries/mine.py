"""What one person has contributed: My page, and the download of one's own data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select, true

from app.accounts.models import User
from app.accounts.queries import own_account_data
from app.cities.models import City
from app.cities.policy import can_read_board
from app.core.clock import now
from app.core.extensions import db
from app.core.text import excerpt
from app.ideas.models import Comment, CommentRevision, Idea, IdeaRevision, IdeaTheme, Upvote
from app.ideas.queries.cards import card_query, cards_of, idea_url
from app.ideas.queries.views import MyPage, OwnComment, OwnUpvote

SHOWN = 100
_more: dict[str, Callable[[User], Any]] = {}


def also_of_own(name: str, kept: Callable[[User], Any]) -> None:
    """Let the download of one's own data hold `kept(user)`, plain data, under `name`: what higher floors keep."""
    _more[name] = kept


def my_page(user: User) -> MyPage:
    """A person's latest hundred ideas, comments and upvotes. The download has them all.

    What others wrote is named only on boards that the person may read now.
    """
    readable = true() if can_read_board(user, False, now()) else City.is_public.is_(True)
    ideas = db.session.execute(
        card_query()
        .where(Idea.author_id == user.id, Idea.state != "withdrawn")
        .order_by(Idea.created_at.desc(), Idea.id.desc())
        .limit(SHOWN)
    ).all()
    comments = db.session.execute(
        select(Comment, Idea.id, Idea.title, City.slug, City.time_zone)
        .join(Idea, Idea.id == Comment.idea_id)
        .join(City, City.id == Idea.city_id)
        .where(
            Comment.author_id == user.id, Comment.state != "withdrawn", Idea.state == "published", readable
        )
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .limit(SHOWN)
    ).all()
    upvotes = db.session.execute(
        select(Upvote, Idea.id, Idea.title, City.slug, City.name, City.time_zone)
        .join(Idea, Idea.id == Upvote.idea_id)
        .join(City, City.id == Idea.city_id)
        .where(Upvote.user_id == user.id, Idea.state == "published", readable)
        .order_by(Upvote.created_at.desc(), Upvote.idea_id.desc())
        .limit(SHOWN)
    ).all()
    return MyPage(
        ideas=tuple(cards_of(ideas)),
        comments=tuple(
            OwnComment(
                idea_title=title,
                url=f"{idea_url(slug, idea_id, title)}#comment-{comment.id}",
                excerpt=excerpt(comment.text, 160),
                created_at=comment.created_at,
                state=comment.state,
                time_zone=zone,
            )
            for comment, idea_id, title, slug, zone in comments
        ),
        upvotes=tuple(
            OwnUpvote(
                idea_title=title,
                url=idea_url(slug, idea_id, title),
                city_name=name,
                is_counted=upvote.is_counted,
                created_at=upvote.created_at,
                time_zone=zone,
            )
            for upvote, idea_id, title, slug, name, zone in upvotes
        ),
        more=SHOWN in (len(ideas), len(comments), len(upvotes)),
    )


def own_data(user: User) -> dict[str, Any]:
    """Everything kept about a person, as plain data for JSON; moments in ISO 8601, UTC."""
    return {
        "account": own_account_data(user),
        "ideas": [_idea_data(idea) for idea in db.session.scalars(_by(user, Idea))],
        "comments": [_comment_data(comment) for comment in db.session.scalars(_by(user, Comment))],
        "upvotes": [
            {
                "idea": upvote.idea_id,
                "counted": upvote.is_counted,
                "created_at": upvote.created_at.isoformat(),
            }
            for upvote in db.session.scalars(
                select(Upvote).where(Upvote.user_id == user.id).order_by(Upvote.created_at)
            )
        ],
        **{name: kept(user) for name, kept in _more.items()},
    }


def _by(user: User, model: Any) -> Any:
    return select(model).where(model.author_id == user.id).order_by(model.id)


def _idea_data(idea: Idea) -> dict[str, Any]:
    return {
        "id": idea.id,
        "city": db.session.get_one(City, idea.city_id).slug,
        "kind": idea.kind,
        "title": idea.title,
        "text": idea.text,
        "language": idea.language,
        "themes": list(
            db.session.scalars(
                select(IdeaTheme.theme_id).where(IdeaTheme.idea_id == idea.id).order_by(IdeaTheme.position)
            )
        ),
        "state": idea.state,
        "status": idea.status,
        "upvotes": idea.upvote_count,
        "created_at": idea.created_at.isoformat(),
        "edited_at": idea.edited_at.isoformat() if idea.edited_at else None,
        "revisions": [
            {"at": revision.at.isoformat(), "title": revision.title, "text": revision.text}
            for revision in db.session.scalars(
                select(IdeaRevision).where(IdeaRevision.idea_id == idea.id).order_by(IdeaRevision.number)
            )
        ],
    }


def _comment_data(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "idea": comment.idea_id,
        "reply_to": comment.parent_id,
        "text": comment.text,
        "stance": comment.stance,
        "language": comment.language,
        "state": comment.state,
        "created_at": comment.created_at.isoformat(),
        "edited_at": comment.edited_at.isoformat() if comment.edited_at else None,
        "revisions": [
            {"at": revision.at.isoformat(), "text": revision.text}
            for revision in db.session.scalars(
                select(CommentRevision)
                .where(CommentRevision.comment_id == comment.id)
                .order_by(CommentRevision.number)
            )
        ],
    }
