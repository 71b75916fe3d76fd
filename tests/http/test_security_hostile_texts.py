"""Whatever people type into whatever field, no tag and no attribute of theirs reaches a page."""

from __future__ import annotations

import html
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.htmx import safe_next
from app.core.text import clean_line, clean_text, markdown
from app.ideas.actions.posting import edit_idea
from tests.boards import draft, post, say
from tests.pages import Page, page_of
from tests.properties.acts import few

HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<script src=//evil.example/x.js></script>",
    "</script><script>alert(1)</script>",
    "<script\x0b>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\u003cscript\u003ealert(1)",
    "＜script＞alert(1)＜/script＞",
    "<img src=x onerror=alert(1)>",
    '<img src="x" onerror="alert(1)" />',
    "<img src=`x`onerror=alert(1)>",
    "<IMG SRC=javascript:alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{background:url(//evil.example)}</style>",
    '<p style="position:fixed;inset:0">x</p>',
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JAVASCRIPT:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:msgbox(1))",
    '[x](https://a.example" onmouseover="alert(1))',
    "[x](https://a.example 'title\" onmouseover=\"alert(1)')",
    '![x](x" onerror="alert(1))',
    "![x](https://evil.example/track.gif)",
    '<https://a.example/"onmouseover=alert(1)>',
    "https://a.example/'onmouseover='alert(1)",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "`onmouseover=alert(1)",
    'x" autofocus onfocus="alert(1)" y="',
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</article></main><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php system('id') ?>",
    "{{ 7*7 }}",
    "{% include 'x' %}{{ config }}",
    "${7*7}#{7*7}",
    "<div hx-get=/me/data.json hx-trigger=load>x</div>",
    '<b data-own data-idea=1 id="main" class="masthead">x</b>',
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "\u202e<script>alert(1)</script>",
    "a\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307" * 5,
    "```\n</code></pre><script>alert(1)</script>\n```",
    "> <script>alert(1)</script>\n> - <img src=x onerror=alert(1)>",
    "# <script>alert(1)</script>",
    "<x onclick=alert(1) hx-on:click=alert(1)>",
]
OURS = re.compile(r"^[a-z0-9-]+$")
FROM_MARKDOWN = {"p", "br", "em", "strong", "s", "ul", "ol", "li", "blockquote", "code", "pre", "a"}


def structure(page: Page) -> list[tuple[str, tuple[str, ...]]]:
    """The tags and the names of their attributes: all that a text of people must not change."""
    return [(tag, tuple(sorted(attributes))) for tag, attributes in page.tags if tag not in FROM_MARKDOWN]


def harmless(page: Page, where: object) -> None:
    """Nothing on the page runs, loads or leads where we do not."""
    for tag, attributes in page.tags:
        assert tag not in ("style", "iframe", "object", "embed", "base", "math", "video", "marquee"), where
        assert not [name for name in attributes if name.startswith("on") or name == "style"], (
            where,
            attributes,
        )
        assert all(OURS.match(name) for name in attributes), (where, attributes)
        for name in ("href", "src", "action", "formaction"):
            target = (attributes.get(name) or "").lower().strip()
            assert not target.startswith(("javascript:", "data:", "vbscript:", "file:")), (where, target)
        if tag == "script":
            assert "src" in attributes or attributes.get("type") == "application/json", where
        if tag == "img":
            raise AssertionError(where)


def test_hostile_titles_and_texts_change_no_page(client, signed_in, city, make_user):
    """The idea's page has the same structure for all of them as for friendly words."""
    mara = make_user("Mara")
    friendly = post(city, mara, "Friendly words", text="Friendly words.")
    address = f"/rotterdam/ideas/{friendly.id}"
    expected = structure(page_of(client.get(address, follow_redirects=True)))
    for text in HOSTILE:
        title = clean_line(f"Title {text}")[:120]
        edit_idea(friendly, draft(title, text=clean_text(text)), by=mara, at=friendly.created_at)
        response = client.get(address, follow_redirects=True)
        page = page_of(response)
        assert response.status_code == 200
        harmless(page, text)
        shown = [one for one in structure(page) if one[0] not in ("details", "summary", "section", "path")]
        usual = [one for one in expected if one[0] not in ("details", "summary", "section", "path")]
        extra = set(shown) - set(usual)
        assert extra <= {("time", ("data-ago", "datetime", "title")), ("svg", ("aria-hidden", "viewbox"))}, (
            text,
            extra,
        )
        assert title in html.unescape(response.get_data(as_text=True)), text


