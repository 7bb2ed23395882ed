"""Choosing professionals in the list and comparing them, in a real browser."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.test_search import fits
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Shot = Callable[..., None]
LIST = "/search?near=60201&within=100"


def box(page: Page, number: int) -> Locator:
    return page.locator(f"#result-{number}").get_by_role("checkbox")


def choose(page: Page, *numbers: int) -> None:
    for number in numbers:
        box(page, number).check()


def compare(page: Page) -> None:
    page.get_by_role("button", name="Compare those chosen").click()
    page.wait_for_url("**/compare?**")


def test_two_are_chosen_compared_and_one_removed(page: Page, shot: Shot) -> None:
    page.goto(LIST)
    names = [page.locator(f"#result-{number} h2").inner_text() for number in (1, 3)]
    choose(page, 1, 3)
    expect(page.locator("#compare [role=status]")).to_have_text(
        "2 chosen. There is room for one more."
    )
    shot("compare-chosen")
    compare(page)
    assert page.get_by_role("columnheader").locator("a:first-child").all_inner_texts() == names
    assert fits(page)
    shot("compare")
    page.get_by_role("link", name=f"Remove {names[0]}").click()
    expect(page.get_by_role("columnheader").locator("a:first-child")).to_have_text(names[1:])


def test_the_bar_stays_in_sight_and_moves_nothing(page: Page) -> None:
    page.goto(LIST)
    bar = page.locator("#compare")
    expect(bar).not_to_be_in_viewport()
    height = page.evaluate("document.documentElement.scrollHeight")
    choose(page, 1)
    expect(bar).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollHeight") == height
    page.get_by_role("button", name="Clear").click()
    expect(bar).not_to_be_in_viewport()
    expect(box(page, 1)).to_be_focused()


def test_a_fourth_cannot_be_chosen_and_the_bar_says_why(page: Page) -> None:
    page.goto(LIST)
    choose(page, 1, 2, 3)
    expect(box(page, 4)).to_be_disabled()
    expect(page.locator("#compare [role=status]")).to_contain_text("3 chosen, the most")
    box(page, 2).uncheck()
    expect(box(page, 4)).to_be_enabled()


def test_the_chosen_come_along_to_the_next_page_and_back(page: Page) -> None:
    page.goto(LIST)
    choose(page, 2)
    page.get_by_role("link", name="Next").click()
    status = page.locator("#compare [role=status]")
    expect(status).to_contain_text("1 chosen. Choose one or two more. Chosen in other lists: 1.")
    page.locator(".result").first.get_by_role("checkbox").check()
    compare(page)
    expect(page.get_by_role("columnheader")).to_have_count(2)
    page.get_by_role("link", name="Back to results").first.click()
    expect(status).to_contain_text("2 chosen")
    expect(page.locator(".result").first.get_by_role("checkbox")).to_be_checked()


def test_nothing_is_stored_or_sent_by_choosing(page: Page) -> None:
    page.goto(LIST)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    choose(page, 1, 2)
    assert page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))") == []
    assert page.context.cookies() == []
    # The map comes when it is in sight, whatever is chosen.
    assert [url for url in asked if "/static/" not in url and "/map.svg" not in url] == []


def test_no_barrier_is_found_in_a_comparison(page: Page) -> None:
    page.goto(LIST)
    choose(page, 1, 2, 3)
    assert Axe().run(page).violations_count == 0
    compare(page)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("size", ["phone"])
def test_a_comparison_fits_a_very_small_screen(page: Page, shot: Shot) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(LIST)
    choose(page, 1, 2, 3)
    assert fits(page)
    shot("small-compare-chosen")
    compare(page)
    assert fits(page)
    wide = page.locator("td, th, td .button").evaluate_all(
        "all => all.filter(each => each.getBoundingClientRect().right > innerWidth).length"
    )
    assert wide == 0
    shot("small-compare")


def test_all_of_it_works_without_javascript(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(LIST)
    choose(page, 1, 2, 3, 4)
    compare(page)
    expect(page.get_by_role("columnheader")).to_have_count(3)
    expect(page.locator(".note")).to_contain_text("At most 3 fit side by side")
    page.get_by_role("link", name="Remove").first.click()
    expect(page.get_by_role("columnheader")).to_have_count(2)
    page.get_by_role("link", name="Back to results").first.click()
    expect(page.locator(".result").first).to_be_visible()
    context.close()
