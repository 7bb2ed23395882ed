"""Up to three clinics in one inquiry, each named before anything is sent."""

from flask import Flask

from directory.clinics.models import Clinic
from directory.core.db.database import writing
from directory.inquiries.models import Inquiry, InquiryDraft, Submission
from directory.outbox.models import MessageKind
from directory.privacy.rowkeys import row_keys
from tests.inquiries.patient import (
    FORM,
    begin,
    enter,
    fill_in,
    form_id_of,
    form_url,
    messages,
    newest_code,
    open_browser,
    open_clinic,
    send_inquiry,
    stored,
)


def chosen() -> list[int]:
    return [each.clinic_id for each in stored(InquiryDraft)[-1].clinics]


def test_three_clinics_get_a_copy_each(app: Flask) -> None:
    clinics = [open_clinic() for _ in range(3)]
    browser = send_inquiry(app, *clinics)
    inquiries = stored(Inquiry)
    assert [each.clinic_id for each in inquiries] == [clinic.id for clinic in clinics]
    assert len(stored(Submission)) == 1
    assert len(messages(MessageKind.CLINIC_INQUIRY)) == 3
    assert len(messages(MessageKind.PATIENT_SENT)) == 1
    page = browser.get("/inquiry/sent").text
    assert all(each.reference in page and each.clinic.name in page for each in inquiries)


def test_another_clinic_can_be_added_to_what_was_begun(app: Flask) -> None:
    first, second = open_clinic(), open_clinic()
    browser = open_browser(app)
    begin(browser, first)
    page = browser.get(f"{form_url(second)}&npi={second.providers[0].npi}")
    assert "Add this clinic to your inquiry" in page.text
    assert chosen() == [first.id]
    npi = second.providers[0].npi
    answer = browser.post("/inquiry/clinics/add", data={"clinic": second.public_id, "npi": npi})
    assert answer.location == "/inquiry/headaches"
    assert [each.npi for each in stored(InquiryDraft)[0].clinics] == [None, npi]


def test_adding_twice_is_once_and_adding_later_leads_to_the_review(app: Flask) -> None:
    first, second = open_clinic(), open_clinic()
    browser = open_browser(app)
    fill_in(browser, first)
    for _ in range(2):
        answer = browser.post("/inquiry/clinics/add", data={"clinic": second.public_id})
        assert answer.location == "/inquiry/review"
    assert chosen() == [first.id, second.id]


def test_consent_is_asked_for_again_after_a_clinic_was_added(app: Flask) -> None:
    browser, second = open_browser(app), open_clinic()
    fill_in(browser, open_clinic())
    browser.post("/inquiry/clinics/add", data={"clinic": second.public_id})
    assert 'checked id="consent_share"' not in browser.get("/inquiry/review").text
    assert enter(browser, newest_code()).location == "/inquiry/review"
    assert stored(Inquiry) == []
    assert browser.post("/inquiry/review", data=FORM).location == "/inquiry/code"
    assert enter(browser, newest_code()).location == "/inquiry/sent"
    assert len(stored(Inquiry)) == 2


def test_a_fourth_clinic_is_refused_and_the_page_says_how_to_go_on(app: Flask) -> None:
    clinics = [open_clinic() for _ in range(4)]
    browser = open_browser(app)
    fill_in(browser, *clinics[:3])
    page = browser.get(form_url(clinics[3]))
    assert "3 clinics at most" in page.text
    browser.post("/inquiry/clinics/add", data={"clinic": clinics[3].public_id})
    assert len(chosen()) == 3


def test_removing_a_clinic_and_the_last_one(app: Flask) -> None:
    first, second = open_clinic(), open_clinic()
    browser = open_browser(app)
    fill_in(browser, first, second)
    for clinic, left in ((first, [second.id]), (second, [])):
        answer = browser.post("/inquiry/clinics/remove", data={"clinic": clinic.public_id})
        assert answer.location == "/inquiry/review"
        assert chosen() == left
    page = browser.post("/inquiry/review", data=FORM)
    assert page.status_code == 409
    assert "No clinic is chosen" in page.text


def test_without_a_clinic_the_next_one_asked_for_takes_the_answers(app: Flask) -> None:
    first, second = open_clinic(), open_clinic()
    browser = open_browser(app)
    fill_in(browser, first)
    browser.post("/inquiry/clinics/remove", data={"clinic": first.public_id})
    assert 'value="Jo Markedname"' in browser.get(form_url(second)).text
    begin(browser, second)
    assert chosen() == [second.id]
    assert len(stored(InquiryDraft)) == 1


def test_begin_anew_deletes_the_draft_with_its_key(app: Flask) -> None:
    first, second = open_clinic(), open_clinic()
    browser = open_browser(app)
    begin(browser, first)
    assert any(name.startswith("inquiry_draft:") for name in row_keys().names())
    answer = browser.post("/inquiry/anew", data={"clinic": second.public_id})
    assert answer.location == form_url(second)
    assert stored(InquiryDraft) == []
    assert row_keys().names() == set()
    assert "Jo Markedname" not in browser.get(form_url(second)).text


def test_two_tabs_of_one_browser_fill_in_one_inquiry(app: Flask) -> None:
    first, second = open_clinic(), open_clinic()
    browser = open_browser(app)
    page = browser.get(form_url(second)).text
    begin(browser, first)
    browser.post(form_url(second), data={**FORM, "form_id": form_id_of(page)})
    assert chosen() == [first.id, second.id]
    assert len(stored(InquiryDraft)) == 1


def test_the_review_offers_the_nearest_others_that_take_inquiries(app: Flask) -> None:
    browser, near = open_browser(app), open_clinic()
    silent = open_clinic(email_confirmed_at=None)
    fill_in(browser, open_clinic())
    page = browser.get("/inquiry/review").text
    assert "Also ask" in page
    assert near.name in page
    assert silent.name not in page


def test_a_clinic_that_stopped_taking_inquiries_is_named_before_a_code_is_sent(app: Flask) -> None:
    clinic, browser = open_clinic(), open_browser(app)
    begin(browser, clinic)
    with writing() as session:
        session.get_one(Clinic, clinic.id).email_confirmed_at = None
    for step in ("headaches", "treatment", "safety", "practical"):
        browser.post(f"/inquiry/{step}", data=FORM)
    answer = browser.post("/inquiry/review", data=FORM)
    assert answer.status_code == 409
    assert "takes no inquiries here any more" in answer.text
    assert messages(MessageKind.PATIENT_CODE) == []
