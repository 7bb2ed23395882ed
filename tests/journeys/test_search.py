"""Searching in a real browser: filters, widening, names and suggestions."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Shot = Callable[..., None]


def open_filters(page: Page, size: str) -> None:
    if size == "phone":
        page.locator(".filters > summary").click()


def fits(page: Page) -> bool:
    too_wide: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return too_wide <= 0


def test_a_filter_leaves_the_number_beside_it(page: Page, shot: Shot, size: str) -> None:
    page.goto("/search?near=60201&within=100")
    open_filters(page, size)
    page.get_by_text("Specialty", exact=True).first.click()
    page.get_by_text("Language", exact=True).first.click()
    shot("filters-open")
    assert fits(page)
    choice = page.get_by_role("radio", name="Female")
    promised = choice.locator("xpath=../span[@class='count']").inner_text()
    choice.check()
    page.get_by_role("button", name="Show results").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{promised} professional")
    shot("filters-chosen")


def test_a_wider_search_says_so_and_can_be_undone(page: Page, shot: Shot) -> None:
    page.goto("/search?near=59301&within=5")
    expect(page.locator(".note")).to_contain_text("Fewer than three professionals were found")
    shot("widened")
    page.get_by_role("link", name="Only within 5 miles").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("within 5 miles")
    shot("widened-undone")
    page.get_by_role("link", name="Look further", exact=True).click()
    expect(page.locator(".note")).to_contain_text("Fewer than three professionals were found")


def test_weaker_evidence_is_said(page: Page, shot: Shot) -> None:
    page.goto("/search?near=59301&within=5&evidence=confirmed")
    expect(page.locator(".note")).to_contain_text("are shown, too")
    shot("widened-evidence")
    assert fits(page)


def test_a_professional_is_found_by_name(page: Page, shot: Shot) -> None:
    page.goto("/search?near=60201&within=250")
    name = page.locator(".result h2").first.inner_text().split(",")[0]
    page.goto("/")
    page.get_by_text("Looking for one professional?").click()
    shot("home-by-name")
    page.get_by_label("Name or NPI").fill(name)
    page.get_by_role("button", name="Find professionals").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"found for “{name}”")
    expect(page.locator(".result h2").first).to_contain_text(name)
    shot("name")
    page.get_by_label("ZIP code or city").fill("59301")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".note")).to_contain_text("so we looked")
    shot("name-and-place")


def test_nobody_of_a_name_leads_to_names_that_are_there(page: Page, shot: Shot) -> None:
    page.goto("/search?near=60201&within=250")
    last = page.locator(".result h2").first.inner_text().split(",")[0].split()[-1]
    page.goto(f"/search?name={last}q")
    expect(page.get_by_role("heading", name="Did you mean")).to_be_visible()
    shot("name-nobody")
    page.get_by_role("link", name=last, exact=True).click()
    expect(page.locator(".result").first).to_be_visible()


def test_typing_brings_suggestions(page: Page, shot: Shot) -> None:
    asked: list[str] = []
    page.goto("/")
    page.on("request", lambda each: asked.append(each.url) if "/suggest" in each.url else None)
    place = page.get_by_role("combobox", name="ZIP code or city")
    place.press_sequentially("e")
    page.wait_for_timeout(400)
    assert asked == []
    place.press_sequentially("vans")
    options = page.get_by_role("listbox", name="Places").get_by_role("option")
    expect(options.filter(has_text="Evanston, IL")).to_be_visible()
    expect(page.get_by_text(f"{options.count()} places")).to_be_attached()
    shot("suggestions")
    sizes = options.evaluate_all("all => all.map(each => each.getBoundingClientRect().height)")
    assert min(sizes) >= 44
    place.fill("Evansville, IN")
    place.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Evansville, IN")


@pytest.mark.parametrize("size", ["phone"])
def test_a_suggestion_is_chosen_by_keyboard(page: Page) -> None:
    page.goto("/")
    place = page.get_by_role("combobox", name="ZIP code or city")
    options = page.get_by_role("listbox").get_by_role("option")
    place.press_sequentially("evanst")
    expect(place).to_have_attribute("aria-expanded", "true")
    for key, chosen in (("ArrowDown", 0), ("End", -1), ("Home", 0), ("ArrowDown", 1)):
        place.press(key)
        option = options.all()[chosen]
        expect(option).to_have_attribute("aria-selected", "true")
        expect(place).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "")
    wanted = options.all()[1].inner_text()
    place.press("Enter")
    expect(place).to_have_value(wanted)
    expect(place).to_be_focused()
    expect(place).to_have_attribute("aria-expanded", "false")
    place.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(wanted)


@pytest.mark.parametrize("size", ["phone"])
def test_suggestions_are_in_nobodys_way(page: Page) -> None:
    page.goto("/")
    place = page.get_by_role("combobox", name="ZIP code or city")
    options = page.get_by_role("listbox")
    place.press_sequentially("evanst")
    expect(options).to_be_visible()
    place.press("Escape")
    expect(options).to_be_hidden()
    place.press("ArrowUp")
    expect(options.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    place.press("Tab")
    expect(options).to_be_hidden()
    expect(place).to_have_value("evanst")
    place.press("End")
    place.press_sequentially("o")
    expect(options).to_be_visible()
    place.press("Enter")
    page.wait_for_url("**near=evansto&**")


@pytest.mark.parametrize("size", ["phone"])
def test_a_name_is_suggested_and_pressed(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/search?near=60201&within=250")
    last = page.locator(".result h2").first.inner_text().split(",")[0].split()[-1]
    name = page.get_by_role("combobox", name="Name or NPI")
    name.press_sequentially(last[:3].lower())
    page.get_by_role("option", name=last, exact=True).click()
    expect(name).to_have_value(last)
    expect(name).to_be_focused()
    expect(page.get_by_role("listbox")).to_be_hidden()
    assert fits(page)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search?near=60201&within=100",
        "/search?near=59301&within=5&evidence=confirmed",
        "/search?name=Nobodyatall",
        "/search?near=evanst",
    ],
)
def test_no_barrier_is_found(page: Page, size: str, path: str) -> None:
    page.goto(path)
    if page.locator(".filters > summary").count():
        open_filters(page, size)
    for summary in page.locator("main details details > summary, .by-name > summary").all():
        summary.click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_filters_are_chosen_by_keyboard(page: Page, size: str) -> None:
    page.goto("/search?near=60201&within=100")
    if size == "phone":
        page.locator(".filters > summary").focus()
        page.keyboard.press("Enter")
    page.get_by_role("checkbox", name="Takes inquiries here").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Show results").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**inquiries=yes**")
    expect(page.locator(".filters a", has_text="Clear filters")).to_have_count(1)


def test_all_of_it_works_without_javascript(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("ZIP code or city").fill("evanst")
    page.get_by_role("button", name="Find professionals").click()
    page.get_by_role("link", name="Evanston, IL").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("of Evanston, IL")
    choice = page.get_by_role("radio", name="Female")
    promised = choice.locator("xpath=../span[@class='count']").inner_text()
    choice.check()
    page.get_by_role("button", name="Show results").click()
    expect(heading).to_contain_text(f"{promised} professional")
    last = page.locator(".result h2").first.inner_text().split(",")[0].split()[-1]
    page.get_by_label("ZIP code or city").fill("")
    page.get_by_label("Name or NPI").fill(f"{last}q")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=last, exact=True).click()
    expect(heading).to_contain_text(f"found for “{last}”")
    context.close()


@pytest.mark.parametrize("size", ["phone"])
def test_everything_fits_a_very_small_screen(page: Page, shot: Shot) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    for name, path in (
        ("results", "/search?near=60201"),
        ("name", "/search?near=59301&name=Anderson-Wolfeschlegelstein"),
        ("widened", "/search?near=59301&within=5&evidence=confirmed"),
        ("home", "/"),
    ):
        page.goto(path)
        if page.locator(".filters > summary").count():
            page.locator(".filters > summary").click()
        shot(f"small-{name}")
        assert fits(page), path
