"""Filling in the form: nothing on GET, typed text kept, a sealed draft and a code."""

from datetime import timedelta

import pytest
from flask import Flask

from directory.clinics.models import ClinicProvider
from directory.core.clock import utc_now
from directory.core.database import writing
from directory.inquiries.models import EmailCode, Inquiry, InquiryDraft
from directory.outbox.models import MessageKind, OutboxMessage
from tests.inquiries.patient import (
    FORM,
    everything,
    fill_in,
    form_id_of,
    form_url,
    messages,
    newest_link,
    open_browser,
    open_clinic,
    send_inquiry,
    stored,
)


def test_opening_any_page_changes_nothing(app: Flask) -> None:
    clinic = open_clinic()
    browser = send_inquiry(app, clinic)
    token = newest_link().rpartition("/")[2]
    arguments = {"npi": clinic.providers[0].npi, "token": token, "reference": "AAAA-2222"}
    before = everything()
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            given = {name: arguments.get(name, "x") for name in rule.arguments}
            built = rule.build(given)
            assert built is not None
            browser.get(built[1], query_string={"clinic": clinic.public_id, "near": "60201"})
    assert everything() == before


def test_a_mistake_is_named_and_what_was_typed_is_kept(app: Flask) -> None:
    answer = fill_in(open_browser(app), open_clinic(), patient_name="", zip_code="6020")
    assert answer.status_code == 422
    assert "Enter your name." in answer.text
    assert "MARKEDANSWER: light hurts most." in answer.text
    assert 'value="6020"' in answer.text
    assert stored(InquiryDraft) == stored(OutboxMessage) == []


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("email", "nobody"),
        ("age_band", "40"),
        ("zip_code", "602011"),
        ("reason", "other"),
        ("headache_days", ""),
        ("headache_days", "31"),
        ("headache_days", "2.5"),
        ("migraine_days", "23"),
        ("message", "x" * 1001),
        ("website", "https://spam.example"),
        ("phone", "call me"),
        ("consent_share", ""),
        ("consent_emergency", ""),
    ],
)
def test_a_wrong_field_stores_nothing(app: Flask, field: str, text: str) -> None:
    answer = fill_in(open_browser(app), open_clinic(), **{field: text})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert stored(InquiryDraft) == []


def test_a_patient_may_be_unsure_of_the_days(app: Flask) -> None:
    unsure = {"headache_days": "", "headache_days_unsure": "y"}
    answer = fill_in(open_browser(app), open_clinic(), **unsure)
    assert answer.location == "/inquiry/code"


def test_a_thousand_characters_in_many_lines_are_not_too_many(app: Flask) -> None:
    answer = fill_in(open_browser(app), open_clinic(), message="abcd\r\n" * 200)
    assert answer.status_code == 303


def test_a_zip_code_of_other_digits_is_refused(app: Flask) -> None:
    answer = fill_in(open_browser(app), open_clinic(), zip_code="６０２０１")  # noqa: RUF001
    assert answer.status_code == 422


def test_an_address_that_we_cannot_write_to_is_refused(app: Flask) -> None:
    answer = fill_in(open_browser(app), open_clinic(), email="josé@example.org")
    assert answer.status_code == 422


def test_a_valid_form_makes_a_sealed_draft_and_a_code(app: Flask) -> None:
    answer = fill_in(open_browser(app), open_clinic())
    assert (answer.status_code, answer.location) == (303, "/inquiry/code")
    [draft] = stored(InquiryDraft)
    assert "MARKEDANSWER" in draft.answers
    assert b"MARKEDANSWER" not in draft.sealed_answers
    [message] = stored(OutboxMessage)
    assert message.kind is MessageKind.PATIENT_CODE
    assert message.recipient == FORM["email"]


def test_the_code_page_says_where_the_code_went(app: Flask) -> None:
    browser = open_browser(app)
    fill_in(browser, open_clinic())
    page = browser.get("/inquiry/code")
    assert page.status_code == 200
    assert FORM["email"] in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_going_back_shows_what_was_filled_in(app: Flask) -> None:
    clinic, browser = open_clinic(), open_browser(app)
    fill_in(browser, clinic)
    page = browser.get(form_url(clinic)).text
    assert "MARKEDANSWER: light hurts most." in page
    assert form_id_of(page) == stored(InquiryDraft)[0].public_id


def test_another_browser_sees_nothing_of_a_draft(app: Flask) -> None:
    clinic = open_clinic()
    fill_in(open_browser(app), clinic)
    stranger = open_browser(app)
    assert stranger.get("/inquiry/code").status_code == 404
    assert stranger.get("/inquiry/sent").status_code == 404
    assert stranger.post("/inquiry/code", data={"code": "123456"}).status_code == 404
    assert stranger.post("/inquiry/code/again").status_code == 404
    assert "MARKEDANSWER" not in stranger.get(form_url(clinic)).text


