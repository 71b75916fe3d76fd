"""An idea or a comment as it is quoted on the pages where somebody decides or complains about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from app.accounts.queries import AuthorView, author_view
from app.cities.models import City
from app.core.text import markdown
from app.ideas.models import Comment, Idea
from app.ideas.queries.cards import idea_url


@dataclass(frozen=True)
class QuoteView:
    """What was said, by whom, when; `url` leads to it. A comment's `title` is that of its idea."""

    subject: str
    id: int
    title: str
    body_html: Markup
    language: str
    author: AuthorView
    created_at: datetime
    time_zone: str
    url: str


def quoted(item: Idea | Comment, city: City) -> QuoteView:
    """The item as it stands now. Whether the reader may see it has been decided before."""
    idea = item.idea if isinstance(item, Comment) else item
    url = idea_url(city.slug, idea.id, idea.title)
    is_comment = isinstance(item, Comment)
    return QuoteView(
        subject="comment" if is_comment else "idea",
        id=item.id,
        title=idea.title,
        body_html=markdown(item.text),
        language=item.language,
        author=author_view(item.author),
        created_at=item.created_at,
        time_zone=city.time_zone,
        url=f"{url}#comment-{item.id}" if is_comment else url,
    )
