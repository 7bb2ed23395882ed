"""Professionals side by side: what is shown of each, who is missing, and what it costs."""

import html
import re
from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.core.db.database import writing
from directory.providers.models import AcceptingPatients, Clinician, License, Provider
from directory.search.compare.comparison import Compared, compare
from tests.factories import (
    CHICAGO,
    EVANSTON,
    TODAY,
    make_clinic,
    make_location,
    make_npi,
    make_provider,
)
from tests.inquiries.patient import open_browser
from tests.profiles.test_profile import CLINICIANS, NPPES, excluded
from tests.search.index.test_listings import deactivate, hide
from tests.search.results.test_results_page import counted, listed


def named(first_name: str, **facts: Any) -> str:
    """Commit a professional of that first name; return the NPI."""
    return listed(first_name=first_name, **facts)


def page_of(app: Flask, *npis: str, **given: str) -> str:
    page = open_browser(app).get("/compare", query_string={"npi": npis, **given})
    assert page.status_code == 200
    return " ".join(page.text.split())


def columns(page: str) -> list[str]:
    return re.findall(r'<th scope="col">.*?<a [^>]*>(.*?)</a>', page)


def cells(page: str, question: str) -> list[str]:
    """Return the words of a row, one text for each professional."""
    row = re.search(rf'<th scope="row">{re.escape(question)}</th>(.*?)</tr>', page)
    assert row
    texts = re.findall(r"<td[^>]*>(.*?)</td>", row[1])
    return [html.unescape(" ".join(re.sub(r"<[^>]+>", " ", text).split())) for text in texts]


def one(session: Session, npi: str, **given: Any) -> Compared:
    session.flush()
    session.expire_all()
    [found] = compare(session, [npi], today=TODAY, **{"near": None, **given})
    return found


def test_three_stand_side_by_side_in_the_order_asked_for(app: Flask) -> None:
    npis = [named(name) for name in ("Cleo", "Ada", "Bea")]
    page = page_of(app, *npis)
    assert columns(page) == ["Cleo Feldt, MD", "Ada Feldt, MD", "Bea Feldt, MD"]
    assert len(cells(page, "Where")) == 3


def test_of_four_the_first_three_are_shown(app: Flask) -> None:
    npis = [named(name) for name in ("Ada", "Bea", "Cleo", "Dora")]
    page = page_of(app, *npis)
    assert "At most 3 fit side by side" in page
    assert columns(page) == ["Ada Feldt, MD", "Bea Feldt, MD", "Cleo Feldt, MD"]


def test_who_is_asked_for_twice_is_shown_once(app: Flask) -> None:
    npi, other = named("Ada"), named("Bea")
    page = page_of(app, npi, npi, other, npi)
    assert len(columns(page)) == 2
    assert "At most 3" not in page


def test_one_alone_is_shown_and_more_are_asked_for(app: Flask) -> None:
    page = page_of(app, named("Ada"), near="60201")
    assert columns(page) == ["Ada Feldt, MD"]
    assert "Choose one or two more in the results" in page


def test_nobody_chosen_leads_to_the_search(app: Flask) -> None:
    page = page_of(app, near="60201")
    assert "Nobody is chosen yet" in page
    assert "<table" not in page
    assert re.search(r'<a class="button" [^>]*href="/search\?near=60201"', page)


@pytest.mark.parametrize("unknown", [make_npi(99_999_999), "<b>1", "é", "123"])
def test_an_unknown_npi_is_named_and_the_others_are_shown(app: Flask, unknown: str) -> None:
    page = page_of(app, unknown, named("Ada"))
    assert f"Nobody with the NPI {html.escape(unknown)} is known here." in page
    assert columns(page) == ["Ada Feldt, MD"]


def test_removing_one_leaves_the_others_and_the_place(app: Flask) -> None:
    ada, bea, cleo = (named(name) for name in ("Ada", "Bea", "Cleo"))
    page = page_of(app, ada, bea, cleo, near="60201")
    assert f'href="/compare?npi={ada}&amp;npi={cleo}&amp;near=60201">Remove' in page


