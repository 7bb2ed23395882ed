"""The address of the picture."""

import xml.etree.ElementTree as ElementTree

from flask import Flask

from directory.search.map.map_figure import digest
from tests.inquiries.patient import open_browser

GIVEN = {"at": "42.0451,-87.6877", "within": "25", "theme": "dark"}


def test_a_picture_may_be_kept_for_long_by_anybody(app: Flask) -> None:
    answer = open_browser(app).get("/map.svg", query_string={**GIVEN, "v": digest()})

    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Set-Cookie" not in answer.headers
    assert ElementTree.fromstring(answer.data).get("viewBox") == "0 0 672 720"


def test_a_picture_of_another_version_is_asked_for_again(app: Flask) -> None:
    answer = open_browser(app).get("/map.svg", query_string={**GIVEN, "v": "0123456789ab"})

    assert answer.headers["Cache-Control"] == "public, no-cache"


def test_what_cannot_be_meant_is_refused_with_a_reason(app: Flask) -> None:
    answer = open_browser(app).get("/map.svg", query_string={**GIVEN, "theme": "blue"})

    assert answer.status_code == 400
    assert answer.json["error"] == "theme must be one of light, dark."
