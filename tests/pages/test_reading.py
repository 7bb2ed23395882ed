"""Pages to read: what they hold is listed, and who is to be written to is named."""

import re

import pytest

from directory.core.db.database import db
from tests.conftest import make_app

PATHS = ["/treatment", "/data", "/privacy", "/accessibility"]


@pytest.mark.parametrize("prefix", ["", "/es"])
@pytest.mark.parametrize("path", PATHS)
def test_the_contents_lead_to_every_heading_in_its_order(app, prefix, path):
    page = app.test_client().get(prefix + path).text
    contents = page.partition('class="contents"')[2].partition("</nav>")[0]

    assert re.findall(r'href="#([^"]+)"', contents) == re.findall(r'<h2 id="([^"]+)"', page)


@pytest.mark.parametrize("path", ["/privacy", "/accessibility", "/es/accessibility"])
def test_who_runs_the_site_can_be_written_to(database_url, tmp_path, path):
    app = make_app(database_url, tmp_path, CONTACT_EMAIL="help@directory.example.org")

    page = app.test_client().get(path).text

    # In the text and at the foot.
    assert page.count('<a href="mailto:help@directory.example.org">') == 2
    with app.app_context():
        db.engine.dispose()


def test_nobody_is_named_where_nobody_is_set(app):
    assert "mailto:" not in app.test_client().get("/accessibility").text


def test_the_signs_of_the_evidence_are_those_of_the_results(app):
    page = app.test_client().get("/data").text

    assert re.findall(r'class="sign (\w+)"', page) == ["confirmed", "documented", "likely"]


def test_the_accessibility_page_says_what_falls_short_and_when_that_was_so(app):
    page = app.test_client().get("/accessibility").text

    assert "nobody outside has reviewed it" in page
    assert re.search(r"We last went through this page on \w+ \d+, 20\d\d", page)