def test_the_way_back_takes_the_chosen_along(app: Flask) -> None:
    npi = named("Ada")
    assert f'href="/search?near=60201#npi={npi}"' in page_of(app, npi, near="60201")


def test_the_way_back_and_removing_keep_the_filters_of_the_list(app: Flask) -> None:
    ada, bea = named("Ada"), named("Bea")
    browser = open_browser(app)
    query = "near=60201&within=50&specialty=all&sort=distance&widen=no"

    bar = browser.get(f"/search?{query}&page=1").text.partition('id="compare"')[2]
    kept = re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', bar)
    page = browser.get("/compare", query_string=[("npi", ada), ("npi", bea), *kept]).text

    assert sorted(kept) == sorted(parse_qsl(query))
    [back, _again] = re.findall(r'data-back [^>]*href="/search\?([^"#]*)#', page)
    assert sorted(parse_qsl(html.unescape(back))) == sorted(parse_qsl(query))
    remove = re.search(rf'href="/compare\?npi={bea}&amp;([^"]*)">Remove', page)
    assert remove
    assert sorted(parse_qsl(html.unescape(remove[1]))) == sorted(parse_qsl(query))


def test_a_filter_that_means_nothing_is_refused_as_in_the_list(app: Flask) -> None:
    answer = open_browser(app).get("/compare?within=7")
    assert answer.status_code == 400
    assert "within" in answer.text


def test_nothing_known_says_so_in_every_row(app: Flask) -> None:
    with writing() as session:
        npi = make_provider(session, taxonomy="000000000X").npi
    page = page_of(app, npi)
    unknown = "Not known ask when you call"
    for question in ("License", "Experience", "New patients", "Telehealth", "Languages"):
        assert cells(page, question) == [unknown], question
    assert cells(page, "Specialties") == ["Specialty not known"]
    assert cells(page, "Where") == ["No place where patients are seen is on record."]
    assert cells(page, "Inquiries") == ["Not through this directory"]
    assert cells(page, "How to reach them") == ["All facts about Amara Feldt, MD"]


def test_facts_come_with_their_day(app: Flask) -> None:
    with writing() as session:
        npi = make_location(session, make_provider(session, treatments=41)).npi
        session.add(License(npi=npi, state="IL", number="036", taxonomy_code="", **NPPES))
        session.add(Clinician(npi=npi, graduation_year=1999, telehealth=True, **CLINICIANS))
    page = page_of(app, npi)
    day = "November 2, 2026"
    assert cells(page, "Treatments billed to Medicare")[0].startswith("2024: 41 treatments")
    assert cells(page, "License")[0].startswith("Illinois 036 reported to NPPES")
    assert "since graduation (1999)" in cells(page, "Experience")[0]
    told = (cells(page, question)[0] for question in ("License", "Experience", "Telehealth"))
    assert all(text.endswith(day) for text in told)


def test_a_clinics_word_is_shown_with_its_day(app: Flask) -> None:
    facts = {"languages": "en,es", "facts_confirmed_on": TODAY, "inquiries_received": 6}
    facts |= {"inquiries_answered": 5, "answer_minutes": 120}
    with writing() as session:
        location = make_location(session, make_provider(session))
        make_clinic(session, location, accepting_patients=AcceptingPatients.YES, **facts)
    page = page_of(app, location.npi)
    assert cells(page, "New patients") == ["Yes said November 2, 2026"]
    assert cells(page, "Languages") == ["English, Spanish Source: the clinic, November 2, 2026"]
    assert "answers in about 2 hours, 5 of 6 answered" in cells(page, "Inquiries")[0]
    assert cells(page, "How to reach them")[0].startswith("Send an inquiry")


def test_the_nearest_place_is_shown_with_its_distance(session: Session) -> None:
    provider = make_provider(session)
    make_location(session, provider, at=CHICAGO, city="Chicago")
    make_location(session, provider, at=EVANSTON, is_primary=False)
    found = one(session, provider.npi, near=EVANSTON)
    assert found.place
    assert (found.place.city, found.place.miles, found.further_places) == ("Evanston", 0, 1)


