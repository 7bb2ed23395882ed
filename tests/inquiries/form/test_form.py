"""Beginning an inquiry: nothing on GET, a sealed draft on POST, whatever was typed kept."""

from datetime import timedelta

import pytest
from flask import Flask

from directory.access.models import OneTimeCode
from directory.clinics.models import ClinicProvider
from directory.core.clock import utc_now
from directory.core.db.database import writing
from directory.inquiries.drafts import fields_of
from directory.inquiries.models import Inquiry, InquiryDraft
from directory.outbox.models import MessageKind, OutboxMessage
from directory.privacy.rowkeys import row_keys
from tests.inquiries.patient import (
    FORM,
    STEPS,
    begin,
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


def kept(step: str = "who") -> dict[str, list[str]]:
    return fields_of(stored(InquiryDraft)[-1])[step]


def test_opening_any_page_changes_nothing(app: Flask) -> None:
    clinic = open_clinic()
    browser = send_inquiry(app, clinic)
    token = newest_link().rpartition("/")[2]
    arguments = {
        "npi": clinic.providers[0].npi,
        "token": token,
        "reference": stored(Inquiry)[0].reference,
        "name": "accept",
    }
    before = everything()
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            given = {name: arguments.get(name, "1") for name in rule.arguments}
            built = rule.build(given)
            assert built is not None
            browser.get(built[1], query_string={"clinic": clinic.public_id, "near": "60201"})
    assert everything() == before


def test_opening_every_step_of_a_draft_changes_nothing(app: Flask) -> None:
    browser, clinic = open_browser(app), open_clinic()
    fill_in(browser, clinic)
    before = everything()
    pages = [browser.get(f"/inquiry/{step}") for step in ("who", *STEPS, "code", "carried")]
    assert {page.status_code for page in pages} == {200}
    assert everything() == before


def test_the_first_page_begins_with_emergency_words_and_the_clinics_name(app: Flask) -> None:
    clinic = open_clinic()
    page = open_browser(app).get(form_url(clinic)).text
    assert page.index("Call 911 now") < page.index("Who is this inquiry for?")
    assert clinic.name in page
    assert "step 1 of 6" in page
    assert "About 4 minutes" in page
    assert stored(InquiryDraft) == []


def test_every_step_says_where_it_is_and_who_gets_the_answers(app: Flask) -> None:
    browser, clinic = open_browser(app), open_clinic()
    fill_in(browser, clinic)
    for number, step in enumerate(STEPS, start=2):
        page = browser.get(f"/inquiry/{step}").text
        assert f"step {number} of 6" in page
        assert clinic.name in page
        assert "Clear my answers" in page


def test_a_mistake_is_named_and_what_was_typed_is_kept(app: Flask) -> None:
    answer = begin(open_browser(app), open_clinic(), patient_name="", zip_code="6020")
    assert answer.status_code == 422
    assert "Enter your name." in answer.text
    assert 'role="alert"' in answer.text
    assert 'value="markedmail@example.org"' in answer.text
    assert 'value="6020"' in answer.text
    assert kept()["zip_code"] == ["6020"]


def test_a_mistake_can_be_mended_on_the_same_page(app: Flask) -> None:
    browser, clinic = open_browser(app), open_clinic()
    wrong = begin(browser, clinic, zip_code="6020")
    data = {**FORM, "form_id": form_id_of(wrong.text)}
    assert browser.post(form_url(clinic), data=data).location == "/inquiry/headaches"
    assert len(stored(InquiryDraft)) == 1


def test_a_step_keeps_exactly_what_was_typed_right_or_wrong(app: Flask) -> None:
    browser = open_browser(app)
    begin(browser, open_clinic())
    typed = {"reason": "first", "headache_days": " 31 ", "told": ["nobody", "migraine"]}
    answer = browser.post("/inquiry/headaches", data=typed)
    assert answer.status_code == 422
    assert kept("headaches") == {
        "reason": ["first"],
        "headache_days": [" 31 "],
        "told": ["nobody", "migraine"],
    }


def test_going_back_or_reloading_shows_what_was_filled_in(app: Flask) -> None:
    clinic, browser = open_clinic(), open_browser(app)
    fill_in(browser, clinic)
    assert "MARKEDANSWER: light hurts most." in browser.get("/inquiry/practical").text
    assert 'value="Jo Markedname"' in browser.get("/inquiry/who").text
    assert 'value="22"' in browser.get("/inquiry/headaches").text
    assert browser.get(form_url(clinic)).location == "/inquiry/who"


def test_the_back_button_keeps_what_was_typed_and_checks_nothing(app: Flask) -> None:
    browser = open_browser(app)
    begin(browser, open_clinic())
    answer = browser.post("/inquiry/headaches", data={"headache_days": "99", "back": "yes"})
    assert answer.location == "/inquiry/who"
    assert kept("headaches") == {"headache_days": ["99"]}


def test_editing_from_the_review_page_leads_back_to_it(app: Flask) -> None:
    browser = open_browser(app)
    fill_in(browser, open_clinic())
    assert "/inquiry/headaches?edit=yes" in browser.get("/inquiry/review").text
    answer = browser.post("/inquiry/headaches?edit=yes", data={**FORM, "headache_days": "25"})
    assert answer.location == "/inquiry/review"


def test_a_draft_is_sealed_and_holds_only_what_the_step_asks_for(app: Flask) -> None:
    begin(open_browser(app), open_clinic(), patient_name="Jo Markedname", stranger="x")
    [draft] = stored(InquiryDraft)
    assert b"Markedname" not in draft.sealed_fields
    assert set(kept()) == {
        *("age_band", "asks_for", "email", "patient_name", "phone", "zip_code"),
    }


def test_the_same_form_sent_twice_is_one_draft(app: Flask) -> None:
    clinic, browser = open_clinic(), open_browser(app)
    form = {**FORM, "form_id": form_id_of(browser.get(form_url(clinic)).text)}
    browser.post(form_url(clinic), data=form)
    browser.post(form_url(clinic), data={**form, "patient_name": "Jo Corrected"})
    assert len(stored(InquiryDraft)) == 1
    assert kept()["patient_name"] == ["Jo Corrected"]


def test_a_double_click_before_the_cookie_arrives_is_one_draft(app: Flask) -> None:
    clinic, browser = open_clinic(), open_browser(app)
    form = {**FORM, "form_id": form_id_of(browser.get(form_url(clinic)).text)}
    for _ in range(2):
        browser.delete_cookie("session", domain="localhost")
        assert browser.post(form_url(clinic), data=form).status_code == 303
    assert len(stored(InquiryDraft)) == 1


def test_another_browser_sees_nothing_of_a_draft(app: Flask) -> None:
    clinic = open_clinic()
    fill_in(open_browser(app), clinic)
    stranger = open_browser(app)
    pages = [stranger.get(f"/inquiry/{step}") for step in ("who", *STEPS, "code", "sent")]
    pages += [stranger.post(f"/inquiry/{step}", data=FORM) for step in ("who", *STEPS, "code")]
    assert {page.status_code for page in pages} == {404}
    assert all("There is no inquiry in this browser" in page.text for page in pages)
    assert "Markedname" not in stranger.get(form_url(clinic)).text


def test_a_draft_of_yesterday_is_gone_and_its_page_says_how_to_begin(app: Flask) -> None:
    browser = open_browser(app)
    fill_in(browser, open_clinic())
    with writing() as session:
        session.query(InquiryDraft).one().created_at = utc_now() - timedelta(hours=24)
    page = browser.get("/inquiry/review")
    assert page.status_code == 404
    assert "Please start again." in page.text
    assert stored(Inquiry) == messages(MessageKind.CLINIC_INQUIRY) == []


def test_a_draft_whose_key_is_lost_is_gone(app: Flask) -> None:
    clinic, browser = open_clinic(), open_browser(app)
    fill_in(browser, clinic)
    row_keys().delete(row_keys().names())
    assert browser.get("/inquiry/review").status_code == 404
    assert browser.post("/inquiry/who", data=FORM).status_code == 404
    assert begin(browser, clinic).status_code == 303


@pytest.mark.parametrize("step", ["", "nothing", "review2"])
def test_a_step_that_does_not_exist_is_not_found(app: Flask, step: str) -> None:
    assert open_browser(app).get(f"/inquiry/{step}").status_code == 404


def test_an_unknown_clinic_is_not_found(app: Flask) -> None:
    browser = open_browser(app)
    assert browser.get("/inquiry/new").status_code == 404
    assert browser.get("/inquiry/new?clinic=nowhere").status_code == 404
    assert browser.get("/inquiry/new?clinic=a%00b").status_code == 404
    assert browser.post("/inquiry/new?clinic=nowhere", data=FORM).status_code == 404


def test_the_chosen_professional_is_kept_when_they_work_there(app: Flask) -> None:
    clinic, stranger = open_clinic(), open_clinic()
    npis = []
    for npi in (clinic.providers[0].npi, stranger.providers[0].npi):
        browser = open_browser(app)
        url = f"{form_url(clinic)}&npi={npi}"
        form_id = form_id_of(browser.get(url).text)
        browser.post(url, data={**FORM, "form_id": form_id})
        npis.append(stored(InquiryDraft)[-1].clinics[0].npi)
    assert npis == [clinic.providers[0].npi, None]


def test_digits_of_another_script_are_no_npi(app: Flask) -> None:
    page = open_browser(app).get(f"{form_url(open_clinic())}&npi={'²' * 10}")
    assert page.status_code == 200


def test_a_clinic_without_confirmed_email_leads_to_the_call_page(app: Flask) -> None:
    clinic = open_clinic(email_confirmed_at=None)
    answer = open_browser(app).get(form_url(clinic))
    assert answer.location == f"/inquiry/prepare/{clinic.providers[0].npi}"


def test_a_clinic_without_confirmed_email_gets_nothing(app: Flask) -> None:
    form_id = form_id_of(open_browser(app).get(form_url(open_clinic())).text)
    clinic = open_clinic(email_confirmed_at=None)
    answer = open_browser(app).post(form_url(clinic), data={**FORM, "form_id": form_id})
    assert answer.status_code == 409
    assert "555-0142" in answer.text
    assert stored(InquiryDraft) == stored(OutboxMessage) == stored(OneTimeCode) == []


def test_a_clinic_without_professionals_has_a_page(app: Flask) -> None:
    clinic = open_clinic(email=None, email_confirmed_at=None)
    with writing() as session:
        session.query(ClinicProvider).delete()
    assert open_browser(app).get(form_url(clinic)).status_code == 404


def test_the_form_is_there_in_spanish(app: Flask) -> None:
    browser, clinic = open_browser(app), open_clinic()
    page = browser.get(f"/es{form_url(clinic)}").text
    assert '<html lang="es"' in page
    assert 'checked id="language-1"' in page
    data = {**FORM, "form_id": form_id_of(page)}
    answer = browser.post(f"/es{form_url(clinic)}", data=data)
    assert answer.location == "/es/inquiry/headaches"
    assert stored(InquiryDraft)[0].language == "es"
