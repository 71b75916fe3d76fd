"""Everything but liveness works as plain forms and full pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Person
from tests.browser.steps import card, comment, count_of, fill_idea, sends_comment, sends_idea

Arrive = Callable[..., Person]


@pytest.fixture
def anna(visitor: Arrive) -> Page:
    """Somebody whose browser runs no scripts and who has no account yet."""
    somebody = visitor(java_script_enabled=False, viewport=PHONE)
    somebody.foresees("422")
    somebody.foresees("422")  # a refused form is a page of its own here, and Chromium notes it
    return somebody.goes_to("/rotterdam")


def register(page: Page, email: str) -> None:
    """Register from the board as an engineer of the tram company; ends on the board again."""
    page.get_by_role("link", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Register", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Anna")
    page.get_by_label("E-mail", exact=True).fill(email)
    page.get_by_label("Password", exact=True).fill("seven trams to the sea")
    page.get_by_label("Company", exact=True).check()
    page.get_by_label("Affiliation").fill("RET")
    page.get_by_label("I agree to the privacy notice").check()
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("Welcome. You are registered and signed in.")).to_be_visible()
    assert page.url.endswith("/rotterdam")


def write(page: Page, text: str, button: str) -> None:
    """Fill the form that ends with `button` and send it."""
    form = page.locator("form.comment-form").filter(has=page.get_by_role("button", name=button, exact=True))
    form.get_by_label("Your comment").fill(text)
    form.get_by_role("button", name=button, exact=True).click()
    expect(comment(page, text)).to_be_visible()


def test_register_post_edit_and_sign_out(anna: Page) -> None:
    register(anna, "anna@example.org")
    anna.get_by_role("link", name="Post idea").first.click()
    fill_idea(anna, "Trams that wait for the last train", theme="Seamless connection")
    anna.get_by_role("button", name="Post idea").click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Trams that wait for the last train")
    expect(anna.locator("article.article")).to_contain_text("Company, RET")

    anna.get_by_role("link", name="Edit", exact=True).click()
    anna.get_by_label("Title", exact=True).fill("Short")
    anna.get_by_role("button", name="Save changes").click()
    expect(anna.get_by_role("alert")).to_contain_text("Please check what you typed.")
    anna.get_by_label("Title", exact=True).fill("Trams that wait for the last night train")
    anna.get_by_role("button", name="Save changes").click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Trams that wait for the last night train")
    anna.get_by_text("1 earlier version").click()
    expect(anna.locator("details.history")).to_contain_text("Trams that wait for the last train")

    anna.locator("details.menu > summary").click()
    anna.get_by_role("button", name="Sign out").click()
    expect(anna.get_by_role("link", name="Sign in").first).to_be_visible()


def test_comment_reply_edit_and_withdraw(anna: Page, person: Arrive) -> None:
    mara = person("Mara")
    mara.goes_to("/rotterdam")
    idea = sends_idea(mara, "A lift at every metro station")
    sends_comment(mara, idea["id"], "Two are still missing.")
    register(anna, "anna.lift@example.org")
    card(anna, "A lift at every metro station").get_by_role("link", name="A lift at every").click()
    write(anna, "We are building them.", "Comment")
    comment(anna, "Two are still missing.").get_by_role("link", name="Reply").click()
    write(anna, "Which two?", "Reply")
    expect(anna.locator(".replies").get_by_text("Which two?")).to_be_visible()

    comment(anna, "We are building them.").get_by_role("link", name="Edit").click()
    anna.get_by_label("Your comment").fill("We are building both.")
    anna.get_by_role("button", name="Save changes").click()
    expect(comment(anna, "We are building both.")).to_contain_text("edited")

    comment(anna, "Which two?").get_by_role("link", name="Withdraw").click()
    anna.get_by_role("button", name="Withdraw", exact=True).click()
    expect(anna.get_by_text("Which two?")).to_have_count(0)
    expect(anna.locator("#discussion-title [data-comments]")).to_have_text("2")


def test_upvote_take_back_and_withdraw_ones_own_idea(anna: Page, person: Arrive) -> None:
    mara = person("Mara")
    mara.goes_to("/rotterdam")
    sends_idea(mara, "Room for prams in every tram")
    register(anna, "anna.pram@example.org")
    button = card(anna, "Room for prams in every tram").get_by_role("button")
    button.click()
    expect(button).to_have_accessible_name("Take back upvote")
    expect(count_of(anna, "Room for prams in every tram")).to_have_text("1")
    button.click()
    expect(button).to_have_accessible_name("Upvote")
    expect(count_of(anna, "Room for prams in every tram")).to_have_text("0")

    anna.get_by_role("link", name="Post idea").first.click()
    fill_idea(anna, "An idea I regret at once")
    anna.get_by_role("button", name="Post idea").click()
    anna.get_by_role("link", name="Withdraw", exact=True).click()
    anna.get_by_role("button", name="Withdraw", exact=True).click()
    assert anna.url.endswith("/rotterdam")
    expect(card(anna, "An idea I regret at once")).to_have_count(0)


def test_an_upvote_without_an_account_leads_to_sign_in_and_back(anna: Page, person: Arrive) -> None:
    mara = person("Mara")
    mara.goes_to("/rotterdam")
    sends_idea(mara, "A water bus to Dordrecht at night")
    anna.reload()
    card(anna, "A water bus to Dordrecht at night").get_by_role("button", name="Upvote").click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_filters_and_search_are_a_plain_form(anna: Page, person: Arrive) -> None:
    mara = person("Mara")
    mara.goes_to("/rotterdam")
    sends_idea(mara, "Lanterns along the Maas")
    anna.goto(anna.url)
    anna.get_by_label("Search").fill("lantern")
    anna.get_by_label("Search").press("Enter")
    expect(anna.locator("#ideas .card-title")).to_have_text(["Lanterns along the Maas"])
    anna.get_by_role("link", name="Show all").click()
    anna.get_by_text("Filters", exact=True).click()
    anna.get_by_label("Kind").select_option("Opportunity")
    anna.get_by_role("button", name="Apply filters").click()
    assert "kind=opportunity" in anna.url
    expect(card(anna, "Lanterns along the Maas")).to_have_count(0)
