"""The style page, in development only: every component in every state, in light and dark, on one page.

What it shows is invented here and touches no board. Its words are for those who build the board, hence untranslated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import Blueprint, render_template
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.groups import GROUPS, group_label
from app.accounts.queries import AuthorView
from app.cities.queries import CityView, Station, ThemeView, WorkshopView
from app.core.clock import now
from app.ideas.forms import CommentForm, idea_form
from app.ideas.queries.filters import BoardFilter
from app.ideas.queries.views import (
    BoardPage,
    CityStop,
    CommentThread,
    CommentView,
    Figures,
    GroupCount,
    IdeaCard,
    IdeaPage,
    RevisionView,
    Viewer,
)

blueprint = Blueprint("style", __name__)

ZONE = "Europe/Amsterdam"
LINES = {
    "los-angeles": "Los Angeles",
    "melbourne": "Melbourne",
    "shenzhen": "Shenzhen",
    "rotterdam": "Rotterdam",
    "berlin": "Berlin",
    "elsewhere": "Any other city",
    "series": "No city",
}
LIVE_STATES = {
    "live": "live",
    "reconnecting": "reconnecting",
    "polling": "live updates are blocked here: checking every 5 s",
    "offline": "offline",
}
THEMES = (
    ThemeView(1, "congestion", "Congestion"),
    ThemeView(2, "walking-cycling", "Walking and cycling"),
    ThemeView(3, "electric", "Electric mobility and charging"),
)
WORKSHOPS = (WorkshopView(1, 1, "Workshop 1 · stakeholders"), WorkshopView(2, 2, "Workshop 2 · students"))
REVISION = RevisionView(
    1,
    datetime.fromisoformat("2026-09-12T12:10:00+00:00"),
    "The night bus",
    "It stops too early.",
    Markup("<p>It stops too early.</p>"),
    "challenge",
    THEMES[:1],
)


class SpecimenForm(FlaskForm):
    """One field of every sort."""

    class Meta:
        """Sent nowhere."""

        csrf = False

    name = StringField("Name")
    password = PasswordField("Password")
    group = RadioField("Stakeholder group", choices=[SelectChoice(g, group_label(g)) for g in GROUPS])
    kind = RadioField(
        "Kind", choices=[SelectChoice("challenge", "Challenge"), SelectChoice("opportunity", "Opportunity")]
    )
    themes = SelectMultipleField(
        "Themes",
        coerce=int,
        choices=[SelectChoice(theme.id, theme.name) for theme in THEMES],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    language = SelectField("Language", choices=[SelectChoice("", "Guess from the text")])
    text = TextAreaField("Text")
    agreed = BooleanField("I agree to the privacy notice")


@dataclass(frozen=True)
class Sheet:
    """All components in one theme; ids differ between sheets."""

    theme: str
    viewer: Viewer
    cards: dict[str, IdeaCard]
    comments: dict[str, CommentView]
    form: SpecimenForm
    wrong: SpecimenForm

    @property
    def threads(self) -> tuple[CommentThread, ...]:
        """Every comment, the reply under the first."""
        replies = tuple(comment for comment in self.comments.values() if comment.parent_id)
        roots = [comment for comment in self.comments.values() if not comment.parent_id]
        return tuple(CommentThread(root, () if n else replies) for n, root in enumerate(roots))


@blueprint.get("/style")
def style() -> str:
    """Every component in every state, light above dark."""
    at = now()
    stop = CityStop(_city("now"), Figures(214, 3180, 171), "12–18 September 2026")
    counts = [GroupCount(group, str(group_label(group)), 24 - 4 * n) for n, group in enumerate(GROUPS)]
    return render_template(
        "style/style.html",
        sheets=[_sheet("light", 9_000_100, at), _sheet("dark", 9_000_200, at)],
        lines=LINES,
        live_states=LIVE_STATES,
        stop=stop,
        ways=[_city("next"), _city("now"), _city("past")],
        page=BoardPage(
            stop.city, stop.figures, BoardFilter("rotterdam", kind="challenge"), (), None, 12, THEMES, 23
        ),
        example=_example(stop.city, tuple(counts), at),
        composer=idea_form(stop.city, THEMES, formdata=None),
        comment_form=CommentForm(formdata=None),
        groups=[(group, group_label(group)) for group in GROUPS],
        counts=counts,
    )


def _example(city: CityView, counts: tuple[GroupCount, ...], at: datetime) -> IdeaPage:
    idea = replace(_cards(at)["a challenge, upvoted; in discussion"], id=9_000_000, edited_at=at)
    return IdeaPage(
        city=city,
        idea=idea,
        text="",
        body_html=Markup("<p>Between seven and ten there is <strong>no lane left</strong>.</p>"),
        groups=counts,
        comments=(),
        revisions=(REVISION,),
        previous=None,
        next=None,
        share_url="#",
        may_edit=False,
        edit_until=None,
        answer_html=Markup("<p>We try this from <strong>May</strong> on.</p>"),
        answered_at=at,
    )


def _sheet(theme: str, base: int, at: datetime) -> Sheet:
    cards = {caption: replace(card, id=base + n) for n, (caption, card) in enumerate(_cards(at).items())}
    comments = {
        caption: replace(comment, id=base + n) for n, (caption, comment) in enumerate(_comments(at).items())
    }
    viewer = Viewer(
        id=1,
        name="Noor Visser",
        is_signed_in=True,
        upvoted=frozenset(card.id for caption, card in cards.items() if "upvoted" in caption),
        may_take_part=True,
    )
    form = SpecimenForm(formdata=None, prefix=f"{theme}-", kind="challenge", themes=[1, 2], group="student")
    wrong = SpecimenForm(formdata=None, prefix=f"{theme}-wrong-")
    for name, reason in {
        "name": "Enter your name.",
        "kind": "Choose whether it is a challenge or an opportunity.",
        "text": "Shorten the text to 5000 characters.",
        "agreed": "Please agree to the privacy notice.",
    }.items():
        wrong[name].errors = [reason]
    return Sheet(theme, viewer, cards, comments, form, wrong)


def _author(id: int = 2, name: str = "Daan Kuiper", group: str = "resident", **more: object) -> AuthorView:
    facts = {"affiliation": None, "is_verified": False, "is_sample": False, "is_erased": False, **more}
    return AuthorView(id=id, name=name, group=group, **facts)  # type: ignore[arg-type]


def _cards(at: datetime) -> dict[str, IdeaCard]:
    """Cards by the state they show."""
    plain = IdeaCard(
        id=0,
        city_id=0,
        city_slug="rotterdam",
        url="#",
        version=int(at.timestamp()),  # never one that is kept: templates change while this page is looked at
        last_change=1,
        kind="challenge",
        title="Freight vans block the bike lane every morning",
        excerpt="Between seven and ten there is no lane left. Riders swing into the tram track.",
        language="en",
        themes=THEMES[:2],
        author=_author(),
        came_from="online",
        workshop_number=None,
        status="new",
        state="published",
        upvotes=87,
        comments=24,
        created_at=at - timedelta(minutes=12),
        edited_at=None,
        is_sample=False,
        time_zone=ZONE,
    )
    expert = _author(3, "Mei-Lin Hofstra", "university", affiliation="Example University", is_verified=True)
    workshop = replace(plain, came_from="workshop", workshop_number=1)
    return {
        "a challenge": plain,
        "an opportunity, upvoted": replace(plain, kind="opportunity", upvotes=88, author=expert),
        "a challenge, upvoted; in discussion": replace(workshop, status="in_discussion"),
        "my own: no upvote; edited": replace(
            plain, author=_author(1, "Noor Visser"), edited_at=at, upvotes=0, comments=0
        ),
        "shortlisted, on paper": replace(plain, kind="opportunity", status="shortlisted", came_from="paper"),
        "taken up, a sample": replace(
            workshop, status="taken_up", is_sample=True, author=_author(4, is_sample=True)
        ),
        "not pursued, author gone": replace(
            plain, status="not_pursued", author=_author(5, "", is_erased=True), created_at=at - timedelta(90)
        ),
        "a long title, three themes, large numbers": replace(
            plain,
            title="A title that goes on and on until it has used all of the hundred and twenty characters it may have "
            "and is cut here",
            themes=THEMES,
            upvotes=12_345,
            comments=1_066,
        ),
        "Chinese": replace(
            plain,
            title="老小区的充电桩装不下，飞线充电太危险",
            excerpt="我们小区是九十年代建的，电容量不够，车位也不够。",
            language="zh",
        ),
        "no text": replace(plain, kind="opportunity", excerpt="", themes=THEMES[:1]),
    }


def _comments(at: datetime) -> dict[str, CommentView]:
    """Comments by the state they show."""
    plain = CommentView(
        id=0,
        idea_id=0,
        parent_id=None,
        author=_author(),
        body_html=Markup("<p>One night can be managed: a detour, signs, a bus that is let through.</p>"),
        text="",
        stance="",
        language="en",
        created_at=at - timedelta(hours=3),
        edited_at=None,
        state="published",
        version=1,
        time_zone=ZONE,
        editable_until=at,
    )
    institute = _author(
        6, "Piet Ouwerkerk", "institute", affiliation="Institute for Streets", is_verified=True
    )
    return {
        "no stance": plain,
        "support": replace(plain, stance="support"),
        "concern, verified": replace(plain, stance="concern", author=institute),
        "my own, edited": replace(
            plain, author=_author(1, "Noor Visser"), edited_at=at, revisions=(REVISION,)
        ),
        "withdrawn": replace(plain, state="withdrawn"),
        "a reply": replace(plain, parent_id=1, body_html=Markup("<p>Agreed, if it is measured.</p>")),
    }


def _city(report: str) -> CityView:
    """A city before, during and after its workshops, by the state of its report: next, now, past."""
    first, second = {"next": ("next", "next"), "now": ("past", "now"), "past": ("past", "past")}[report]
    stations = (
        Station("online", "Online", "", "now" if first == "next" else "past"),
        Station("workshop", "Workshop 1 · stakeholders", "12 Sep, 14:00", first),
        Station("workshop", "Workshop 2 · students", "now" if second == "now" else "13 Sep, 10:00", second),
        Station("report", "Report", "", "now" if report == "past" else "next"),
    )
    return CityView(
        id=0,
        slug="rotterdam",
        name="Rotterdam",
        colour="rotterdam",
        question="What holds this city back on the move, and what could carry it on?",
        time_zone=ZONE,
        language="nl",
        starts_on=None,
        ends_on=None,
        partner="Example University",
        seq=0,
        source_text=None,
        source_url=None,
        is_sample=True,
        posting_is_open=True,
        moderates_first=False,
        is_public=True,
        stations=stations,
        workshops=WORKSHOPS,
        running_workshop=None,
    )
