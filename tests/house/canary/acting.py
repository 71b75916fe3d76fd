"""Everything that takes something out of sight, and everything that brings it back."""

from __future__ import annotations

from collections.abc import Callable

from app.accounts.models import User
from app.core import clock
from app.ideas.actions.posting import withdraw_idea
from app.moderation.actions.deciding import approve, decline, hide, keep, restore
from app.moderation.actions.merging import merge_ideas, unmerge
from app.moderation.actions.objecting import object_to
from app.moderation.actions.reporting import report
from app.moderation.actions.undoing import undo
from app.moderation.models import Act
from tests.house.canary.board import Board
from tests.house.canary.planting import word

SHOWN_BY_UNDOING = (["hidden", "onhidden"], ["hiddencomment"], ["target", "merged", "onmerged"])


def take_away(board: Board, make_user: Callable[..., User]) -> list[Act]:
    """Moderators, authors and the reports of participants take things out of sight. Returns what can be undone."""
    items, mo, at = board.items, board.people["mo"], clock.now()

    def hidden(item: str, *also: str) -> Act:
        return board.do(lambda: hide(items[item], because=1, sentence="", by=mo, at=at), hides=[item, *also])

    board.do(lambda: keep(items["withdrawn"], by=mo, at=at))
    board.do(
        lambda: withdraw_idea(items["withdrawn"], by=items["withdrawn"].author, at=at), hides=["withdrawn"]
    )
    hidden("toms")
    hiding = hidden("hidden", "onhidden")
    objection = word("objection", "text")
    board.do(lambda: object_to(hiding, text=objection, by=items["hidden"].author, at=at))
    for item in ("reported", "reportedcomment"):
        for name in ("Ria", "Rob"):
            _report(board, item, make_user(name), hides=[item] if name == "Rob" else [])
        assert items[item].state == "held"
    hiding_of_comment = hidden("hiddencomment")
    board.do(lambda: merge_ideas(items["merged"], into=items["target"], by=mo, at=at))
    hiding_of_target = hidden("target", "merged", "onmerged")
    for item in ("declined", "declinedcomment"):
        board.do(lambda item=item: decline(items[item], because=1, sentence="", by=mo, at=at))
    return [hiding, hiding_of_comment, hiding_of_target]


def _report(board: Board, item: str, by: User, hides: list[str]) -> None:
    sentence, at = word("report", "text"), clock.now()
    board.do(lambda: report(board.items[item], because=1, sentence=sentence, by=by, at=at), hides=hides)


def bring_back(board: Board, undoable: list[Act]) -> None:
    """Everything is public that can be."""
    items, mo, at = board.items, board.people["mo"], clock.now()
    for act, names in reversed(list(zip(undoable, SHOWN_BY_UNDOING, strict=True))):
        board.do(lambda act=act: undo(act, by=mo, at=at), shows=names)
    board.do(lambda: unmerge(items["merged"], by=mo, at=at))
    for item in ("reported", "reportedcomment", "waiting", "waitingcomment"):
        board.do(lambda item=item: approve(items[item], by=mo, at=at), shows=[item])
    for item in ("declined", "declinedcomment"):
        board.do(lambda item=item: restore(items[item], by=mo, at=at), shows=[item])
