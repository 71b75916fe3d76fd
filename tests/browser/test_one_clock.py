"""One clock for a room: remote, phones and screens count the same seconds, whatever their own clocks say.

What is measured is what people see: the moment at which the digits change, by a clock that the wrong ones cannot touch.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Person
from tests.browser.screens import TV, Arrive, moderator, screens_of
from tests.browser.screens import is_live as hangs_live
from tests.browser.steps import opens

AGREE = 250  # ms
WATCHED = ("6:57", "6:56", "6:55", "6:54", LAST := "6:53")
"""Digits on every device; a busy machine paints some of them late, never all."""
A_CLOCK = """
    const real = Date, shift = %d;
    globalThis.Date = class extends real {
        constructor(...given) { given.length ? super(...given) : super(real.now() + shift); }
        static now() { return real.now() + shift; }
    };
"""
HOUR = 3_600_000
NOTES = """() => {
    globalThis.changes = {};
    new MutationObserver(() => {
        const timer = document.querySelector("[data-ends]:not([data-ends=''])");
        if (timer) changes[timer.textContent.trim()] ??= performance.timeOrigin + performance.now();
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
ENDS = "Number(document.querySelector('.r-digits').dataset.ends)"


@pytest.fixture
def ana(person: Arrive) -> Person:
    """Moderates Rotterdam, with her phone."""
    return moderator(person)


def late(page: Page, ends: int) -> float:
    """By how many ms this device counts behind the server's time; less than nothing: before it."""
    expect(page.locator("[data-ends]").first).to_have_text(LAST)
    changes: dict[str, float] = page.evaluate("changes")
    return min(at - (ends - _milliseconds(said)) for said, at in changes.items() if said in WATCHED)


def _milliseconds(said: str) -> int:
    """What is left at the moment at which the digits come to say so."""
    minutes, seconds = said.split(":")
    return (int(minutes) * 60 + int(seconds)) * 1000


def test_remote_phones_and_screens_agree_where_clocks_are_an_hour_wrong(
    ana: Person, person: Arrive, visitor: Arrive
) -> None:
    remote = opens(ana, "/rotterdam/remote?workshop=1")
    code = remote.locator(".r-code").inner_text().replace(" ", "")
    devices = {"remote": remote}
    for name, shift in (("right phone", 0), ("phone ahead", HOUR)):
        phone = person(name, viewport=PHONE)
        phone.context.add_init_script(A_CLOCK % shift)
        phone.goes_to(f"/j/{code}").get_by_role("button", name="Join as").click()
        devices[name] = opens(phone, "/rotterdam")
        expect(devices[name].locator("#room")).to_be_visible()
    for name, shift in (("right screen", 0), ("screen behind", -HOUR)):
        _id, token = screens_of(ana, "timer")["timer"]
        tv = visitor(viewport=TV)
        tv.context.add_init_script(A_CLOCK % shift)
        devices[name] = tv.goes_to(f"/screen/{token}?language=en")
        hangs_live(tv.page)
    for page in devices.values():
        page.evaluate(NOTES)

    remote.get_by_label("Minutes").fill("7")
    remote.get_by_role("button", name="Start", exact=True).click()
    for page in devices.values():
        expect(page.locator("[data-ends]").first).to_have_text("6:58")  # everybody has heard of it
    ends = remote.evaluate(ENDS)
    found = {name: late(page, ends) for name, page in devices.items()}
    assert max(found.values()) - min(found.values()) <= AGREE, found
    assert all(abs(one) <= AGREE for one in found.values()), found
    for name, hours in (("phone ahead", 1), ("screen behind", -1)):
        wrong = devices[name].evaluate("Date.now() - performance.timeOrigin - performance.now()")
        assert round(wrong / HOUR) == hours, "its own clock is wrong indeed"
