"""Every page by keyboard alone: each place is reached, is seen, and leads on."""

import pytest
from playwright.sync_api import Page, expect

from tests.face.keyboard import Keyboard

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_the_self_check_gives_a_result_to_take_along(page: Page) -> None:
    keys = Keyboard(page)
    page.goto("/")
    keys.follow("Self-check")
    keys.tick("None of these", of="Is any of this happening now, or new with this headache?")
    keys.tick("None of these", of="Does any of this apply?")
    keys.choose("18 to 64", of="Your age")
    keys.write("On how many of the last 30 days did your head hurt?", "20")
    keys.choose("Yes", of="Has it been about like this for more than three months?")
    keys.write("On how many of those days did it feel like migraine?", "12")
    keys.tick("None of these", of="What comes with the headaches?")
    keys.choose("4 hours or longer", of="How long does a headache usually last")
    keys.tick("Another medicine", of="Which medicines were tried to prevent headaches?")
    keys.press("See what this resembles")
    expect(page.locator("main")).to_contain_text("What to do next")
    keys.press("Take these answers along")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your answers are kept")


def test_two_are_compared_and_one_is_taken_out(page: Page) -> None:
    keys = Keyboard(page)
    page.goto("/search?near=60201")
    one, other = page.locator(".result h2 a").all_inner_texts()[:2]
    keys.tick(f"Compare {one}")
    keys.tick(f"Compare {other}")
    keys.press("Compare those chosen")
    keys.follow(one)
    page.go_back()
    keys.follow(f"Remove {other}")
    expect(page.locator("main")).to_contain_text(one)
    expect(page.locator("main")).not_to_contain_text(other)


def test_a_wrong_fact_is_reported(page: Page) -> None:
    keys = Keyboard(page)
    page.goto("/search?near=60201")
    keys.reach(page.locator(".result h2 a").first)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    keys.follow("Report a wrong fact")
    keys.press("Send the report")
    expect(page.get_by_role("alert")).to_be_focused()
    keys.pick("What is wrong?", "The phone number")
    keys.write("What should it say?", "It is 847-555-0199; I called.")
    keys.press("Send the report")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for the report")


@pytest.mark.parametrize("path", ["/", "/search?near=60201", "/treatment", "/search?near=evanst"])
def test_the_first_tab_leads_past_the_frame(page: Page, path: str) -> None:
    page.goto(path)
    keys = Keyboard(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    keys.check_focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    keys.check_focus()
    assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/es/",
        "/search?near=60201",
        "/search?near=59301&within=5&evidence=confirmed",
        "/search?near=evanst",
        "/self-check",
        "/treatment",
        "/data",
        "/styleguide",
    ],
)
def test_every_place_is_passed_once_and_seen(page: Page, path: str) -> None:
    page.goto(path)
    keys = Keyboard(page)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert keys.around("Tab") == keys.around("Shift+Tab") == keys.reachable() > 8


def test_a_place_that_is_not_seen_is_found_out(page: Page) -> None:
    page.goto("/")
    keys = Keyboard(page)
    page.evaluate(
        "document.querySelector('main').append(Object.assign(document.createElement('input'), "
        "{ className: 'hidden', title: 'Dark' }))"
    )
    with pytest.raises(AssertionError, match="nothing is seen"):
        keys.reach(page.get_by_title("Dark"))
