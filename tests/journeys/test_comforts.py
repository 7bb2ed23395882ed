"""The small comforts in a real browser, by keyboard and pointer, and that none is needed."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Geolocation, Page, Route, expect

from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
on_a_phone = pytest.mark.parametrize("size", ["phone"])

Shot = Callable[..., None]
HERE: Geolocation = {"latitude": 42.0451234, "longitude": -87.6877, "accuracy": 20}


def ask_for_location(page: Page) -> None:
    page.get_by_text("Use my location").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Search near me")).to_be_focused()
    page.keyboard.press("Enter")


@on_a_phone
def test_what_the_location_is_for_is_said_first(page: Page, shot: Shot) -> None:
    page.goto("/")
    reason = page.get_by_text("rounded to about half a mile")
    expect(reason).to_be_hidden()
    page.get_by_text("Use my location").click()
    expect(reason).to_be_visible()
    shot("location-reason")


@on_a_phone
def test_a_location_is_rounded_and_keeps_what_was_chosen(
    context: BrowserContext, page: Page
) -> None:
    context.grant_permissions(["geolocation"])
    context.set_geolocation(HERE)
    page.goto("/")
    page.get_by_label("Within").select_option("50")
    ask_for_location(page)
    page.wait_for_url("**near=42.05%2C-87.69**")
    expect(page.get_by_role("heading", level=1)).to_contain_text("within 50 miles")
    page.goto("/search?near=60601&within=100&telehealth=yes")
    ask_for_location(page)
    page.wait_for_url("**near=42.05%2C-87.69**")
    assert "within=100" in page.url
    assert "telehealth=yes" in page.url


@on_a_phone
def test_a_location_that_is_not_shared_leads_to_the_box(page: Page, shot: Shot) -> None:
    page.goto("/")
    ask_for_location(page)
    place = page.get_by_role("combobox", name="ZIP code or city")
    expect(place).to_be_focused()
    expect(place).to_have_accessible_description(re.compile("was not shared"))
    shot("location-denied")


@on_a_phone
def test_a_place_is_remembered_only_when_wanted(page: Page, shot: Shot) -> None:
    page.goto("/")
    place = page.get_by_label("ZIP code or city")
    place.fill("60201")
    place.press("Enter")
    page.wait_for_url("**near=60201**")
    assert page.evaluate("localStorage.length") == 0
    page.goto("/")
    expect(place).to_have_value("")
    page.get_by_label("Remember this place on this device").check()
    place.fill("60202")
    place.press("Enter")
    page.wait_for_url("**near=60202**")
    assert "remember" not in page.url
    page.goto("/")
    expect(place).to_have_value("60202")
    shot("remembered")


@on_a_phone
def test_a_remembered_place_is_forgotten_with_one_press(page: Page) -> None:
    page.goto("/")
    page.evaluate("localStorage.setItem('place', 'Evanston, IL')")
    page.reload()
    tick = page.get_by_label("Remember this place on this device")
    expect(tick).to_be_checked()
    tick.uncheck()
    expect(page.get_by_text("Forgotten.")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0


@on_a_phone
def test_a_copied_link_does_not_tell_where_somebody_searched(
    context: BrowserContext, page: Page
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/search?near=60201")
    page.locator(".result h2 a").first.click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url.partition("?")[0]


@on_a_phone
def test_results_are_shared_as_the_system_shares(page: Page) -> None:
    page.add_init_script(
        "navigator.share = async (what) => { document.body.dataset.shared = what.url; }"
    )
    page.goto("/search?near=60201&within=10")
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.locator("body")).to_have_attribute("data-shared", page.url)


@on_a_phone
def test_a_phone_number_is_copied(context: BrowserContext, page: Page) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/search?near=60201")
    page.locator(".result h2 a").first.click()
    button = page.get_by_role("button", name="Copy (").first
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Number copied")).to_be_visible()
    number = page.locator(".phone a").first.inner_text()
    assert page.evaluate("navigator.clipboard.readText()") == number


@on_a_phone
def test_the_way_back_leads_to_the_same_list(page: Page) -> None:
    page.goto("/search?near=60201&within=100&page=2")
    listed = page.url
    page.locator(".result h2 a").first.click()
    page.get_by_role("link", name="Back to results").click()
    page.wait_for_url("**/search?**")
    assert page.url == listed


@pytest.fixture
def form(page: Page) -> Page:
    """The first step of an inquiry, as a patient comes to it."""
    page.goto("/search?near=60201&inquiries=yes")
    page.get_by_role("link", name="Send an inquiry").first.click()
    page.wait_for_url("**/inquiry/**")
    return page


@on_a_phone
def test_leaving_with_unsent_answers_is_asked_about(form: Page) -> None:
    asked: list[str] = []
    form.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    form.get_by_label("Your name").fill("Ada Example")
    with form.expect_event("dialog"):
        form.get_by_role("link", name="Privacy").click(no_wait_after=True)
    expect(form.get_by_label("Your name")).to_have_value("Ada Example")
    assert asked == ["beforeunload"]


@on_a_phone
def test_a_call_is_never_held_up(form: Page) -> None:
    form.on("dialog", lambda dialog: dialog.dismiss())
    form.get_by_label("Your name").fill("Ada Example")
    number = form.locator("a[href^='tel:']").first
    # Chromium has nothing to call with: what it asks the page before it would is asked here.
    number.evaluate("link => link.addEventListener('click', (event) => event.preventDefault())")
    leaves = "dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert not form.evaluate(leaves)
    number.click()
    assert form.evaluate(leaves)
    with form.expect_event("dialog"):
        form.get_by_role("link", name="Privacy").click(no_wait_after=True)


@on_a_phone
def test_sending_or_leaving_untouched_is_not_asked_about(form: Page) -> None:
    asked: list[str] = []
    form.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    form.get_by_label("Your name").fill("Ada Example")
    form.get_by_role("button", name="Continue").click()
    expect(form.get_by_role("heading", name="Please check these answers")).to_be_visible()
    form.get_by_role("link", name="Privacy").click()
    expect(form.get_by_role("heading", level=1)).to_have_text("Privacy")
    assert asked == []


def test_nothing_moves_when_the_script_comes(page: Page) -> None:
    held: list[Route] = []
    page.route("**/site.js*", lambda route: held.append(route))
    for path, mark in (("/", ".steps"), ("/search?near=60201", ".results")):
        page.goto(path, wait_until="commit")
        below = page.locator(mark)
        expect(page.locator(".foot p").last).to_be_attached()
        before = below.bounding_box()
        held.pop().continue_()
        page.wait_for_load_state()
        expect(page.locator("[data-locate]")).to_be_visible()
        assert below.bounding_box() == before, path


def test_without_a_script_no_comfort_is_offered_and_none_is_missed(
    browser: Browser, site: Site
) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    for path in ("/", "/search?near=60201"):
        page.goto(path)
        expect(page.locator(".late").first).to_be_attached()
        assert not any(each.is_visible() for each in page.locator(".late").all())
        expect(page.get_by_role("textbox", name="ZIP code or city")).to_be_visible()
    page.locator(".result h2 a").first.click()
    expect(page.get_by_role("link", name="Back to results")).to_be_visible()
    expect(page.locator(".phone a").first).to_be_visible()
    context.close()


@on_a_phone
def test_a_professional_is_printed_on_one_sheet(page: Page) -> None:
    page.goto("/search?near=60201")
    page.locator(".result h2 a").first.click()
    page.wait_for_load_state()
    sheet = page.pdf(format="Letter", margin=dict.fromkeys(("top", "bottom"), "0.5in"))
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
