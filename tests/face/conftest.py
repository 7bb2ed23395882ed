"""The walk through every page, once in each language, with eyes open."""

import os

import pytest
from playwright.sync_api import Browser

from tests.face.pages import walk
from tests.face.sight import DESK, PHONE, Looker, Seen
from tests.face.visitor import LANGUAGES, Visitor
from tests.site import Site

# A walk takes minutes: each language may be walked by a worker of its own.
_WALKS = [pytest.param(each, marks=pytest.mark.xdist_group(f"face-{each}")) for each in LANGUAGES]


@pytest.fixture(scope="session", params=_WALKS)
def seen(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Seen:
    """What was seen on a walk through all pages in one language."""
    if "WALK" not in os.environ:
        pytest.skip("the walk through all pages takes a while: make walk")
    width, height = PHONE
    seen = Seen()
    context = browser.new_context(base_url=site.url, viewport={"width": width, "height": height})
    seen.watch(context, site.url)
    desk = context.new_page()
    desk.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    looker = Looker(seen, desk)
    visitor = Visitor(site, context.new_page(), request.param)
    for stop in walk(visitor):
        looker.look(stop)
    context.close()
    return seen
