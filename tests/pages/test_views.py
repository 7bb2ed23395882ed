"""The pages to read, and what every page has in common."""

from datetime import UTC, date, datetime

import pytest

from directory.providers.models import ImportRun, RunState, Source

PATHS = ["/", "/treatment", "/data", "/privacy", "/accessibility"]


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


def test_the_data_page_names_a_file_in_use_with_its_day(client, session):
    session.add(_nppes_run(released_on=date(2026, 11, 9)))
    session.commit()

    page = client.get("/data").get_data(as_text=True)

    assert "November 9, 2026" in page


def test_the_data_page_says_which_files_are_not_loaded(client):
    page = client.get("/data").get_data(as_text=True)

    assert "Not loaded here" in page
    assert "GeoNames" in page


def _nppes_run(released_on: date) -> ImportRun:
    now = datetime(2026, 11, 10, tzinfo=UTC)
    return ImportRun(
        source=Source.NPPES,
        file_name="npidata_pfile.csv",
        released_on=released_on,
        state=RunState.DONE,
        started_at=now,
        finished_at=now,
        counts={},
        set_aside={},
    )
