"""An idea's page: its text, history, comments and who agrees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, func, literal, select, tuple_, union_all
from sqlalchemy.orm import aliased

from app.accounts.groups import GROUPS, group_label
from app.accounts.models import User
from app.accounts.queries import author_view
from app.cities.models import City
from app.cities.queries import ThemeView, all_themes, city_view
from app.core.clock import now
from app.core.errors import NotThere
from app.core.extensions import db
from app.core.text import markdown
from app.ideas.models import Comment, CommentRevision, Idea, IdeaRevision, Upvote
from app.ideas.policy import can_edit, editable_until
from app.ideas.queries.cards import card_query, cards_of, idea_url
from app.ideas.queries.views import (
    ArticleView,
    CommentThread,
    CommentView,
    GroupCount,
    IdeaCard,
    IdeaPage,
    NeighbourView,
    RevisionView,
)


def idea_page(
    idea: Idea,
    city: City,
    *,
    viewer: User | None,
    share_origin: str,
    watching: int = 0,
    moderates: bool = False,
) -> IdeaPage:
    """Everything on an idea's page; `moderates`: the viewer curates the board.

    A constant number of queries, whatever the number of comments.
    """
    themes = all_themes()
    card = card_of(idea.id, themes)
    return IdeaPage(
        city=city_view(city),
        idea=card,
        text=idea.text,
        body_html=markdown(idea.text),
        groups=group_counts(idea.id),
        comments=threads_of(idea.id, city.time_zone),
        revisions=_revisions(idea.id, themes),
        previous=_neighbour(idea, city, newer=True),
        next=_neighbour(idea, city, newer=False),
        share_url=share_origin + card.url,
        may_edit=can_edit(viewer, idea, now()),
        edit_until=editable_until(idea.created_at),
        answer_html=markdown(idea.answer or ""),
        answered_at=idea.answered_at,
        watching=watching,
        unseen_comments=_unseen_comments(idea.id, None if moderates else viewer, city.time_zone)
        if viewer
        else (),
    )


def article_of(card: IdeaCard) -> ArticleView:
    """The text of an idea whose card is at hand, with its history."""
    text, answer, answered_at = db.session.execute(
        select(Idea.text, Idea.answer, Idea.answered_at).where(Idea.id == card.id)
    ).one()
    return ArticleView(
        idea=card,
        body_html=markdown(text),
        revisions=_revisions(card.id, all_themes()),
        answer_html=markdown(answer or ""),
        answered_at=answered_at,
    )


def card_of(idea_id: int, themes: Sequence[ThemeView] | None = None) -> IdeaCard:
    """One idea's card, whatever its state. Raises NotThere where there is no such idea."""
    rows = db.session.execute(card_query().where(Idea.id == idea_id)).all()
    if not rows:
        raise NotThere()
    return cards_of(rows, themes)[0]


def group_counts(idea_id: int) -> tuple[GroupCount, ...]:
    """Counted upvotes by stakeholder group, every group named, also at nought; last those counted on paper."""
    by_group = (
        select(User.group, func.count())
        .join(Upvote, Upvote.user_id == User.id)
        .where(Upvote.idea_id == idea_id, Upvote.is_counted.is_(True))
        .group_by(User.group)
    )
    on_paper = select(literal("paper"), Idea.paper_upvotes).where(Idea.id == idea_id)
    found = dict(db.session.execute(union_all(by_group, on_paper)).all())
    return (
        *(GroupCount(group, str(group_label(group)), found.get(group, 0)) for group in GROUPS),
        GroupCount("paper", _("On paper"), found.get("paper", 0)),
    )


def threads_of(idea_id: int, time_zone: str) -> tuple[CommentThread, ...]:
    """The public comments with their replies, oldest first; one that is not stays as a mark while it has replies."""
    views = _comment_views(Comment.idea_id == idea_id, time_zone)
    replies: dict[int, list[CommentView]] = defaultdict(list)
    for view in views:
        if view.parent_id is not None and view.state == "published":
            replies[view.parent_id].append(view)
    return tuple(
        CommentThread(view, tuple(replies[view.id]))
        for view in views
        if view.parent_id is None and (view.state == "published" or replies[view.id])
    )


def comment_view(comment_id: int) -> CommentView | None:
    """One published comment of a published idea."""
    zone = db.session.scalar(
        select(City.time_zone)
        .join(Idea, Idea.city_id == City.id)
        .join(Comment, Comment.idea_id == Idea.id)
        .where(Comment.id == comment_id, Idea.state == "published")
    )
    if zone is None:
        return None
    views = _comment_views(Comment.id == comment_id, zone)
    return views[0] if views and views[0].state == "published" else None


