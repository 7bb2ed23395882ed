"""The walk through every page, once in each language, with eyes open."""

import os

import pytest
from playwright.sync_api import Browser

from tests.face.pages import walk
from tests.face.sight import DESK, PHONE, SETTLED, Looker, Seen
from tests.face.visitor import LANGUAGES, Visitor
from tests.site import Site

# A walk takes minutes: each language may be walked by a worker of its own.
_WALKS = [pytest.param(each, marks=pytest.mark.xdist_group(f"face-{each}")) for each in LANGUAGES]


@pytest.fixture(scope="session")
def walks() -> dict[str, Seen]:
    """What was seen so far. Kept beside `seen`, which ends whenever another language is next."""
    return {}


@pytest.fixture(scope="session", params=_WALKS)
def seen(
    request: pytest.FixtureRequest, browser: Browser, site: Site, walks: dict[str, Seen]
) -> Seen:
    """What was seen on a walk through all pages in one language."""
    language = str(request.param)
    if language not in walks:
        walks[language] = _walked(browser, site, language)
    return walks[language]


def _walked(browser: Browser, site: Site, language: str) -> Seen:
    seen = Seen()
    phone, desk = (
        browser.new_context(base_url=site.url, viewport={"width": width, "height": height})
        for width, height in (PHONE, DESK)
    )
    for window in (phone, desk):
        seen.watch(window, site.url)
    # `make walk` checks everything in each language, and waits longer for what may still move.
    is_full = "WALK" in os.environ
    settled = SETTLED if is_full else SETTLED // 4
    looker = Looker(seen, desk.new_page(), is_full or language == "en", settled)
    for stop in walk(Visitor(site, phone.new_page(), language)):
        looker.look(stop)
    phone.close()
    desk.close()
    return seen
