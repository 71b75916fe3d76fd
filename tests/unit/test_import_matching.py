"""Rows laid against each other and against what is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.ideas.importing.matching import Known, Sheets, match
from app.ideas.importing.rows import CommentRow, IdeaRow, Sheet, UpvoteRow

START = datetime(2026, 1, 1, tzinfo=UTC)


def _idea(name: str, author: str = "Mara", day: int = 0, group: str = "resident") -> IdeaRow:
    return IdeaRow(
        line=2,
        id=name,
        author=author,
        kind="challenge",
        title="Trucks on the lane",
        text="",
        themes=("freight",),
        language="en",
        created_at=START + timedelta(days=day),
        group=group,
        affiliation="",
        status="new",
        workshop=None,
        on_paper=False,
    )


def _comment(
    name: str,
    parent: str = "",
    idea: str = "1",
    author: str = "Joost",
    day: int = 1,
    stance: str | None = None,
) -> CommentRow:
    return CommentRow(3, name, idea, parent, author, "Hello", stance, "en", START + timedelta(days=day))


def _sheets(
    ideas: list[IdeaRow], comments: list[CommentRow], upvotes: list[UpvoteRow] | None = None
) -> Sheets:
    return Sheets(
        Sheet("ideas.csv", ideas), Sheet("comments.csv", comments), Sheet("upvotes.csv", upvotes or [])
    )


def test_replies_to_replies_join_the_thread_of_the_first_comment() -> None:
    comments = [
        _comment("d", "c", day=4),
        _comment("c", "b", day=3),
        _comment("b", "a", day=2),
        _comment("a"),
    ]
    matched = match(_sheets([_idea("1")], comments), Known())
    assert [(new.row.id, new.thread) for new in matched.comments] == [
        ("a", ""),
        ("b", "a"),
        ("c", "a"),
        ("d", "a"),
    ]
    assert matched.replies_folded == 2


def test_comments_that_reply_to_each_other_in_a_circle_are_left_out() -> None:
    comments = [_comment("a", "c"), _comment("b", "a"), _comment("c", "b"), _comment("d")]
    matched = match(_sheets([_idea("1")], comments), Known())
    assert [new.row.id for new in matched.comments] == ["d"]
    assert {problem.column for problem in matched.problems} == {"parent"}


def test_a_reply_to_a_comment_on_another_idea_is_left_out_with_all_that_follows_it() -> None:
    comments = [_comment("a", idea="2"), _comment("b", "a"), _comment("c", "b")]
    matched = match(_sheets([_idea("1"), _idea("2")], comments), Known())
    assert [new.row.id for new in matched.comments] == ["a"]
    assert len(matched.problems) == 2


def test_a_reply_has_no_stance() -> None:
    matched = match(_sheets([_idea("1")], [_comment("a"), _comment("b", "a", stance="support")]), Known())
    assert [problem.column for problem in matched.problems] == ["stance"]


def test_what_refers_to_nothing_is_left_out() -> None:
    upvotes = [UpvoteRow(5, "9", "Joost", START)]
    matched = match(_sheets([_idea("1")], [_comment("a", idea="9")], upvotes), Known())
    assert [(problem.file, problem.column) for problem in matched.problems] == [
        ("comments.csv", "idea"),
        ("upvotes.csv", "idea"),
    ]


def test_nobody_upvotes_their_own_idea_or_one_twice() -> None:
    upvotes = [
        UpvoteRow(line, "1", author, START) for line, author in enumerate(["Mara", "Joost", "Joost"], 2)
    ]
    matched = match(_sheets([_idea("1")], [], upvotes), Known())
    assert [upvote.author for upvote in matched.upvotes] == ["Joost"]
    assert (matched.upvotes_of_own_idea, matched.upvotes_repeated) == (1, 1)


def test_what_is_there_already_is_counted_and_left_alone() -> None:
    known = Known({"Mara", "Joost"}, {"1": "Mara"}, {"a": ("1", "a"), "b": ("1", "a")}, {("1", "Joost")})
    upvotes = [
        UpvoteRow(2, "1", "Joost", START),
        UpvoteRow(3, "1", "Mara", START),
        UpvoteRow(4, "1", "Li", START),
    ]
    comments = [_comment("a"), _comment("b", "a"), _comment("c", "b", author="Li")]
    matched = match(_sheets([_idea("1", author="Somebody else")], comments, upvotes), known)
    assert (matched.ideas, matched.ideas_known, matched.comments_known, matched.upvotes_known) == (
        [],
        1,
        2,
        1,
    )
    assert [(new.row.id, new.thread) for new in matched.comments] == [("c", "a")], (
        "a reply to a reply that was there"
    )
    assert matched.upvotes_of_own_idea == 1, "the author of the first import counts"
    assert [person.id for person in matched.people] == ["Li"]


def test_a_person_begins_with_their_earliest_act_and_their_first_line_says_who_they_are() -> None:
    ideas = [_idea("1", day=5, group="student"), _idea("2", day=2, group="resident")]
    matched = match(_sheets(ideas, [_comment("a", author="Mara", day=1)]), Known())
    [mara] = matched.people
    assert (mara.group, mara.since) == ("student", START + timedelta(days=1))
    assert [idea.id for idea in matched.ideas] == ["2", "1"], "oldest first"
