"""The pages to read, and what every page has in common."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from directory.providers.models import Release, Source

PATHS = [
    "/",
    "/treatment",
    "/data",
    "/privacy",
    "/accessibility",
    "/self-check",
    "/self-check/diary",
]


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_one_heading_a_title_and_a_way_to_its_content(client, path):
    page = client.get(path).get_data(as_text=True)

    assert page.count("<h1") == 1
    assert "<title> -" not in page
    assert 'href="#main"' in page


@pytest.mark.parametrize("path", PATHS)
def test_a_page_loads_nothing_from_anyone_else(client, path):
    page = client.get(path).get_data(as_text=True)

    assert 'src="http' not in page
    assert 'rel="stylesheet" href="/static/site.css?v=' in page


def test_the_home_page_asks_for_a_place_and_a_distance(client):
    page = client.get("/").get_data(as_text=True)

    assert '<label for="near">' in page
    assert '<option value="25" selected>' in page
    assert "For example 60201 or Evanston, IL" in page


def test_the_treatment_page_says_when_to_get_help_and_names_its_sources(client):
    page = client.get("/treatment").get_data(as_text=True)

    assert "trouble swallowing, speaking or breathing" in page
    assert "US prescribing information" in page


def test_the_data_page_names_each_file_in_use_with_its_day_and_rows(client, session):
    session.add(_release(Source.NPPES_LOCATIONS, date(2026, 11, 9), rows=1234567))
    session.commit()

    page = client.get("/data").get_data(as_text=True)

    assert "November 9, 2026" in page
    assert "NPPES, further practice locations" in page
    assert "1,234,567 rows" in page


def test_the_data_page_names_the_states_and_years_apart(client, session):
    session.add(_release(Source.STATE, date(2026, 11, 9), part="WA"))
    session.add(_release(Source.STATE, date(2026, 10, 9), part="TX"))
    session.add(_release(Source.MEDICARE, date(2026, 5, 9), part="2024"))
    session.commit()

    page = " ".join(client.get("/data").get_data(as_text=True).split())

    for text in ("license file, Washington", "license file, Texas", "billing file, 2024"):
        assert text in page


def test_the_data_page_names_later_changes_beside_the_full_file(client, session):
    for day, is_full in ((2, True), (9, True), (16, False), (23, False)):
        session.add(_release(Source.NPPES, date(2026, 11, day), is_full=is_full))
    session.commit()

    page = client.get("/data").get_data(as_text=True)

    named = [day for day in (2, 9, 16, 23) if f"November {day}, 2026" in page]
    assert named == [9, 23]
    assert page.count("changes only") == 1


def test_the_data_page_says_which_files_are_not_loaded(client):
    page = client.get("/data").get_data(as_text=True)

    assert "Not loaded here" in page
    assert "GeoNames" in page


def _release(source: Source, released_on: date, **facts: Any) -> Release:
    given = {"file_name": "file.csv", "file_digest": "", "is_full": True, "rows": 1, **facts}
    now = datetime(2026, 11, 24, tzinfo=UTC)
    return Release(source=source, released_on=released_on, loaded_at=now, **given)
