"""The map in a real browser: one press away on a phone, beside the list on a desktop."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests.site import Site, running_site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Shot = Callable[..., None]
RESULTS = "/search?near=60201"
_PIXEL = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256">'
    b'<path d="M0 0h256v256H0z" fill="#dde6dd"/></svg>'
)

_UNTIL_SCROLLED = """new Promise((done) => {
  const look = () => (window.scrollY > 0 ? done() : requestAnimationFrame(look));
  look();
})"""


def _pictures(page: Page) -> list[Request]:
    asked: list[Request] = []
    page.on("request", lambda each: asked.append(each) if "/map.svg" in each.url else None)
    return asked


def _open_map(page: Page, size: str) -> None:
    if size == "phone":
        page.get_by_text("Map", exact=True).click()


def test_the_map_is_in_sight_on_a_desktop_and_one_press_away_on_a_phone(
    page: Page, shot: Shot, size: str
) -> None:
    asked = _pictures(page)
    page.goto(RESULTS)
    picture = page.locator(".map img")
    if size == "phone":
        expect(picture).not_to_be_visible()
        page.wait_for_load_state("networkidle")
        assert asked == []
    _open_map(page, size)
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()
    picture.evaluate("each => each.decode()")
    assert len(asked) == 1
    shot("map")
    too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert too_wide <= 0


@pytest.mark.parametrize("size", ["phone"])
def test_both_buttons_of_a_phone_stay_in_one_row(page: Page) -> None:
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"{RESULTS}&inquiries=yes")
        for opened in (".mapped", ".filters"):
            page.locator(f"{opened} > summary").click()
            tops = [
                box["y"]
                for each in page.locator(".choose > details > summary").all()
                if (box := each.bounding_box())
            ]
            assert tops[0] == tops[1], width


def test_a_pin_is_reached_by_keyboard_and_leads_to_its_card(page: Page, size: str) -> None:
    page.goto(RESULTS)
    _open_map(page, size)
    page.locator(".map a").first.focus()
    page.keyboard.press("Tab")
    pin = page.locator(".map a").nth(1)
    expect(pin).to_be_focused()
    ring = pin.locator(".pin")
    assert ring.evaluate("each => getComputedStyle(each).strokeWidth") == "4px"
    expect(pin).to_have_accessible_name(re.compile(r"^2, .+ miles?$"))
    page.keyboard.press("Enter")
    card = page.locator("#result-2")
    expect(card).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(card.get_by_role("link").first).to_be_focused()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("size", ["phone"])
def test_every_pin_is_large_enough_to_press_and_under_nothing_else(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/search?near=Chicago,+IL&within=50")
    _open_map(page, "phone" if width == 320 else "desktop")
    pins = page.locator(".map a")
    assert pins.count() == 20
    page.locator(".map").scroll_into_view_if_needed()
    for pin in pins.all():
        box = pin.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
        at = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        is_hit = pin.evaluate("(pin, at) => pin.contains(document.elementFromPoint(...at))", at)
        assert is_hit


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_map_follows_the_theme_and_has_no_barrier(page: Page, size: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(RESULTS)
    _open_map(page, size)
    source = page.locator(".map img").evaluate("each => each.decode().then(() => each.currentSrc)")
    assert f"theme={scheme}" in source
    found = Axe().run(page, ".choose")
    assert found.violations_count == 0, found.generate_report()


def test_without_javascript_the_map_is_all_there(browser: Browser, site: Site) -> None:
    context = browser.new_context(
        base_url=site.url, java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto(RESULTS)
    page.locator(".mapped > summary").click()
    page.locator(".map a").nth(2).click()
    assert page.url.endswith("#result-3")
    context.close()


@pytest.fixture(scope="module")
def tiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose operator has tiles of their own."""
    folder: Path = tmp_path_factory.mktemp("tiled")
    with running_site(folder, TILES_URL="/tiles/{z}/{x}/{y}.png", TILES_CREDIT="By us") as site:
        yield site


def _with_tiles(page: Page, site: Site) -> list[str]:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(content_type="image/svg+xml", body=_PIXEL)

    page.route("**/tiles/**", answer)
    page.goto(site.url + RESULTS)
    return asked


def _places(page: Page) -> list[tuple[float, float]]:
    boxes = [each.bounding_box() for each in page.locator(".map a .pin").all()]
    return [(box["x"], box["y"]) for box in boxes if box]


@pytest.mark.parametrize("size", ["desktop"])
def test_a_map_with_tiles_is_moved_and_zoomed(browser: Browser, tiled: Site, shot: Shot) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    asked = _with_tiles(page, tiled)
    expect(page.locator(".map.live image").first).to_be_attached()
    shot("map-tiles", of=page)
    before = _places(page)
    moved = page.locator(".map a").evaluate_all(
        "all => all.map(each => Math.hypot(each.transform.baseVal[0].matrix.e, "
        "each.transform.baseVal[0].matrix.f))"
    )
    assert max(moved) < 2  # another projection, the same places
    box = page.locator(".map svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 50, steps=4)
    page.mouse.up()
    after = _places(page)
    for (old_x, old_y), (new_x, new_y) in zip(before, after, strict=True):
        assert (new_x - old_x, new_y - old_y) == pytest.approx((40, 30), abs=1)
    with page.expect_request("**/tiles/**"):
        page.get_by_role("button", name="Zoom in").click()
    levels = {url.split("/tiles/")[1].split("/")[0] for url in asked}
    assert len(levels) == 3  # the one asked first, the one that fits, the next
    page.keyboard.press("ArrowLeft")
    assert _places(page) != after
    context.close()


def test_the_wheel_scrolls_the_page_and_zooms_only_with_a_key(
    browser: Browser, tiled: Site
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    _with_tiles(page, tiled)
    page.locator(".map.live").hover(position={"x": 20, "y": 20})
    radius = page.locator(".searched")
    first = radius.get_attribute("r")
    page.mouse.wheel(0, 100)
    page.evaluate(_UNTIL_SCROLLED)
    assert radius.get_attribute("r") == first
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    expect(radius).not_to_have_attribute("r", first or "")
    context.close()


def test_where_no_tile_comes_the_drawn_map_stays(browser: Browser, tiled: Site) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    with page.expect_response("**/tiles/0/0/0.png") as answer:
        page.goto(tiled.url + RESULTS)
    assert answer.value.status == 404
    expect(page.locator(".map img")).to_be_visible()
    assert page.locator(".map.live, .zoom").count() == 0
    context.close()
