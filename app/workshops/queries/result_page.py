"""A workshop's result as it is shown: what was said, by stakeholder group."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from app.cities.models import City, Workshop
from app.cities.phases import shows_counts
from app.cities.queries import all_themes, city_view, workshop_label
from app.core.extensions import db
from app.workshops.models import WorkshopResult
from app.workshops.queries.difference import difference_between
from app.workshops.queries.result import result_of, total_of
from app.workshops.queries.result_views import Common, GroupSaid, GroupTop, IdeaSaid, ResultPage, ThemeSaid
from app.workshops.queries.shares import places
from app.workshops.queries.titles import Titled, labels_of, titles_of

TOP = 5
NAMED = 7
"""On a list of the first five, if many share the last place."""


def result_page(city: City, workshop: Workshop, *, preview: bool) -> ResultPage | None:
    """The frozen result; before the workshop is closed what it would be now, if a `preview` is asked for, else None."""
    kept = db.session.get(WorkshopResult, workshop.id)
    if kept is None and not preview:
        return None
    result = kept.result if kept else result_of(workshop)
    ideas = result["ideas"]
    titles = titles_of(city, [idea["id"] for idea in ideas])
    labels = labels_of(_groups_in(result))
    names = {theme.id: theme.name for theme in all_themes()}
    tops = {group: _first_five(ideas, group) for group in labels}
    return ResultPage(
        city=city_view(city),
        number=workshop.number,
        label=workshop_label(workshop),
        question=workshop.question or "",
        closed_at=(workshop.closed_at or kept.made_at) if kept else None,
        waits_for_reveal=not shows_counts(workshop),
        sample=result["sample"],
        people=sum(result["people"].values()),
        upvotes=result["upvotes"] + result["on_paper_upvotes"],
        on_paper_upvotes=result["on_paper_upvotes"],
        comments=result["comments"],
        groups=tuple(_said(result, group, label) for group, label in labels.items()),
        ideas=tuple(_ideas(ideas, titles, labels, names)),
        not_shown=sum(idea["id"] not in titles for idea in ideas),
        tops=tuple(
            GroupTop(
                label, tuple((titles[key], count) for key, count in tops[group].items() if key in titles)
            )
            for group, label in labels.items()
            if any(key in titles for key in tops[group])
        ),
        in_common=_in_common(tops, labels, titles),
        themes=_themes(ideas, labels, names),
        difference=difference_between(city, workshop) if kept else None,
    )


def _groups_in(result: dict[str, Any]) -> set[str]:
    found = {*result["people"], *result["comments_by_group"]}
    for idea in result["ideas"]:
        found.update(idea["upvotes"], {idea["group"]} if idea["posted_here"] else ())
    return found


def _said(result: dict[str, Any], group: str, label: str) -> GroupSaid:
    ideas = result["ideas"]
    return GroupSaid(
        key=group,
        label=label,
        people=result["people"].get(group, 0),
        ideas=sum(idea["posted_here"] and idea["group"] == group for idea in ideas),
        comments=result["comments_by_group"].get(group, 0),
        upvotes=sum(idea["upvotes"].get(group, 0) for idea in ideas),
    )


def _ideas(
    ideas: list[dict[str, Any]], titles: dict[int, Titled], labels: dict[str, str], names: dict[int, str]
) -> list[IdeaSaid]:
    stands = places({idea["id"]: total_of(idea) for idea in ideas})
    return [
        IdeaSaid(
            idea=titles[idea["id"]],
            place=stands[idea["id"]].place if idea["id"] in stands else None,
            kind=idea["kind"],
            group_label=labels_of([idea["group"]])[idea["group"]],
            themes=tuple(names[theme] for theme in idea["themes"] if theme in names),
            posted_here=idea["posted_here"],
            on_paper=idea["on_paper"],
            upvotes=total_of(idea),
            by_group=tuple(idea["upvotes"].get(group, 0) for group in labels),
            on_paper_upvotes=idea["on_paper_upvotes"],
            comments=idea["comments"],
        )
        for idea in ideas
        if idea["id"] in titles
    ]


def _first_five(ideas: list[dict[str, Any]], group: str) -> dict[int, int]:
    stands = places({idea["id"]: idea["upvotes"].get(group, 0) for idea in ideas})
    first = [(idea_id, found.upvotes) for idea_id, found in stands.items() if found.place <= TOP]
    return dict(first[:NAMED])


def _in_common(
    tops: dict[str, dict[int, int]], labels: dict[str, str], titles: dict[int, Titled]
) -> tuple[Common, ...]:
    found = []
    for one, other in combinations([group for group in labels if tops[group]], 2):
        both = tuple(titles[key] for key in tops[one] if key in tops[other] and key in titles)
        if both:
            found.append(Common(labels[one], labels[other], both))
    return tuple(found)


def _themes(
    ideas: list[dict[str, Any]], labels: dict[str, str], names: dict[int, str]
) -> tuple[ThemeSaid, ...]:
    rows = []
    for theme, name in names.items():
        raised = [idea["group"] for idea in ideas if idea["posted_here"] and theme in idea["themes"]]
        if raised:
            rows.append(ThemeSaid(name, len(raised), tuple(raised.count(group) for group in labels)))
    return tuple(sorted(rows, key=lambda row: -row.ideas))
