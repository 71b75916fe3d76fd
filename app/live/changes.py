"""A change of a board, told to those who have the board or the idea open: rendered once for each language heard."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import force_locale

from app.core.config import LANGUAGES
from app.ideas.events import BoardChanged
from app.ideas.queries.cards import published_cards
from app.ideas.queries.changes import board_message, idea_message
from app.live.rooms import Emit
from app.live.topics import board_topic, idea_topic


def tell_change(event: BoardChanged, emit: Emit, is_heard: Callable[[str], bool]) -> None:
    """Say it in every language somebody hears it in, and render nothing for the others."""
    for language in LANGUAGES:
        board, idea = board_topic(event.city_id, language), idea_topic(event.idea_id, language)
        on_board, on_idea = is_heard(board), is_heard(idea)
        if not on_board and not on_idea:
            continue
        with force_locale(language):
            if on_board:
                cards = published_cards([event.idea_id])
                message = board_message(
                    number=event.number,
                    kind=event.kind,
                    idea_id=event.idea_id,
                    comment_id=event.comment_id,
                    card=cards[0] if cards else None,
                )
                emit("change", message, board)
            if on_idea:
                message = idea_message(
                    number=event.number,
                    previous=event.previous,
                    kind=event.kind,
                    idea_id=event.idea_id,
                    comment_id=event.comment_id,
                )
                emit("change", message, idea)
