"""What the page of a professional says of how their clinics answer."""

from flask import Flask

from directory.core.db.database import writing
from directory.providers.models import ProviderTaxonomy, Source
from tests.factories import TODAY, make_clinic, make_location, make_provider
from tests.inquiries.patient import open_browser
from tests.search.index.test_listings import exclude

NPPES = {"source": Source.NPPES, "as_of": TODAY}
ANSWERED = {"inquiries_received": 48, "inquiries_answered": 46, "answer_minutes": 1440}


def page_of(app: Flask, npi: str) -> str:
    return open_browser(app).get(f"/providers/{npi}").text


def test_the_answering_record_stands_with_its_number(app: Flask) -> None:
    with writing() as session:
        location = make_location(session, make_provider(session))
        make_clinic(session, location, **ANSWERED)
        npi = location.npi
    assert "answers in about 24 hours, 46 of 48 answered" in page_of(app, npi)


def test_too_few_inquiries_say_nothing(app: Flask) -> None:
    with writing() as session:
        location = make_location(session, make_provider(session))
        make_clinic(session, location, inquiries_received=4, inquiries_answered=4)
        npi = location.npi
    page = page_of(app, npi)
    assert "once it has had 5 inquiries here" in page
    assert "4 of 4" not in page


def test_who_is_excluded_is_not_recommended_by_a_record(app: Flask) -> None:
    with writing() as session:
        location = make_location(session, make_provider(session))
        make_clinic(session, location, **ANSWERED)
        exclude(session, location.npi)
        npi = location.npi
    assert "46 of 48" not in page_of(app, npi)


def test_a_specialty_without_a_name_is_not_shown_as_a_code(app: Flask) -> None:
    with writing() as session:
        npi = make_provider(session).npi
        session.add(ProviderTaxonomy(npi=npi, code="999X00000X", is_primary=False, **NPPES))
    assert "999X00000X" not in page_of(app, npi)
