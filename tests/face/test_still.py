"""Every page is ours alone and keeps still; and no page is forgotten."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.conftest import make_app
from tests.face.pages import NO_PAGES
from tests.face.sight import COUNT_SHIFTS, Seen, inline_in, shifts_of
from tests.site import Site

pytestmark = pytest.mark.browser
with_others = pytest.mark.xdist_group("browser")  # beside the walks, which have groups of their own


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A tab in which something is wrong on purpose."""
    page = browser.new_page(base_url=site.url)
    yield page
    page.close()


def test_every_request_goes_to_the_site_itself(seen: Seen) -> None:
    assert len(seen.names) > 100
    assert seen.strangers == []


def test_no_page_holds_a_script_or_a_style(seen: Seen) -> None:
    assert seen.inline == []


def test_no_page_complains(seen: Seen) -> None:
    assert seen.errors == []


def test_nothing_moves_once_it_is_shown(seen: Seen) -> None:
    assert not seen.shifts, "\n".join(seen.shifts)


def test_no_page_is_forgotten(seen: Seen, tmp_path: Path) -> None:
    app = make_app("sqlite://", tmp_path)
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.endpoint.startswith(tuple(NO_PAGES))
    }
    assert pages - {endpoint_of(app, path) for path in seen.paths} == set()


@with_others
@pytest.mark.parametrize(
    "spoil",
    [
        "document.querySelector('h1').style.color = 'red'",
        "document.body.append(document.createElement('style'))",
        "document.querySelector('h1').setAttribute('onclick', 'print()')",
    ],
)
def test_a_style_or_script_is_found(page: Page, spoil: str) -> None:
    page.goto("/privacy")
    assert inline_in(page, "privacy") == []
    page.evaluate(spoil)
    assert len(inline_in(page, "privacy")) == 1


@with_others
def test_what_moves_is_found(page: Page) -> None:
    page.add_init_script(COUNT_SHIFTS)
    page.add_init_script(
        """addEventListener("load", () => setTimeout(() => {
          const late = document.createElement("img");
          late.height = 300;
          document.querySelector("main").prepend(late);
        }, 600))"""
    )
    page.goto("/privacy")
    assert shifts_of(page, "privacy")


def endpoint_of(app: Flask, path: str) -> str | None:
    """Return which view answers an address, in any language."""
    try:
        return app.url_map.bind("").match(path.removeprefix("/es") or "/", method="GET")[0]
    except (HTTPException, RequestRedirect):
        return None
