"""The bell rings while one looks at something else; mail ends with one tap, without scripts and without an account."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from app.notices.tokens import token_for
from tests.browser.conftest import PHONE, Person, application_of
from tests.browser.steps import opens, posts, sends_comment
from tests.clients import apart

Arrive = Callable[..., Person]


def test_the_bell_rings_on_another_citys_board_and_leads_to_the_comments(person: Arrive) -> None:
    mara, tom = person("Mara"), person("Tom", viewport=PHONE)
    path = posts(mara, "Lights for the tunnel under the station")
    idea_id = int(re.search(r"/ideas/(\d+)", path)[1])  # type: ignore[index]
    page = opens(mara, "/berlin")
    expect(page.get_by_role("link", name="Notices", exact=True)).to_be_visible()

    tom.goes_to(path)
    sends_comment(tom, idea_id, "It is dark there indeed.")
    sends_comment(tom, idea_id, "And wet.")

    page.get_by_role("link", name="Notices, 2 unread", exact=True).click()
    page.get_by_role("link", name="2 new comments on").click()
    expect(page).to_have_url(re.compile(rf"{re.escape(path)}#comment-\d+$"))
    expect(page.get_by_role("link", name="Notices", exact=True)).to_be_visible()


def test_one_tap_ends_the_mail(person: Arrive, visitor: Arrive) -> None:
    mara = person("Mara")
    path = f"/unsubscribe/{apart(_token, mara)}"
    for anybody in (visitor(java_script_enabled=False, viewport=PHONE), visitor()):
        page = anybody.goes_to(path)
        if page.get_by_role("button", name="No more mail").is_visible():
            page.get_by_role("button", name="No more mail").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("You get no more mail about notices")
    page = mara.goes_to("/me/notices")
    expect(page.get_by_label("No mail: notices wait here")).to_be_checked()
    page.get_by_label("One mail a day with everything new").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("One mail a day with everything new")


def _token(somebody: Person) -> str:
    assert somebody.id is not None
    with application_of(somebody.board).app_context():
        return token_for(somebody.id)
