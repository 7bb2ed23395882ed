"""The six digits: few tries, a short life, and one inquiry however often it is sent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from directory.access.codes import Verdict, has_code, issue_code, try_code
from directory.access.models import AccessLink, OneTimeCode
from directory.clinics.models import Clinic
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.errors import TooManyError
from directory.inquiries.models import Inquiry, InquiryDraft, InquiryEvent, Submission, draft_key
from directory.inquiries.states import InquiryState
from directory.outbox.models import MessageKind
from directory.privacy.models import AuditEvent
from directory.privacy.rowkeys import row_keys
from tests.conftest import make_app
from tests.inquiries.patient import (
    FORM,
    Browser,
    begin,
    content_of,
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
    wrong,
)

SECRET = "a secret of the tests"


def patient_with_code(app: Flask) -> tuple[Browser, Clinic]:
    browser, clinic = open_browser(app), open_clinic()
    fill_in(browser, clinic)
    return browser, clinic


def test_the_right_code_makes_one_inquiry_and_one_message(app: Flask) -> None:
    browser, clinic = patient_with_code(app)
    answer = enter(browser, newest_code())
    assert (answer.status_code, answer.location) == (303, "/inquiry/sent")
    [inquiry] = stored(Inquiry)
    [message] = messages(MessageKind.CLINIC_INQUIRY)
    assert (message.recipient, message.subject_id) == (clinic.email, inquiry.public_id)
    assert [event.state for event in stored(InquiryEvent)] == [InquiryState.SENT]
    assert [event.action for event in stored(AuditEvent)] == ["inquiry sent"]
    assert stored(Submission)[0].is_email_proven


def test_the_code_page_says_where_the_code_went_and_who_gets_the_answers(app: Flask) -> None:
    browser, clinic = patient_with_code(app)
    page = browser.get("/inquiry/code")
    assert FORM["email"] in page.text
    assert f"Send to {clinic.name}" in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_agreeing_twice_sends_one_code(app: Flask) -> None:
    browser, _ = patient_with_code(app)
    assert browser.post("/inquiry/review", data=FORM).location == "/inquiry/code"
    assert len(messages(MessageKind.PATIENT_CODE)) == 1


def test_a_code_proves_only_the_address_that_it_went_to(app: Flask) -> None:
    browser, _ = patient_with_code(app)
    old = newest_code()
    browser.post("/inquiry/who", data={**FORM, "email": "new@example.org"})
    assert enter(browser, old).location == "/inquiry/review"
    assert browser.get("/inquiry/code").location == "/inquiry/review"
    assert browser.post("/inquiry/review", data=FORM).location == "/inquiry/code"
    assert messages(MessageKind.PATIENT_CODE)[-1].recipient == "new@example.org"
    assert enter(browser, old).status_code == 422
    assert enter(browser, newest_code()).location == "/inquiry/sent"


def test_what_was_changed_after_the_code_was_sent_is_sent_as_changed(app: Flask) -> None:
    browser, _ = patient_with_code(app)
    browser.post("/inquiry/practical", data={**FORM, "message": "CORRECTED"})
    browser.post("/inquiry/review", data=FORM)
    assert len(messages(MessageKind.PATIENT_CODE)) == 1
    enter(browser, newest_code())
    assert "CORRECTED" in stored(Inquiry)[0].answers


def test_a_step_that_is_missing_is_asked_for_before_a_code_is_sent(app: Flask) -> None:
    browser = open_browser(app)
    begin(browser, open_clinic())
    for method in (browser.get, browser.post):
        assert method("/inquiry/review").location == "/inquiry/headaches?check=yes"
    page = browser.get("/inquiry/headaches?check=yes")
    assert "Choose what you are looking for." in page.text
    assert messages(MessageKind.PATIENT_CODE) == []


def test_both_consents_are_needed(app: Flask) -> None:
    browser = open_browser(app)
    answer = fill_in(browser, open_clinic(), consent_share="", may_repeat="y")
    assert answer.status_code == 422
    assert "Tick this if the clinics may read your answers." in answer.text
    assert 'checked id="may_repeat"' in answer.text
    assert messages(MessageKind.PATIENT_CODE) == []


@pytest.mark.parametrize(("typed", "kept"), [({"may_repeat": "y"}, "true"), ({}, "false")])
def test_keeping_the_answers_for_a_repeat_is_the_patients_choice(
    app: Flask, typed: dict[str, str], kept: str
) -> None:
    send_inquiry(app, open_clinic(), **typed)
    assert f'"may_repeat":{kept}' in stored(Inquiry)[0].answers


def test_an_operator_may_have_it_sent_at_once_with_the_address_unproven(
    database_url: str, tmp_path: Path
) -> None:
    app = make_app(database_url, tmp_path, PROVE_EMAIL="0")
    with app.app_context():
        browser = open_browser(app)
        answers = [fill_in(browser, open_clinic()), browser.post("/inquiry/review", data=FORM)]
        assert [answer.location for answer in answers] == ["/inquiry/sent"] * 2
        assert [each.is_email_proven for each in stored(Submission)] == [False]
        assert messages(MessageKind.PATIENT_CODE) == []
        assert not any(name.startswith("inquiry_draft:") for name in row_keys().names())
        db.session.remove()
        db.engine.dispose()


def test_the_sent_page_shows_the_reference_and_the_phone(app: Flask) -> None:
    browser = send_inquiry(app, open_clinic())
    page = browser.get("/inquiry/sent").text
    assert stored(Inquiry)[0].reference in page
    assert "555-0142" in page


def test_a_code_may_be_typed_with_blanks(app: Flask) -> None:
    browser, _ = patient_with_code(app)
    code = newest_code()
    assert enter(browser, f" {code[:3]} {code[3:]} ").location == "/inquiry/sent"


def test_five_wrong_codes_end_the_code(app: Flask) -> None:
    browser, _ = patient_with_code(app)
    code = newest_code()
    pages = [enter(browser, wrong(code)) for _ in range(5)]
    assert {page.status_code for page in pages} == {422}
    assert "not the code we sent" in pages[3].text
    assert "no longer works" in pages[4].text
    assert "no longer works" in enter(browser, code).text
    assert stored(Inquiry) == []


def test_a_code_that_is_not_six_digits_costs_no_try(app: Flask) -> None:
    browser, _ = patient_with_code(app)
    assert "six digits" in enter(browser, "12345").text
    assert stored(OneTimeCode)[0].tries_left == 5


def test_an_expired_code_sends_nothing_and_a_new_one_does(app: Flask) -> None:
    browser, _ = patient_with_code(app)
    with writing() as session:
        session.query(OneTimeCode).one().expires_at = utc_now()
    assert "no longer works" in enter(browser, newest_code()).text
    assert browser.post("/inquiry/code/again").location == "/inquiry/code"
    assert enter(browser, newest_code()).location == "/inquiry/sent"


def test_a_new_code_ends_the_one_before(app: Flask) -> None:
    browser, _ = patient_with_code(app)
    old = newest_code()
    browser.post("/inquiry/code/again")
    assert old != newest_code()
    assert enter(browser, old).status_code == 422


def test_a_sixth_code_within_the_hour_is_too_many(app: Flask) -> None:
    browser, _ = patient_with_code(app)
    answers = [browser.post("/inquiry/code/again") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [303] * 4 + [429]
    assert answers[-1].headers["Retry-After"] == "3600"
    assert len(messages(MessageKind.PATIENT_CODE)) == 5


def test_too_many_codes_get_the_clinics_phone(app: Flask) -> None:
    browser, _ = patient_with_code(app)
    for _ in range(4):
        browser.post("/inquiry/code/again")
    assert "555-0142" in browser.post("/inquiry/code/again").text


def test_a_message_that_cannot_be_posted_leaves_no_inquiry(app: Flask) -> None:
    browser, clinic = patient_with_code(app)
    with writing() as session:
        session.get_one(Clinic, clinic.id).email = "two@a.example, addresses@b.example"
    answer = enter(browser, newest_code())
    assert answer.status_code == 500
    assert "Nothing has been sent" in answer.text
    assert stored(Inquiry) == stored(AccessLink) == stored(InquiryEvent) == []
    assert "MARKEDANSWER" in stored(InquiryDraft)[0].fields
    assert stored(OneTimeCode)[0].used_at is None


def test_a_clinic_that_stopped_taking_inquiries_gets_none(app: Flask) -> None:
    browser, clinic = patient_with_code(app)
    with writing() as session:
        session.get_one(Clinic, clinic.id).email_confirmed_at = None
    assert enter(browser, newest_code()).status_code == 409
    assert stored(Inquiry) == []


def test_sending_again_makes_no_second_inquiry(app: Flask) -> None:
    browser, _ = patient_with_code(app)
    code = newest_code()
    answers = [enter(browser, code), enter(browser, code), browser.get("/inquiry/code")]
    answers += [browser.post("/inquiry/code/again"), browser.post("/inquiry/review", data=FORM)]
    answers += [browser.get("/inquiry/who"), browser.post("/inquiry/who", data=FORM)]
    assert {answer.location for answer in answers} == {"/inquiry/sent"}
    assert len(stored(Inquiry)) == len(messages(MessageKind.CLINIC_INQUIRY)) == 1
    assert len(messages(MessageKind.PATIENT_CODE)) == 1


def test_posting_the_sent_form_again_makes_no_second_inquiry(app: Flask) -> None:
    clinic, browser = open_clinic(), open_browser(app)
    form_id = form_id_of(browser.get(form_url(clinic)).text)
    fill_in(browser, clinic, form_id=form_id)
    enter(browser, newest_code())
    again = browser.post(form_url(clinic), data={**FORM, "form_id": form_id}, follow_redirects=True)
    assert stored(Inquiry)[0].reference in again.text
    assert len(stored(Inquiry)) == len(messages(MessageKind.PATIENT_CODE)) == 1


def test_a_new_form_of_the_same_browser_is_a_new_inquiry(app: Flask) -> None:
    clinic = open_clinic()
    browser = send_inquiry(app, clinic)
    fill_in(browser, clinic)
    enter(browser, newest_code())
    assert len(stored(Inquiry)) == 2


def test_many_clicks_at_once_make_one_inquiry(app: Flask) -> None:
    browser, _ = patient_with_code(app)
    code = newest_code()
    cookie = browser.get_cookie("session", domain="localhost")
    assert cookie is not None

    def click(_: int) -> str | None:
        other = open_browser(app)
        other.set_cookie("session", cookie.value)
        return enter(other, code).location

    db.session.rollback()
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(click, range(4))) == {"/inquiry/sent"}
    assert len(stored(Inquiry)) == len(messages(MessageKind.CLINIC_INQUIRY)) == 1


def test_clicks_at_once_on_the_review_page_send_one_code(app: Flask) -> None:
    browser, _ = patient_with_code(app)
    browser.post("/inquiry/who", data={**FORM, "email": "new@example.org"})
    cookie = browser.get_cookie("session", domain="localhost")
    assert cookie is not None

    def click(_: int) -> str | None:
        other = open_browser(app)
        other.set_cookie("session", cookie.value)
        return other.post("/inquiry/review", data=FORM).location

    db.session.rollback()
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(click, range(4))) == {"/inquiry/code"}
    assert len(messages(MessageKind.PATIENT_CODE)) == 2


def test_the_draft_is_emptied_once_it_is_sent_and_its_key_deleted(app: Flask) -> None:
    send_inquiry(app, open_clinic())
    [draft] = stored(InquiryDraft)
    assert draft.sealed_fields is None
    assert draft_key(draft.public_id) not in row_keys().names()
    assert "MARKEDANSWER" in stored(Inquiry)[0].answers


def test_clearing_on_the_code_page_leaves_no_draft_and_no_key(app: Flask) -> None:
    browser, _ = patient_with_code(app)
    code = newest_code()
    assert browser.post("/inquiry/clear").location == "/inquiry/cleared"
    assert enter(browser, code).status_code == 404
    assert stored(InquiryDraft) == stored(Inquiry) == []
    assert row_keys().names() == set()


def test_the_sent_page_is_gone_after_a_day(app: Flask) -> None:
    browser = send_inquiry(app, open_clinic())
    with writing() as session:
        session.query(Submission).one().sent_at -= timedelta(hours=24)
    assert browser.get("/inquiry/sent").status_code == 404


def test_the_email_of_the_code_holds_only_the_code(app: Flask) -> None:
    patient_with_code(app)
    content = content_of(messages(MessageKind.PATIENT_CODE)[0])
    assert "Markedname" not in content.text + content.html + content.subject


def test_a_code_opens_only_what_it_was_made_for(session) -> None:
    now = utc_now()
    code = issue_code(session, "draft:a", secret_key=SECRET, now=now)
    issue_code(session, "draft:b", secret_key=SECRET, now=now)
    verdicts = [
        try_code(session, subject, code, secret_key=SECRET, now=now)
        for subject in ("draft:b", "draft:a", "draft:a", "draft:c")
    ]
    assert verdicts == [Verdict.WRONG, Verdict.RIGHT, Verdict.EXPIRED, Verdict.EXPIRED]


def test_a_code_lives_ten_minutes(session) -> None:
    now = utc_now()
    issue_code(session, "draft:a", secret_key=SECRET, now=now)
    assert has_code(session, "draft:a", now=now + timedelta(minutes=9, seconds=59))
    assert not has_code(session, "draft:a", now=now + timedelta(minutes=10))


def test_five_codes_an_hour_and_the_next_hour_more(session) -> None:
    now = utc_now()
    for _ in range(5):
        issue_code(session, "link:1", secret_key=SECRET, now=now)
    with pytest.raises(TooManyError):
        issue_code(session, "link:1", secret_key=SECRET, now=now + timedelta(minutes=59))
    assert issue_code(session, "link:1", secret_key=SECRET, now=now + timedelta(minutes=61))
