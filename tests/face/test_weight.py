"""How much a first visit loads: little enough for a weak network."""

import gzip

import pytest
from playwright.sync_api import BrowserContext, Page, Response

from directory.config import PROJECT_FOLDER

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

KB = 1024


@pytest.fixture(params=["phone", "desktop"])
def size(request: pytest.FixtureRequest) -> str:
    """What is loaded may depend on the screen."""
    return str(request.param)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/", 30 * KB),
        ("/es/", 30 * KB),
        ("/search?near=60201&within=100", 60 * KB),
        ("/es/search?near=60201&within=100", 60 * KB),
        ("/search?near=60201&within=250&page=2", 60 * KB),
    ],
)
def test_a_first_visit_is_light(context: BrowserContext, path: str, most: int) -> None:
    loaded = loaded_by(context, path)
    assert {"page", "style", "script", "icon"} <= {kind for kind, _size in loaded}
    assert sum(size for _kind, size in loaded) < most, loaded


def test_pictures_wait_until_they_are_looked_for(page: Page) -> None:
    for path in ("/", "/search?near=60201&within=100"):
        page.goto(path)
        assert page.locator("img:not([loading=lazy])").count() == 0


def test_the_stylesheet_stays_small() -> None:
    content = (PROJECT_FOLDER / "directory/static/site.css").read_bytes()
    assert len(gzip.compress(content)) < 15 * KB


def loaded_by(context: BrowserContext, path: str) -> list[tuple[str, int]]:
    """Return what a browser that was never here loads, each with its size as it is sent."""
    answers: list[Response] = []
    page = context.new_page()
    page.on("response", lambda each: answers.append(each))
    page.goto(path, wait_until="networkidle")
    kinds = {"document": "page", "stylesheet": "style"}
    loaded = [
        (kinds.get(each.request.resource_type, each.request.resource_type), sent(each.body()))
        for each in answers
        if "/icon" not in each.url and "favicon" not in each.url
    ]
    # A browser without a window does not ask for icons, nor for what puts the site on a screen.
    for link in page.locator("link[rel~=icon], link[rel=manifest]").all():
        loaded.append(("icon", sent(page.request.get(link.get_attribute("href") or "").body())))
    return loaded


def sent(body: bytes) -> int:
    """Return how many bytes this is once the server in front has compressed it."""
    return min(len(body), len(gzip.compress(body, 6)))
