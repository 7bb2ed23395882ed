"""The map on the results page."""

import re
from pathlib import Path

import pytest
from flask import Flask

from directory.core.db.database import db, writing
from directory.geo.points import Point
from tests.conftest import make_app
from tests.factories import CHICAGO, EVANSTON, make_location, make_provider
from tests.inquiries.patient import open_browser


def _listed(at: Point = EVANSTON, **facts: object) -> None:
    with writing() as session:
        make_location(session, make_provider(session, **facts), at=at)


def _page(app: Flask, **query: object) -> str:
    return open_browser(app).get("/search", query_string=query).text


def _pins(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<a[^>]* href="#result-(\d+)" aria-label="([^"]*)">', page)


def test_each_pin_leads_to_the_card_of_its_number(app: Flask) -> None:
    _listed(last_name="Feldt")
    _listed(CHICAGO, last_name="Okafor", treatments=61)
    page = _page(app, near="60201")

    assert _pins(page) == [
        ("1", "1, Amara Okafor, MD, about 12 miles"),
        ("2", "2, Amara Feldt, MD, under 1 mile"),
    ]
    assert re.findall(r'<li [^>]*id="result-(\d+)"', page) == ["1", "2"]


def test_documented_is_filled_and_likely_is_quiet(app: Flask) -> None:
    _listed()
    _listed(CHICAGO, treatments=61)
    page = _page(app, near="60201")

    assert re.findall(r'<a( class="quiet")? href="#result-(\d)"', page) == [
        ("", "1"),
        (' class="quiet"', "2"),
    ]


def test_the_map_of_a_wider_search_shows_the_wider_circle(app: Flask) -> None:
    _listed(CHICAGO)
    page = _page(app, near="60201", within="5")

    assert "within=250&amp;theme=light" in page
    assert 'media="screen and (prefers-color-scheme: dark)"' in page


@pytest.mark.parametrize("query", [{"name": "Feldt"}, {"near": "59301", "within": "5"}])
def test_without_a_place_or_without_anybody_there_is_no_map(
    app: Flask, query: dict[str, str]
) -> None:
    _listed()

    assert "map.svg" not in _page(app, **query)


def test_who_was_found_far_away_is_on_no_map(app: Flask) -> None:
    _listed()
    page = _page(app, near="99801", name="Feldt")

    assert "far from Juneau" in page
    assert "map.svg" not in page


def test_the_map_can_be_moved_only_with_tiles_of_the_operator(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    _listed()
    assert "map.js" not in _page(app, near="60201")
    tiles = {"TILES_URL": "/tiles/{z}/{x}/{y}.png", "TILES_CREDIT": "Tiles by us"}
    other = make_app(database_url, tmp_path, **tiles)
    page = _page(other, near="60201")
    with other.app_context():
        db.engine.dispose()

    assert 'data-tiles="/tiles/{z}/{x}/{y}.png"' in page
    assert "Tiles by us" in page
    assert "/static/map.js" in page