def own_comment(comment_id: int, time_zone: str) -> CommentView:
    """A comment with its text, whatever its state. Only for its author."""
    [row] = _with_authors(Comment.id == comment_id)
    return _comment(row, time_zone, (), True)


def public_comments(idea_id: int, comment_ids: Sequence[int], time_zone: str) -> dict[int, CommentView]:
    """Those of these comments that are published on this idea, which is known to be public, by id."""
    on_it = and_(Comment.id.in_(comment_ids), Comment.idea_id == idea_id)  # one may have moved with a merge
    views = _comment_views(on_it, time_zone)
    return {view.id: view for view in views if view.state == "published"}


def _comment_views(condition: Any, time_zone: str) -> list[CommentView]:
    rows = _with_authors(condition)
    edited = [row[0].id for row in rows if row[0].edited_at and row[0].state == "published"]
    revisions = _comment_revisions(edited)
    return [
        _comment(row, time_zone, revisions.get(row[0].id, ()), row[0].state == "published") for row in rows
    ]


def _with_authors(condition: Any) -> Sequence[Any]:
    """Comments, their authors, and the titles of the merged ideas they came with."""
    origin = aliased(Idea)
    return db.session.execute(
        select(Comment, User, origin.title)
        .join(User, User.id == Comment.author_id)
        .outerjoin(origin, and_(origin.id == Comment.came_with_id, origin.state == "merged"))
        .where(condition)
        .order_by(Comment.created_at, Comment.id)
    ).all()


def _unseen_comments(idea_id: int, author: User | None, time_zone: str) -> tuple[CommentView, ...]:
    """The comments on the idea that are held or hidden, by this author; by anybody where that is None."""
    condition = and_(Comment.idea_id == idea_id, Comment.state.in_(("held", "hidden")))
    if author is not None:
        condition = and_(condition, Comment.author_id == author.id)
    return tuple(_comment(row, time_zone, (), True) for row in _with_authors(condition))


def _comment(row: Any, time_zone: str, revisions: tuple[RevisionView, ...], shows_text: bool) -> CommentView:
    comment, author, came_with = row
    text = comment.text if shows_text else ""
    return CommentView(
        id=comment.id,
        idea_id=comment.idea_id,
        parent_id=comment.parent_id,
        author=author_view(author),
        body_html=markdown(text),
        text=text,
        stance=(comment.stance or "") if shows_text else "",
        language=comment.language,
        created_at=comment.created_at,
        edited_at=comment.edited_at,
        state=comment.state,
        version=comment.version,
        time_zone=time_zone,
        editable_until=editable_until(comment.created_at),
        revisions=revisions,
        came_with=(came_with or "") if shows_text else "",
    )


def _comment_revisions(comment_ids: Sequence[int]) -> dict[int, tuple[RevisionView, ...]]:
    if not comment_ids:
        return {}
    found: dict[int, list[RevisionView]] = defaultdict(list)
    for revision in db.session.scalars(
        select(CommentRevision)
        .where(CommentRevision.comment_id.in_(comment_ids))
        .order_by(CommentRevision.comment_id, CommentRevision.number)
    ):
        found[revision.comment_id].append(
            RevisionView(
                number=revision.number,
                at=revision.at,
                title="",
                text=revision.text,
                body_html=markdown(revision.text),
                kind="",
                stance=revision.stance or "",
            )
        )
    return {comment_id: tuple(revisions) for comment_id, revisions in found.items()}


def _revisions(idea_id: int, themes: Sequence[ThemeView]) -> tuple[RevisionView, ...]:
    named = {theme.id: theme for theme in themes}
    return tuple(
        RevisionView(
            number=revision.number,
            at=revision.at,
            title=revision.title,
            text=revision.text,
            body_html=markdown(revision.text),
            kind=revision.kind,
            themes=tuple(
                named[int(key)] for key in revision.theme_ids.split(",") if key and int(key) in named
            ),
        )
        for revision in db.session.scalars(
            select(IdeaRevision).where(IdeaRevision.idea_id == idea_id).order_by(IdeaRevision.number)
        )
    )


def _neighbour(idea: Idea, city: City, *, newer: bool) -> NeighbourView | None:
    here = tuple_(Idea.created_at, Idea.id)
    key = tuple_(idea.created_at, idea.id)
    query = select(Idea.id, Idea.title).where(Idea.city_id == city.id, Idea.state == "published")
    query = (
        query.where(here > key).order_by(Idea.created_at, Idea.id)
        if newer
        else query.where(here < key).order_by(Idea.created_at.desc(), Idea.id.desc())
    )
    row = db.session.execute(query.limit(1)).first()
    return NeighbourView(row[1], idea_url(city.slug, row[0], row[1])) if row else None