def test_hostile_texts_in_every_field_of_every_list(client, signed_in, city, make_user):
    from app.ideas.actions.upvoting import upvote

    tom = make_user("Tom")
    for number, text in enumerate(HOSTILE):
        evil = make_user(
            clean_line(text)[:80] or "Nobody",
            group="company",
            affiliation=clean_line(text)[:120] or "RET",
            email=f"evil-{number}@example.org",
        )
        idea = post(city, evil, clean_line(f"Title {text}")[:120], text=clean_text(text))
        comment = say(idea, evil, clean_text(text) or "x", stance="concern")
        say(idea, evil, clean_text(text) or "x", under=comment)
        upvote(idea, by=tom, at=idea.created_at)
        if number == len(HOSTILE) // 2:
            last = idea
    say(last, tom, "A friendly word")
    toms = signed_in(tom)
    for address in (
        "/rotterdam",
        "/rotterdam?sort=newest&q=alert",
        "/rotterdam/similar?title=alert+script+title",
        f"/rotterdam/ideas/{last.id}",
        "/me",
        "/",
    ):
        response = toms.get(address, follow_redirects=True)
        assert response.status_code == 200
        harmless(page_of(response), address)
    for address in ("/rotterdam/changes?since=0", f"/rotterdam/changes?since=0&idea={last.id}"):
        for change in client.get(address).get_json()["changes"]:
            for part in ("card", "article", "comment_html"):
                if change[part]:
                    harmless(Page(change[part]), change["title"])


def test_hostile_texts_in_addresses_and_forms_come_back_escaped(client, signed_in, city, make_user):
    maras = signed_in(make_user("Mara"))
    idea = post(city, make_user("Tom"))
    usual = structure(page_of(maras.get("/rotterdam?q=tram&kind=challenge")))
    wrong = structure(page_of(maras.post_form("/rotterdam/ideas", {"title": "x", "text": "x"})))
    for text in HOSTILE:
        response = maras.get(
            "/rotterdam", query_string={"q": text, "kind": "challenge", "theme": text, "after": text}
        )
        harmless(page_of(response), text)
        assert set(structure(page_of(response))) <= set(usual), text
        typed = {
            "kind": text,
            "title": text[:7],
            "text": text,
            "themes": [text],
            "language": text,
            "next": text,
        }
        refused = maras.post_form("/rotterdam/ideas", typed)
        assert refused.status_code == 422
        harmless(page_of(refused), text)
        assert {tag for tag, _ in structure(page_of(refused))} <= {tag for tag, _ in wrong}, text
        refused = maras.post_form(
            f"/ideas/{idea.id}/comments", {"text": text, "stance": text, "parent": text}
        )
        harmless(page_of(refused), text)
        preview = maras.post_form("/preview", {"text": text})
        harmless(page_of(preview), text)
        assert {tag for tag, _ in page_of(preview).tags} <= FROM_MARKDOWN, text
        harmless(page_of(client.get("/sign-in", query_string={"next": "/" + text})), text)
        harmless(page_of(client.get("/" + text.replace("/", ""))), text)
        assert not client.get("/", query_string={"x": text}).headers.get("X-Injected")


def test_the_data_that_scripts_read_cannot_break_out(client, city, make_user):
    post(city, make_user("Mara"), "</script><script>alert(1)</script>")
    response = client.get("/rotterdam", query_string={"q": "</script><script>alert(1)//"})
    blocks = re.findall(
        r'<script type="application/json"[^>]*>(.*?)</script>', response.get_data(as_text=True), re.DOTALL
    )
    assert blocks and all(json.loads(block) for block in blocks)
    found = page_of(response).one("div", id="ideas")["data-filter"]
    assert json.loads(found)["q"].startswith("</script>")


@given(
    st.one_of(
        st.text(), st.sampled_from(HOSTILE), st.lists(st.sampled_from(HOSTILE), max_size=4).map(" ".join)
    )
)
@few
def test_markdown_lets_nothing_through_that_is_not_on_its_list(text):
    page = Page(str(markdown(text)))
    for tag, attributes in page.tags:
        assert tag in FROM_MARKDOWN
        assert set(attributes) <= ({"href", "rel"} if tag == "a" else set())
        if tag == "a":
            assert attributes["rel"] == "nofollow ugc noopener noreferrer"
            assert re.match(r"(https?://|mailto:)", attributes.get("href") or "https://", re.IGNORECASE) or (
                ":" not in (attributes.get("href") or "").split("/")[0]
            )


@given(st.one_of(st.text(), st.text(alphabet="\u202e\u0301\u2066\x00\n a<\ud800")))
@few
def test_cleaned_text_stays_clean_and_is_always_storable(text):
    for clean in (clean_text, clean_line):
        once = clean(text)
        assert clean(once) == once
        assert not set(once) & set("\x00\u202e\u2066\u200f\ud800")
        once.encode("utf-8")


LEADING = st.sampled_from(
    ["", "/", "//", "/\\", "\\", "http:", "https://", "javascript:", "/\t", "\n/", "///", "/..//"]
)


@given(
    LEADING,
    st.one_of(st.text(max_size=30), st.sampled_from(["evil.example", "@evil.example", "/evil.example"])),
)
@few
def test_after_signing_in_nobody_is_led_away(beginning, rest):
    from urllib.parse import urljoin, urlsplit

    target = safe_next(beginning + rest, "/default")
    assert target.startswith("/")
    there = urlsplit(urljoin("https://cities.example/sign-in", target))
    assert (there.scheme, there.netloc) == ("https", "cities.example")
    assert "\n" not in target and "\r" not in target and "\\" not in target


@pytest.mark.parametrize(
    "path", ["/", "/rotterdam", "/rotterdam?q=停车&sort=newest", "/rotterdam/ideas/4-x#comment-7"]
)
def test_our_own_paths_are_kept(path):
    assert safe_next(path, "/default") == path
