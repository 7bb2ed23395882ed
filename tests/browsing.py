"""A real browser on a real site, recording every request."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from directory.config import PROJECT_FOLDER
from tests.chromium import find_chromium
from tests.conftest import missing
from tests.site import Site, running_site

SIZES = {"phone": (390, 844), "desktop": (1280, 1000)}
_ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo site, with web server, worker, mailbox and database."""
    with running_site(
        tmp_path_factory.mktemp("site"), INQUIRIES_PER_HOUR="1000", FORM_SECONDS="0"
    ) as site:
        yield site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    chromium = find_chromium()
    if chromium is None:
        missing("Chromium", "apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=list(SIZES))
def size(request: pytest.FixtureRequest) -> str:
    """The name of a screen size."""
    name: str = request.param
    return name


@pytest.fixture
def context(browser: Browser, site: Site, size: str) -> Iterator[BrowserContext]:
    """A browser window of that size; any request to another origin fails the test."""
    width, height = SIZES[size]
    context = browser.new_context(base_url=site.url, viewport={"width": width, "height": height})
    strangers: list[str] = []
    problems: list[str] = []
    own = urlsplit(site.url).netloc
    context.on(
        "request",
        lambda request: urlsplit(request.url).netloc == own or strangers.append(request.url),
    )
    context.on("console", lambda message: message.type == "error" and problems.append(message.text))
    yield context
    context.close()
    assert strangers == []
    assert [text for text in problems if "status of 4" not in text] == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab."""
    return context.new_page()


@pytest.fixture
def shot(page: Page, size: str, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Take a screenshot of the whole page if screenshots are requested."""
    folder = PROJECT_FOLDER / "screenshots"
    wanted = request.config.getoption("--screenshots")

    def take(name: str, of: Page | None = None) -> None:
        if wanted:
            Path(folder).mkdir(exist_ok=True)
            (of or page).screenshot(path=folder / f"{name}-{size}.png", full_page=True)

    return take
