"""Clinics are added by command, all rows or none."""

from pathlib import Path

from click.testing import Result
from flask import Flask

from directory.clinics.models import AddressProof, Clinic
from directory.core.db.database import writing
from directory.outbox.models import MessageKind
from directory.providers.models import AcceptingPatients, PracticeLocation
from directory.search.index.models import Listing
from tests.clinics.operator import HEAD, add, confirm, load, newest_proof, row, run
from tests.factories import make_location, make_npi, make_provider
from tests.inquiries.patient import messages, open_browser, stored


def test_an_added_clinic_is_asked_to_confirm(app: Flask) -> None:
    result = add(app)
    assert (result.exit_code, "1 asked to confirm" in result.output) == (0, True)
    [clinic] = stored(Clinic)
    [message] = messages(MessageKind.CLINIC_PROOF)
    assert message.recipient == clinic.email
    assert not clinic.takes_inquiries


def test_an_unknown_professional_is_refused(app: Flask, tmp_path: Path) -> None:
    result = load(app, tmp_path, HEAD + row() + row(name="Other", npis=make_npi()))
    assert result.exit_code == 1
    assert "Nothing has been changed." in result.output
    assert stored(Clinic) == stored(AddressProof) == messages(MessageKind.CLINIC_PROOF) == []


def test_one_invalid_row_cancels_all_changes(app: Flask, tmp_path: Path) -> None:
    result = load(app, tmp_path, HEAD + row() + row(zip="1"))
    assert result.exit_code == 1
    assert "clinics.csv:3:" in result.output
    assert stored(Clinic) == []


def test_the_same_list_again_changes_one_row_and_adds_none(app: Flask, tmp_path: Path) -> None:
    text = HEAD + row()
    load(app, tmp_path, text)
    load(app, tmp_path, text.replace("847-555-0142", "847-555-0199"))
    [clinic] = stored(Clinic)
    assert clinic.phone == "(847) 555-0199"


def test_a_changed_email_loses_its_confirmation(app: Flask, tmp_path: Path) -> None:
    text = HEAD + row()
    load(app, tmp_path, text)
    confirm(app)
    load(app, tmp_path, text.replace("a@lake", "new@lake"))
    [clinic] = stored(Clinic)
    assert (clinic.email, clinic.email_confirmed_at) == ("new@lake.example.org", None)
    assert not any(listing.takes_inquiries for listing in stored(Listing))


def test_confirmed_facts_take_precedence_over_a_later_list(app: Flask, tmp_path: Path) -> None:
    text = HEAD + row()
    load(app, tmp_path, text)
    confirm(app, accepting="no")
    load(app, tmp_path, text.replace(",yes", ",family-only"))
    assert stored(Clinic)[0].accepting_patients is AcceptingPatients.NO
    assert {listing.is_accepting for listing in stored(Listing)} == {False}


def test_a_professional_without_a_place_there_gets_one(app: Flask) -> None:
    with writing() as session:
        npi = make_provider(session).npi
    add(app, npis=npi)
    assert stored(PracticeLocation) == []
    assert {(each.npi, each.clinic_id) for each in stored(Listing)} == {(npi, stored(Clinic)[0].id)}


def test_the_phone_of_the_practice_is_taken_when_none_is_given(app: Flask) -> None:
    with writing() as session:
        npi = make_location(session, make_provider(session), line1="1 Sample St").npi
    add(app, npis=npi, phone="")
    assert stored(Clinic)[0].phone == "(847) 555-0142"


def test_a_former_provider_takes_no_inquiries_there(app: Flask, tmp_path: Path) -> None:
    with writing() as session:
        stays, leaves = make_provider(session).npi, make_provider(session).npi
    load(app, tmp_path, HEAD + row(npis=f"{stays} {leaves}"))
    confirm(app, npis=[stays, leaves])
    load(app, tmp_path, HEAD + row(npis=stays))
    assert {each.npi for each in stored(Listing) if each.takes_inquiries} == {stays}


def test_the_list_shows_which_clinics_take_inquiries(app: Flask) -> None:
    add(app)
    assert "Lake Clinic, Evanston: no confirmed email" in run(app, "clinics", "list").output
    confirm(app)
    assert "Lake Clinic, Evanston: takes inquiries" in run(app, "clinics", "list").output


def test_asking_again_sends_another_link(app: Flask) -> None:
    add(app)
    result: Result = run(app, "clinics", "ask", stored(Clinic)[0].public_id)
    assert result.exit_code == 0
    assert len(messages(MessageKind.CLINIC_PROOF)) == len(stored(AddressProof)) == 2


def test_asking_again_reaches_a_second_contact_until_it_has_confirmed(app: Flask) -> None:
    add(app, second_email="manager@lake.example.org")
    open_browser(app).post(newest_proof())
    run(app, "clinics", "ask", stored(Clinic)[0].public_id)
    asked = [message.recipient for message in messages(MessageKind.CLINIC_PROOF)]
    assert asked == ["a@lake.example.org", "manager@lake.example.org", "a@lake.example.org"]


def test_asking_a_clinic_without_an_email_is_refused(app: Flask) -> None:
    add(app, email="")
    unknown = run(app, "clinics", "ask", "nowhere")
    silent = run(app, "clinics", "ask", stored(Clinic)[0].public_id)
    assert (unknown.exit_code, silent.exit_code) == (1, 1)
    assert "has no email" in silent.output