def test_an_unknown_place_is_said(app: Flask) -> None:
    page = page_of(app, named("Ada"), near="Nowhereatall")
    assert "We do not know the place “Nowhereatall”" in page
    assert " mi<" not in page


def test_an_inquiry_goes_to_the_place_that_takes_it(app: Flask) -> None:
    with writing() as session:
        provider = make_provider(session)
        make_location(session, provider, at=EVANSTON)
        other = make_location(session, provider, at=CHICAGO, is_primary=False)
        make_clinic(session, other, name="Loop Clinic")
    reach = cells(page_of(app, provider.npi, near="60201"), "How to reach them")
    assert "Send an inquiry" in reach[0]
    assert "At Loop Clinic, Evanston" in reach[0]


def test_an_exclusion_is_told_first_and_nobody_is_sent_there(app: Flask) -> None:
    npi, other = named("Ada"), named("Bea")
    with writing() as session:
        excluded(session, npi)
    page = page_of(app, npi, other)
    notes = cells(page, "Please note")
    assert notes[0].startswith("On the federal exclusion list Since January 20, 2020")
    assert notes[1] == "Nothing to note"
    assert ["Call" in text for text in cells(page, "How to reach them")] == [False, True]


def test_a_waiver_leaves_the_places_of_its_state(session: Session) -> None:
    npi = make_location(session, make_provider(session)).npi
    excluded(session, npi, waiver_state="IL")
    assert one(session, npi).reached_at


def test_who_left_the_register_is_not_to_be_called(app: Flask) -> None:
    npis = [named("Ada"), named("Bea")]
    with writing() as session:
        deactivate(session, npis[0])
        session.get_one(Provider, npis[1]).gone_on = TODAY
    page = page_of(app, *npis)
    assert all(text.startswith("No longer in the register") for text in cells(page, "Please note"))
    assert "tel:" not in page


def test_who_asked_not_to_be_found_is_shown_as_on_their_own_page(app: Flask) -> None:
    npi = named("Ada")
    with writing() as session:
        hide(session, npi)
    page = page_of(app, npi)
    assert cells(page, "Please note") == ["This professional asked not to appear in searches."]
    assert "tel:" in page


def test_a_board_action_on_any_license_is_shown(app: Flask) -> None:
    npi = named("Ada")
    with writing() as session:
        for state, has_action in (("IL", None), ("WA", True)):
            facts = {"state": state, "number": "1", "has_board_action": has_action}
            session.add(License(npi=npi, taxonomy_code="", **facts, **NPPES))
    [told] = cells(page_of(app, npi), "License")
    assert told.startswith("Illinois 1")
    assert "Board action on record" in told


def test_the_page_is_not_for_search_engines(app: Flask) -> None:
    answer = open_browser(app).get(f"/compare?npi={named('Ada')}")
    assert '<meta name="robots" content="noindex' in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_three_cost_no_more_statements_than_one(app: Flask) -> None:
    npis = [named(name) for name in ("Ada", "Bea", "Cleo")]
    page_of(app, npis[0])
    with counted(app) as sent:
        page_of(app, *npis)
    assert len(sent) == 8


def test_each_card_offers_to_compare_and_has_an_address_of_its_own(app: Flask) -> None:
    npis = [named("Ada"), named("Bea")]
    page = open_browser(app).get("/search?near=60201").text
    assert re.findall(r'<li [^>]*id="(result-\d+)" tabindex="-1"', page) == ["result-1", "result-2"]
    boxes = re.findall(r'name="npi" value="(\d+)" form="compare"', page)
    assert sorted(boxes) == sorted(npis)
    assert re.search(r'<form [^>]*id="compare" action="/compare" method="get">', page)
    assert '<input type="hidden" name="near" value="60201">' in page


def test_the_page_of_a_professional_leads_to_a_comparison(app: Flask) -> None:
    npi = named("Ada")
    browser = open_browser(app)
    page = browser.get(f"/providers/{npi}?near=60201").text
    assert f'href="/compare?npi={npi}&amp;near=60201"' in page
    assert "/compare" not in browser.get(f"/providers/{npi}").text
