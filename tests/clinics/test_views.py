"""The link that confirms a clinic: GET changes nothing, POST confirms."""

import re

import pytest
from flask import Flask

from directory.clinics.models import AddressProof, Clinic, ClinicProvider
from directory.core.clock import utc_now
from directory.core.db.database import writing
from directory.outbox.models import MessageKind
from directory.privacy.models import AuditEvent
from directory.providers.evidence import Tier
from directory.providers.models import AcceptingPatients
from directory.search.index.models import Listing
from tests.clinics.operator import add, confirm, newest_proof
from tests.inquiries.patient import content_of, everything, messages, open_browser, stored


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_opening_the_link_changes_nothing(app: Flask, method: str) -> None:
    add(app)
    before = everything()
    answer = open_browser(app).open(newest_proof(), method=method)
    assert answer.status_code == 200
    assert everything() == before


def test_the_button_confirms_address_and_facts(app: Flask) -> None:
    add(app)
    confirm(app, accepting="existing-only")
    [clinic], today = stored(Clinic), utc_now().date()
    assert clinic.takes_inquiries
    assert (clinic.email_confirmed_at.date(), clinic.facts_confirmed_on) == (today, today)
    assert clinic.accepting_patients is AcceptingPatients.EXISTING_ONLY
    assert stored(ClinicProvider)[0].treatment_confirmed_on == today


def test_a_confirmed_professional_is_found_as_confirmed(app: Flask) -> None:
    add(app)
    assert {each.tier for each in stored(Listing)} == {Tier.SPECIALTY}
    confirm(app)
    assert {each.tier for each in stored(Listing)} == {Tier.CONFIRMED}
    assert all(each.takes_inquiries and each.is_accepting for each in stored(Listing))


def test_an_unchecked_provider_is_not_confirmed(app: Flask) -> None:
    add(app)
    confirm(app, npis=[])
    assert stored(ClinicProvider)[0].treatment_confirmed_on is None
    assert {each.tier for each in stored(Listing)} == {Tier.SPECIALTY}


def test_rather_not_say_stays_unknown(app: Flask) -> None:
    add(app)
    confirm(app, accepting="unknown")
    assert stored(Clinic)[0].accepting_patients is None
    assert stored(AuditEvent)[-1].action == "facts confirmed"


@pytest.mark.parametrize("form", [{"npi": "1234567893"}, {"accepting": "maybe"}])
def test_a_choice_that_was_not_offered_is_refused(app: Flask, form: dict[str, str]) -> None:
    add(app)
    answer = open_browser(app).post(newest_proof(), data={"accepting": "yes", **form})
    assert answer.status_code == 422
    assert "Choose only what is offered here." in answer.text
    assert stored(Clinic)[0].email_confirmed_at is None


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_link_is_gone(app: Flask, method: str) -> None:
    answer = open_browser(app).open(f"/clinics/confirm/{'x' * 43}", method=method)
    assert answer.status_code == 410
    assert "no longer open" in answer.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_expired_link_is_gone(app: Flask, method: str) -> None:
    add(app)
    with writing() as session:
        session.query(AddressProof).one().expires_at = utc_now()
    assert open_browser(app).open(newest_proof(), method=method).status_code == 410
    assert stored(Clinic)[0].email_confirmed_at is None


def test_a_link_to_a_former_address_is_gone(app: Flask) -> None:
    add(app)
    link = newest_proof()
    with writing() as session:
        session.query(Clinic).one().email = "other@lake.example.org"
    assert open_browser(app).post(link).status_code == 410


def test_the_second_contact_confirms_with_a_separate_button(app: Flask) -> None:
    add(app, second_email="manager@lake.example.org")
    browser, before = open_browser(app), everything()
    page = browser.get(newest_proof()).text
    assert "You are named as the second contact of Lake Clinic, Evanston." in page
    assert everything() == before
    assert browser.post(newest_proof()).location == "/clinics/confirmed/second"
    [clinic] = stored(Clinic)
    assert (clinic.second_contact, clinic.takes_inquiries) == ("manager@lake.example.org", False)
    assert "Your address is confirmed" in browser.get("/clinics/confirmed/second").text


def test_a_new_second_contact_has_to_confirm_again(app: Flask) -> None:
    add(app, second_email="manager@lake.example.org")
    link = newest_proof()
    open_browser(app).post(link)
    with writing() as session:
        session.query(Clinic).one().second_email = "other@lake.example.org"
    assert stored(Clinic)[0].second_contact is None
    assert open_browser(app).post(link).status_code == 410


def test_a_clinic_is_asked_in_its_own_language(app: Flask) -> None:
    add(app, languages="zh,es,en", second_email="manager@lake.example.org")
    for message in messages(MessageKind.CLINIC_PROOF):
        content = content_of(message)
        assert content.language == "es"
        link = re.search(r"http://directory\.test(/es/clinics/confirm/[\w-]{43})\s", content.text)
        assert link
        assert '<html lang="es">' in open_browser(app).get(link[1]).text


def test_a_button_without_its_token_confirms_nothing(app: Flask) -> None:
    add(app)
    assert open_browser(app, csrf=True).post(newest_proof()).status_code == 400
    assert stored(Clinic)[0].email_confirmed_at is None


def test_the_thank_you_page_exists(app: Flask) -> None:
    assert open_browser(app).get("/clinics/confirmed").status_code == 200