def test_a_form_id_of_another_browser_is_not_used(app: Flask) -> None:
    clinic = open_clinic()
    fill_in(open_browser(app), clinic)
    [theirs] = stored(InquiryDraft)
    fill_in(open_browser(app), clinic, form_id=theirs.public_id, message="mine")
    drafts = stored(InquiryDraft)
    assert len(drafts) == 2
    assert "MARKEDANSWER" in drafts[0].answers


def test_a_made_up_form_id_is_not_used(app: Flask) -> None:
    fill_in(open_browser(app), open_clinic(), form_id="1")
    assert len(stored(InquiryDraft)[0].public_id) == 43


def test_the_same_form_posted_twice_is_one_draft(app: Flask) -> None:
    clinic, browser = open_clinic(), open_browser(app)
    form = {**FORM, "form_id": form_id_of(browser.get(form_url(clinic)).text)}
    browser.post(form_url(clinic), data=form)
    browser.post(form_url(clinic), data={**form, "message": "corrected"})
    [draft] = stored(InquiryDraft)
    assert "corrected" in draft.answers


def test_a_post_without_the_forms_token_is_refused(app: Flask) -> None:
    clinic, browser = open_clinic(), open_browser(app, csrf=True)
    answer = fill_in(browser, clinic)
    assert answer.status_code == 400
    assert "Please send it again" in answer.text
    assert stored(InquiryDraft) == []


def test_too_many_drafts_get_the_clinics_phone(app: Flask) -> None:
    clinic = open_clinic()
    for _ in range(10):
        fill_in(open_browser(app), clinic)
    answer = fill_in(open_browser(app), clinic)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3600"
    assert "847" in answer.text
    assert len(stored(InquiryDraft)) == 10


def test_drafts_of_an_hour_ago_do_not_count(app: Flask) -> None:
    clinic = open_clinic()
    for _ in range(10):
        fill_in(open_browser(app), clinic)
    with writing() as session:
        for draft in session.query(InquiryDraft):
            draft.created_at -= timedelta(minutes=61)
    assert fill_in(open_browser(app), clinic).status_code == 303


def test_three_inquiries_a_day_go_from_one_address_to_one_clinic(app: Flask) -> None:
    clinic = open_clinic()
    for _ in range(3):
        send_inquiry(app, clinic)
    answer = fill_in(open_browser(app), clinic, email="MarkedMail@example.org")
    assert answer.status_code == 429
    assert fill_in(open_browser(app), open_clinic()).status_code == 303
    assert fill_in(open_browser(app), clinic, email="other@example.org").status_code == 303


def test_correcting_the_address_does_not_get_around_the_limit(app: Flask) -> None:
    clinic, browser = open_clinic(), open_browser(app)
    for _ in range(3):
        send_inquiry(app, clinic)
    fill_in(browser, clinic, email="other@example.org")
    assert fill_in(browser, clinic).status_code == 429


def test_an_unknown_clinic_is_not_found(app: Flask) -> None:
    browser = open_browser(app)
    assert browser.get("/inquiry/new").status_code == 404
    assert browser.get("/inquiry/new?clinic=nowhere").status_code == 404
    assert browser.post("/inquiry/new?clinic=nowhere", data=FORM).status_code == 404


def test_the_chosen_professional_is_kept_when_they_work_there(app: Flask) -> None:
    clinic, stranger = open_clinic(), open_clinic()
    browser = open_browser(app)
    for npi in (clinic.providers[0].npi, stranger.providers[0].npi):
        browser.post(f"{form_url(clinic)}&npi={npi}", data=FORM)
    assert [draft.npi for draft in stored(InquiryDraft)] == [clinic.providers[0].npi, None]


def test_digits_of_another_script_are_no_npi(app: Flask) -> None:
    page = open_browser(app).get(f"{form_url(open_clinic())}&npi={'²' * 10}")
    assert page.status_code == 200


def test_a_clinic_without_confirmed_email_leads_to_the_call_page(app: Flask) -> None:
    clinic = open_clinic(email_confirmed_at=None)
    npi = clinic.providers[0].npi
    answer = open_browser(app).get(form_url(clinic))
    assert answer.location == f"/inquiry/prepare/{npi}"
    assert fill_in_refused(app, form_url(clinic)) == 409


def fill_in_refused(app: Flask, url: str) -> int:
    status: int = open_browser(app).post(url, data=FORM).status_code
    assert stored(InquiryDraft) == stored(OutboxMessage) == stored(EmailCode) == []
    return status


def test_a_clinic_without_professionals_has_a_page(app: Flask) -> None:
    clinic = open_clinic(email=None, email_confirmed_at=None)
    with writing() as session:
        session.query(ClinicProvider).delete()
    assert open_browser(app).get(form_url(clinic)).status_code < 500


def test_a_draft_of_yesterday_is_gone_and_so_is_its_page(app: Flask) -> None:
    browser = open_browser(app)
    fill_in(browser, open_clinic())
    with writing() as session:
        session.query(InquiryDraft).one().created_at = utc_now() - timedelta(hours=25)
    app.test_cli_runner().invoke(args=["privacy", "sweep"])
    assert browser.get("/inquiry/code").status_code == 404
    assert stored(Inquiry) == messages(MessageKind.CLINIC_INQUIRY) == []
