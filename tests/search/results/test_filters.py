"""The filters of the results page: each number is what a click leaves."""

import re

import pytest
from flask import Flask

from directory.core.db.database import writing
from directory.geo.points import Point
from directory.providers.models import AcceptingPatients, Clinician, Sex, Source
from directory.search.index.listings import refresh_listings
from tests.factories import CHICAGO, EVANSTON, TODAY, make_clinic, make_location, make_provider
from tests.inquiries.patient import Browser, open_browser
from tests.search.results.filter_form import Choice, choices, heading_count, links

MILWAUKEE = Point(43.04, -87.92)
PLACES = [EVANSTON, EVANSTON, CHICAGO, MILWAUKEE]
TAXONOMIES = ["2084N0400X", "208VP0014X", "2081P2900X", "207Q00000X", "363L00000X"]


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser on a site with 24 professionals of every kind."""
    with writing() as session:
        for number in range(24):
            provider = make_provider(
                session,
                last_name=f"Quill{'feather' if number % 3 else 'pen'}",
                sex=[Sex.FEMALE, Sex.MALE, None, Sex.OTHER][number % 4],
                taxonomy=TAXONOMIES[number % 5],
                treatments=20 + number if number % 5 == 0 else None,
            )
            if number % 6 == 0:
                fact = {"npi": provider.npi, "source": Source.CLINICIANS, "as_of": TODAY}
                session.add(Clinician(telehealth=True, **fact))
            location = make_location(
                session,
                provider,
                at=PLACES[number // 3 % 4],
                accepting_patients=AcceptingPatients.YES if number % 2 else None,
            )
            if number % 3 == 0:
                clinic = make_clinic(session, location, languages="en,es" if number % 2 else "en")
                clinic.providers[0].treatment_confirmed_on = TODAY if number % 6 == 0 else None
                refresh_listings(session, [provider.npi])
    return open_browser(app)


def left_by(browser: Browser, choice: Choice) -> int:
    """Return how many a choice leaves, going back from where a wider search went."""
    page = browser.get("/search", query_string=choice.sent).text
    undo = [url for text, url in links(page).items() if text.startswith("Only ")]
    return heading_count(browser.get(undo[0]).text if undo else page)


@pytest.mark.parametrize(
    "query",
    [
        "near=60201",
        "near=60201&within=100&sort=distance",
        "near=60201&within=100&sex=F",
        "near=60201&within=250&evidence=confirmed&evidence=documented",
        "near=60201&within=250&specialty=all",
        "near=60201&within=250&specialty=neurology&specialty=pain&accepting=yes",
        "near=60201&within=250&language=es",
        "near=60201&within=100&name=quillfeather",
        "name=quill",
        "name=quillpen&inquiries=yes",
    ],
)
def test_every_number_is_what_its_choice_leaves(browser: Browser, query: str) -> None:
    page = browser.get(f"/search?{query}").text
    offered = choices(page)
    assert {choice.name for choice in offered} >= {"evidence", "specialty", "sex", "accepting"}
    promised = {(choice.name, choice.value): choice.count for choice in offered}
    assert promised == {(choice.name, choice.value): left_by(browser, choice) for choice in offered}


def test_a_choice_that_would_leave_nobody_is_quiet_and_can_still_be_made(browser: Browser) -> None:
    page = browser.get("/search?near=60201").text
    assert re.search(r'class="tick none">\s*<input type="checkbox" name="specialty"', page)


def test_the_languages_are_those_that_somebody_speaks(browser: Browser) -> None:
    page = browser.get("/search?near=60201&within=100&language=zh&widen=no").text
    offered = {choice.value for choice in choices(page) if choice.name == "language"}
    assert offered == {"en", "es", "zh"}


def test_a_wider_search_says_what_its_numbers_are_for(browser: Browser) -> None:
    page = browser.get("/search?near=53202&within=5&evidence=documented").text
    assert "would leave within 100 miles" in page
    assert "Everyone within 5 miles, whatever the specialty" in page


def test_without_a_place_nothing_is_offered_by_distance(browser: Browser) -> None:
    page = browser.get("/search?name=quill").text
    assert 'name="within"' not in page
    assert 'value="distance"' not in page
    assert 'class="far"' not in page


def test_the_filters_are_kept_by_a_search_of_another_place(browser: Browser) -> None:
    page = browser.get("/search?near=60201&within=100&sex=F&language=es&name=quill").text
    bar = page[page.index('role="search"') : page.index("</form>")]
    for name, value in (("within", "100"), ("sex", "F"), ("language", "es")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in bar


def test_filters_can_be_cleared(browser: Browser) -> None:
    page = browser.get("/search?near=60201&within=50&sex=F&telehealth=yes&language=es").text
    assert links(page)["Clear filters"] == "/search?near=60201&within=50"


def test_the_fastest_answers_come_first_and_it_is_said_when_they_are_known(app: Flask) -> None:
    with writing() as session:
        for minutes in (3000, 90):
            location = make_location(session, make_provider(session, last_name=f"Slow{minutes}"))
            make_clinic(
                session,
                location,
                inquiries_received=14,
                inquiries_answered=12,
                answer_minutes=minutes,
            )
    page = open_browser(app).get("/search?near=60201&sort=fastest").text
    assert page.index("Slow90") < page.index("Slow3000")
    assert "once a clinic has had 5 inquiries" in page
    assert "answers in about 2 hours, 12 of 14 answered" in page
    assert "answers in about 2 days, 12 of 14 answered" in page
