"""Programs, floods and stale pages: nothing is stored for them, and nothing is lost for people."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from directory.access.models import OneTimeCode
from directory.clinics.models import Clinic
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.inquiries.drafts import fields_of
from directory.inquiries.form.form_token import new_form_id, signed_form_id
from directory.inquiries.models import Inquiry, InquiryDraft
from directory.outbox.models import OutboxMessage
from directory.privacy.rowkeys import row_keys
from tests.inquiries.patient import (
    FORM,
    Browser,
    begin,
    enter,
    fill_in,
    form_id_of,
    form_url,
    newest_code,
    open_browser,
    open_clinic,
    send_inquiry,
    stored,
)

AGAIN = "Please send this page again"


def refused(answer: TestResponse) -> bool:
    assert stored(InquiryDraft) == stored(OutboxMessage) == []
    return (
        answer.status_code == 422
        and AGAIN in answer.text
        and "Jo Markedname" in answer.text
        and "markedmail@example.org" in answer.text
    )


def post(browser: Browser, clinic: Clinic, **changes: Any) -> TestResponse:
    return browser.post(form_url(clinic), data={**FORM, **changes})


def test_a_field_that_only_programs_fill_in_stores_nothing_and_keeps_all(app: Flask) -> None:
    browser, clinic = open_browser(app), open_clinic()
    answer = begin(browser, clinic, website="https://spam.example")
    assert refused(answer)
    assert "spam.example" not in answer.text
    assert post(browser, clinic, form_id=form_id_of(answer.text)).status_code == 303


@pytest.mark.parametrize(("seconds", "status"), [(0, 422), (2, 422), (4, 303)])
def test_a_form_that_comes_back_too_fast_has_to_be_sent_again(
    app: Flask, seconds: int, status: int
) -> None:
    browser, clinic = open_browser(app), open_clinic()
    page = browser.get(form_url(clinic)).text
    answer = post(browser, clinic, form_id=form_id_of(page, seconds=seconds))
    assert answer.status_code == status
    assert status == 303 or refused(answer)


def test_the_form_sent_again_keeps_its_time(app: Flask) -> None:
    browser, clinic = open_browser(app), open_clinic()
    form_id = form_id_of(browser.get(form_url(clinic)).text, seconds=1)
    assert f'value="{form_id}"' in post(browser, clinic, form_id=form_id).text


@pytest.mark.parametrize("form_id", ["", "1", "x" * 43, "a.b.c", "x" * 43 + ".1.forged", "ä\x00"])
def test_a_made_up_form_is_asked_for_again(app: Flask, form_id: str) -> None:
    assert refused(post(open_browser(app), open_clinic(), form_id=form_id))


def test_a_form_of_yesterday_is_asked_for_again(app: Flask) -> None:
    old = new_form_id(now=utc_now() - timedelta(hours=24, minutes=1))
    assert refused(post(open_browser(app), open_clinic(), form_id=old))


def test_a_form_id_without_our_signature_opens_no_draft_of_another_browser(app: Flask) -> None:
    clinic = open_clinic()
    fill_in(open_browser(app), clinic)
    [theirs] = stored(InquiryDraft)
    forged = signed_form_id(theirs.public_id, now=utc_now())[:-1] + "!"
    answer = post(open_browser(app), clinic, form_id=forged, patient_name="Mallory")
    assert answer.status_code == 422
    assert fields_of(stored(InquiryDraft)[0])["who"]["patient_name"] == ["Jo Markedname"]


def test_a_first_step_without_the_pages_token_is_asked_for_again(app: Flask) -> None:
    browser, clinic = open_browser(app, csrf=True), open_clinic()
    assert refused(begin(browser, clinic))


def test_a_later_step_without_the_pages_token_is_kept_in_sight_and_not_stored(app: Flask) -> None:
    browser, clinic = open_browser(app), open_clinic()
    fill_in(browser, clinic)
    app.config["WTF_CSRF_ENABLED"] = True
    for step in ("practical", "review"):
        answer = browser.post(f"/inquiry/{step}", data={**FORM, "message": "NEWTEXT"})
        assert answer.status_code == 422
        assert AGAIN in answer.text
        assert ("NEWTEXT" in answer.text) == (step == "practical")
    assert "NEWTEXT" not in stored(InquiryDraft)[0].fields


@pytest.mark.parametrize("path", ["clear", "anew", "clinics/add", "carry", "code/again"])
def test_a_button_of_another_site_does_nothing(app: Flask, path: str) -> None:
    browser, clinic = open_browser(app), open_clinic()
    fill_in(browser, clinic)
    app.config["WTF_CSRF_ENABLED"] = True
    answer = browser.post(f"/inquiry/{path}", data={"clinic": clinic.public_id})
    assert answer.status_code == 400
    assert len(stored(InquiryDraft)) == 1


def test_a_code_without_the_pages_token_costs_no_try_and_can_be_sent_again(app: Flask) -> None:
    browser = open_browser(app)
    fill_in(browser, open_clinic())
    app.config["WTF_CSRF_ENABLED"] = True
    answer = enter(browser, newest_code())
    assert answer.status_code == 422
    assert f'value="{newest_code()}"' in answer.text
    assert stored(OneTimeCode)[0].tries_left == 5
    assert stored(Inquiry) == []


def test_clicks_at_once_on_the_first_page_are_one_draft(app: Flask) -> None:
    clinic = open_clinic()
    page = open_browser(app).get(form_url(clinic)).text
    data, browsers = {**FORM, "form_id": form_id_of(page)}, [open_browser(app) for _ in range(4)]
    db.session.rollback()
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda each: each.post(form_url(clinic), data=data), browsers)
        assert {answer.location for answer in answers} == {"/inquiry/headaches"}
    assert len(stored(InquiryDraft)) == 1


def test_too_many_drafts_get_the_clinics_phone_and_leave_no_key(app: Flask) -> None:
    clinic = open_clinic()
    for _ in range(10):
        begin(open_browser(app), clinic)
    keys = len(row_keys().names())
    answer = begin(open_browser(app), clinic)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3600"
    assert "847" in answer.text
    assert len(stored(InquiryDraft)) == 10
    assert len(row_keys().names()) == keys


def test_drafts_of_an_hour_ago_do_not_count(app: Flask) -> None:
    clinic = open_clinic()
    for _ in range(10):
        begin(open_browser(app), clinic)
    with writing() as session:
        for draft in session.query(InquiryDraft):
            draft.created_at -= timedelta(minutes=61)
    assert begin(open_browser(app), clinic).status_code == 303


def test_three_inquiries_a_day_go_from_one_address_to_one_clinic(app: Flask) -> None:
    clinic = open_clinic()
    for _ in range(3):
        send_inquiry(app, clinic)
    answer = fill_in(open_browser(app), clinic, email="MarkedMail@example.org")
    assert answer.status_code == 429
    assert "555-0142" in answer.text
    assert fill_in(open_browser(app), open_clinic()).location == "/inquiry/code"
    assert fill_in(open_browser(app), clinic, email="other@example.org").status_code == 303


def test_correcting_the_address_does_not_get_around_the_limit(app: Flask) -> None:
    clinic, browser = open_clinic(), open_browser(app)
    for _ in range(3):
        send_inquiry(app, clinic)
    fill_in(browser, clinic, email="other@example.org")
    browser.post("/inquiry/who", data=FORM)
    assert enter(browser, newest_code()).location == "/inquiry/review"
    assert browser.post("/inquiry/review", data=FORM).status_code == 429
    assert len(stored(Inquiry)) == 3


def test_too_much_text_is_refused_with_a_clear_page(app: Flask) -> None:
    browser = open_browser(app)
    begin(browser, open_clinic())
    answer = browser.post("/inquiry/practical", data={"message": "x" * 300_000})
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_a_store_of_keys_that_fails_says_that_nothing_was_sent(app: Flask, tmp_path: Path) -> None:
    browser, clinic = open_browser(app), open_clinic()
    fill_in(browser, clinic)
    code = newest_code()
    row_keys().close()
    for file in tmp_path.glob("keys.db*"):
        file.unlink()
    (tmp_path / "keys.db").mkdir()
    answer = enter(browser, code)
    assert answer.status_code == 503
    assert "Nothing has been sent. It is safe to try again" in answer.text
    assert stored(Inquiry) == []
