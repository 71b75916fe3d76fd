"""Fragments are kept in their newest version only: a busy idea takes no more memory than a quiet one."""

from __future__ import annotations

from app.ideas.actions.commenting import edit_comment
from app.ideas.actions.upvoting import take_back_upvote, upvote
from tests.boards import post, say


def kept(app):
    """How many fragments and views are kept, by the name of their cache."""
    caches = {name: app.extensions[name] for name in ("kept_cards", "kept_bodies", "kept_comments")}
    return {name: len(cache.fragments) for name, cache in caches.items()} | {
        "kept_views": len(app.extensions["kept_views"])
    }


def test_an_idea_that_changes_again_and_again_is_kept_once(app, client, city, make_user, clock):
    mara, tom = make_user("Mara Quist"), make_user("Tom Stork")
    idea = post(city, mara)
    comment = say(idea, tom, "I would ride there every day.")
    sizes = []
    for number in range(6):
        at = clock.now()
        edit_comment(comment, f"I would ride there {number} times a day.", stance=None, by=tom, at=at)
        upvote(idea, by=tom, at=at)
        client.get("/rotterdam")
        take_back_upvote(idea, by=tom, at=at)
        client.get("/rotterdam")
        client.get(f"/rotterdam/ideas/{idea.id}", follow_redirects=True)
        client.get(f"/rotterdam/changes?since=1&idea={idea.id}")
        sizes.append(kept(app))
    assert sizes[-1] == sizes[0], sizes
