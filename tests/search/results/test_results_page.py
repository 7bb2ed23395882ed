"""The results page: names, widening and its undoing, stable pages, and what it costs."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask

from directory.core.db.database import db, writing
from directory.geo.points import Point
from directory.providers.models import PracticeLocation
from directory.search.index.data_versions import forget_versions
from directory.search.index.listings import refresh_listings
from tests.factories import CHICAGO, EVANSTON, make_clinic, make_location, make_provider
from tests.inquiries.patient import open_browser
from tests.search.index.test_listings import hide
from tests.search.results.filter_form import heading_count, links

ANCHORAGE = Point(61.22, -149.87)


def listed(at: Point = EVANSTON, **facts: object) -> str:
    with writing() as session:
        return make_location(session, make_provider(session, **facts), at=at).npi


def heading(html: str) -> str:
    [text] = re.findall(r"<h1>(.*?)</h1>", html, re.DOTALL)
    return text


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that the application sends to its database."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_more) -> None:  # type: ignore[no-untyped-def]
        if not statement.startswith(("PRAGMA", "BEGIN", "SET")):
            sent.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "typed",
    ["Peña", "pena", "PEÑA-O'NEIL", "pena oneil", "dr amara peña o'neil", "Pena, MD", "peñ"],
)
def test_accents_hyphens_case_and_titles_do_not_matter(app: Flask, typed: str) -> None:
    npi = listed(last_name="PENA-O'NEIL")
    listed(last_name="Feldt")
    page = open_browser(app).get("/search", query_string={"name": typed}).text
    assert heading_count(page) == 1
    assert f"/providers/{npi}" in page


def test_an_npi_finds_its_professional_whatever_the_specialty(app: Flask) -> None:
    npi = listed(taxonomy="207Q00000X")
    page = open_browser(app).get(f"/search?name={npi}").text
    assert heading(page) == f"1 professional found for “{npi}”"
    assert f"/providers/{npi}" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("near=60201", "1 professional within 250 miles of Evanston, IL 60201"),
        (
            "near=60201&name=feldt",
            "1 professional found for “feldt” within 25 miles of Evanston, IL 60201",
        ),
        ("near=99501&name=feldt", "1 professional found for “feldt”, far from Anchorage, AK 99501"),
        ("name=feldt", "1 professional found for “feldt”"),
        ("name=nobody", "Nobody found for “nobody”"),
        (
            "near=99501&name=nobody",
            "Nobody found for “nobody”, near Anchorage, AK 99501 or elsewhere",
        ),
        (
            "near=99501&name=feldt&widen=no",
            "Nobody found for “feldt” within 25 miles of Anchorage, AK 99501",
        ),
        ("near=99501", "Nobody found within 250 miles of Anchorage, AK 99501"),
    ],
)
def test_the_heading_says_what_was_looked_for(app: Flask, query: str, expected: str) -> None:
    listed(last_name="Feldt")
    assert heading(open_browser(app).get(f"/search?{query}").text) == expected


@pytest.mark.parametrize("typed", ["x", ".", "-", "\u00a0"])
def test_a_name_that_says_nothing_asks_for_more(app: Flask, typed: str) -> None:
    page = open_browser(app).get("/search", query_string={"name": typed})
    assert page.status_code == 200
    assert "Where should we look?" in page.text


def test_a_name_that_nobody_bears_leads_to_names_that_are_there(app: Flask) -> None:
    listed(first_name="Jane", last_name="Quillfeather")
    browser = open_browser(app)
    page = browser.get("/search?near=60201&name=Jane+Quilfether").text
    assert "Did you mean" in page
    url = links(page)["Jane Quillfeather"]
    assert url == "/search?near=60201&name=Jane+Quillfeather"
    assert heading_count(browser.get(url).text) == 1


@pytest.mark.parametrize(
    ("query", "said", "undo", "left"),
    [
        (
            "within=25",
            "Fewer than three professionals were found within 25 miles, so we looked within 100",
            "Only within 25 miles",
            2,
        ),
        (
            "within=100&evidence=documented",
            "So professionals of a usual specialty are shown, too.",
            "Only what I chose, within 100 miles",
            1,
        ),
        (
            "within=25&evidence=confirmed",
            "Fewer than three confirmed by a clinic were found, even within 250 miles. "
            "So professionals of a usual specialty are shown, too, and we looked within 100 miles.",
            "Only confirmed by a clinic, within 25 miles",
            0,
        ),
        (
            "within=25&evidence=documented",
            "So professionals of a usual specialty are shown, too, and we looked within 100 miles.",
            "Only what I chose, within 250 miles",
            1,
        ),
        (
            "within=5&name=faraway",
            "Nobody of this name was found within 5 miles, so we looked within 100 miles.",
            "Only within 5 miles",
            0,
        ),
        (
            "within=5&name=polar",
            "Nobody of this name was found within 5 miles, so we looked everywhere.",
            "Only within 5 miles",
            0,
        ),
        (
            "name=polar&evidence=documented",
            "Nobody of this name was found with the evidence you chose, so others of this name are "
            "shown, too. None of them is near, so we looked everywhere.",
            "Only what I chose, within 25 miles",
            0,
        ),
    ],
)
def test_a_wider_search_says_so_and_can_be_undone_and_done_again(
    app: Flask, query: str, said: str, undo: str, left: int
) -> None:
    listed(treatments=61)
    listed()
    listed(at=Point(43.04, -87.92), last_name="Faraway")  # 69 miles
    listed(at=ANCHORAGE, last_name="Polar")
    browser = open_browser(app)
    wide = browser.get(f"/search?near=60201&{query}").text
    assert said in " ".join(wide.split())
    narrow = browser.get(links(wide)[undo]).text
    assert heading_count(narrow) == left
    again = browser.get(links(narrow)["Look further"]).text
    assert heading_count(again) == heading_count(wide)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("within=5", "You chose 5 miles. We looked within 250 miles, and found nobody there"),
        ("within=5&evidence=confirmed", "within 250 miles, and for weaker evidence than you chose"),
        ("within=250&evidence=confirmed", "We looked for weaker evidence than you chose, too"),
    ],
)
def test_a_wider_search_in_vain_says_so(app: Flask, query: str, said: str) -> None:
    page = open_browser(app).get(f"/search?near=99501&{query}").text
    assert heading_count(page) == 0
    assert said in " ".join(page.split())


def test_a_small_place_offers_the_larger_ones_that_its_name_begins(app: Flask) -> None:
    page = open_browser(app).get("/search?near=evans").text
    offered = links(page)
    assert "Or did you mean" in page
    assert offered["Evanston, IL"] == "/search?near=Evanston,+IL"
    assert list(offered).index("Evansville, IN") < list(offered).index("Evanston, IL")
    assert "Or did you mean" not in open_browser(app).get("/search?near=Chicago").text


def test_enough_is_not_called_a_wider_search(app: Flask) -> None:
    for _ in range(3):
        listed()
    page = open_browser(app).get("/search?near=60201").text
    assert 'class="note"' not in page


def test_who_turns_pages_meets_everybody_once_while_the_data_changes(app: Flask) -> None:
    npis = {listed(at=Point(42.0451 + number / 100, -87.6877)) for number in range(25)}
    browser = open_browser(app)
    first = browser.get("/search?near=60201").text
    with writing() as session:  # somebody new comes first, and the nearest go far away
        moved = _shown(first)[:4]
        session.execute(
            sa.update(PracticeLocation)
            .where(PracticeLocation.npi.in_(moved))
            .values(latitude=ANCHORAGE.latitude, longitude=ANCHORAGE.longitude)
        )
        refresh_listings(session, moved)
    newcomer = listed()
    second = browser.get(links(first)["Next"]).text
    assert sorted([*_shown(first), *_shown(second)]) == sorted(npis)
    assert "was renewed" not in second
    assert newcomer in _shown(browser.get("/search?near=60201").text)


def test_a_version_that_is_gone_is_said(app: Flask) -> None:
    for number in range(25):
        listed(at=Point(42.0451 + number / 100, -87.6877))
    browser = open_browser(app)
    following = links(browser.get("/search?near=60201").text)["Next"]
    listed()
    with writing() as session:
        forget_versions(session)
    page = browser.get(following).text
    assert "The data was renewed since you opened the first page" in page
    assert "version=" in following


def test_who_is_hidden_meanwhile_is_on_no_page(app: Flask) -> None:
    for number in range(25):
        listed(at=Point(42.0451 + number / 100, -87.6877))
    browser = open_browser(app)
    first = browser.get("/search?near=60201").text
    following = links(first)["Next"]
    gone = _shown(browser.get(following).text)[0]
    with writing() as session:
        hide(session, gone)
        refresh_listings(session, [gone])
    assert gone not in _shown(browser.get(following).text)


def _shown(html: str) -> list[str]:
    return re.findall(r'<h2><a href="/providers/(\d+)', html)


def test_what_a_clinic_offers_stands_on_the_card(app: Flask) -> None:
    with writing() as session:
        location = make_location(session, make_provider(session))
        make_clinic(session, location, languages="en,es", inquiries_received=4, answer_minutes=60)
    page = open_browser(app).get("/search?near=60201").text
    assert "Speaks English, Spanish" in page
    assert "answered" not in page  # four inquiries say nothing yet


KINDS = [
    "near=60201",
    "near=60201&specialty=all&within=250",
    "near=60201&specialty=neurology&sex=F&language=es&telehealth=yes",
    "near=60201&within=5&evidence=confirmed",
    "near=60201&sort=documented&page=2",
    "near=60201&name=feldt",
    "near=99501&name=feldt",
    "name=feldt&sort=fastest",
    "name=amara+fledt",
    "name=nobody",
    "name=1000000004",
    "near=99501&widen=no",
]


@pytest.mark.parametrize("query", KINDS)
def test_a_page_needs_at_most_four_statements(app: Flask, query: str) -> None:
    with writing() as session:
        for number in range(30):
            location = make_location(session, make_provider(session, treatments=number + 11))
            make_clinic(session, location)
    browser = open_browser(app)
    browser.get("/privacy")  # whether this is a demonstration is asked once
    with counted(app) as cold:
        assert browser.get(f"/search?{query}").status_code == 200
    assert 1 <= len(cold) <= 4, cold


@pytest.mark.parametrize("query", ["near=60201", "name=feldt", "name=nobody"])
def test_a_page_that_is_known_is_not_sent_again_until_the_data_changes(
    app: Flask, query: str
) -> None:
    listed()
    browser = open_browser(app)
    first = browser.get(f"/search?{query}")
    known = {"If-None-Match": first.headers["ETag"]}
    assert browser.get(f"/search?{query}", headers=known).status_code == 304
    listed(at=CHICAGO)
    changed = browser.get(f"/search?{query}", headers=known)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_no_place_and_no_name_is_logged(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    listed()
    logger = logging.getLogger("directory")
    logger.addHandler(caplog.handler)
    caplog.set_level(logging.DEBUG)
    try:
        for path in ("search?near=60201", "search?name=Feldt", "search?near=Evanstn"):
            open_browser(app).get(f"/{path}")
        for path in ("suggest?place=evanst", "suggest?name=feld", "suggest?near=evanst"):
            open_browser(app).get(f"/{path}")
        logger.info("the log is read")
    finally:
        logger.removeHandler(caplog.handler)
    text = " ".join(str(vars(record)) for record in caplog.records).lower()
    assert "the log is read" in text
    for typed in ("60201", "evanst", "feld"):
        assert typed not in text


def test_a_page_beyond_the_last_leads_to_the_first(app: Flask) -> None:
    browser = open_browser(app)
    listed()
    page = browser.get("/search?near=60201&page=7").text
    assert "This page of results is empty." in page
    assert heading_count(browser.get(links(page)["Go to the first page"]).text) == 1
