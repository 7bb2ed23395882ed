"""Where health answers must never be: emails, columns, files, addresses and logs."""

import logging
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from directory.care.answers import Answers, Contact
from directory.core.dataclass_json import from_json, to_json
from directory.core.db.database import db
from directory.inquiries.form.answer_lines import lines_of
from directory.inquiries.form.prepare_form import PrepareForm
from directory.inquiries.models import Inquiry
from directory.outbox.models import MessageKind, OutboxMessage
from tests.factories import make_answers, make_contact
from tests.inquiries.patient import (
    FORM,
    MARKS,
    STEPS,
    begin,
    content_of,
    enter,
    everything,
    fill_in,
    messages,
    newest_code,
    newest_link,
    open_browser,
    open_clinic,
    send_inquiry,
    stored,
    wrong,
)

# Marks in every field that takes free text.
MARKED = {
    "asks_for": "other",
    "relationship": "MARKEDANSWER mother",
    "may_ask": "y",
    "language": "other",
    "other_language": "MARKEDANSWER tongue",
    "preventive_1_kind": "cgrp",
    "preventive_1_name": "MARKEDANSWER pill",
    "preventive_1_dose": "MARKEDANSWER mg",
    "had_toxin": "yes",
    "toxin_product": "MARKEDANSWER product",
    "toxin_effects": "MARKEDANSWER effect",
    "insurer": "MARKEDANSWER health",
    "plan": "MARKEDANSWER plan",
    "access_needs": "MARKEDANSWER ramp",
}


def test_every_marked_field_reaches_the_clinic(app: Flask) -> None:
    send_inquiry(app, open_clinic(), **MARKED)
    [inquiry] = stored(Inquiry)
    assert f"{inquiry.contact}{inquiry.answers}".count("MARKEDANSWER") == 10


def test_the_emails_name_nobody_and_no_answer(app: Flask) -> None:
    send_inquiry(app, open_clinic(), **MARKED)
    for message in stored(OutboxMessage):
        content = content_of(message)
        whole = f"{content.subject}\n{content.text}\n{content.html}".lower()
        assert [mark for mark in MARKS if mark.lower() in whole] == []
        words = ("headache", "migraine", "botox", "toxin")
        assert [word for word in words if word in whole] == []


def test_no_column_holds_an_answer_in_the_clear(app: Flask) -> None:
    clinic = open_clinic()
    send_inquiry(app, clinic, **MARKED)
    fill_in(open_browser(app), clinic, **MARKED)
    rows = str(everything())
    assert [mark for mark in MARKS if mark in rows] == []


def test_no_file_holds_an_answer_in_the_clear(app: Flask, tmp_path: Path) -> None:
    clinic = open_clinic()
    send_inquiry(app, clinic, **MARKED)
    fill_in(open_browser(app), clinic, **MARKED)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    names = {file.name for file in files}
    assert {"keys.db", "keys.db-wal"} <= names
    if db.engine.dialect.name == "sqlite":
        assert {"directory.db", "directory.db-wal"} <= names
    raw = b"".join(file.read_bytes() for file in files)
    assert [mark for mark in MARKS if mark.encode() in raw] == []


def test_no_address_and_no_log_line_holds_an_answer(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("directory").addHandler(caplog.handler)
    caplog.set_level(logging.DEBUG)
    browser, clinic = open_browser(app), open_clinic()
    answers = [browser.post("/inquiry/carry", data=MARKED)]
    answers += [begin(browser, clinic, **MARKED)]
    for typed in ({**FORM, **MARKED, "message": "MARKEDANSWER" * 100}, {**FORM, **MARKED}):
        answers += [browser.post(f"/inquiry/{step}", data=typed) for step in STEPS]
    answers += [enter(browser, wrong(newest_code())), enter(browser, newest_code())]
    answers += [browser.get("/inquiry/sent"), browser.post(newest_link())]
    logging.getLogger("directory").removeHandler(caplog.handler)
    seen = [f"{answer.request.url} {answer.headers}" for answer in answers]
    seen += [str(vars(record)) for record in caplog.records]
    assert [mark for mark in MARKS if mark in "\n".join(seen)] == []


def test_an_error_while_sending_logs_no_answer(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("directory").addHandler(caplog.handler)
    browser = open_browser(app)
    fill_in(browser, open_clinic(email="not an address"), **MARKED)
    assert enter(browser, newest_code()).status_code == 500
    logging.getLogger("directory").removeHandler(caplog.handler)
    [record] = [each for each in caplog.records if each.getMessage() == "unexpected error"]
    assert [mark for mark in MARKS if mark in str(vars(record))] == []


def test_the_cookie_holds_only_the_drafts_id(app: Flask) -> None:
    browser = open_browser(app)
    fill_in(browser, open_clinic())
    cookie = browser.get_cookie("session", domain="localhost")
    assert cookie is not None
    assert cookie.http_only
    with browser.session_transaction() as session:
        assert set(session) <= {"draft", "csrf_token"}


def test_answers_are_never_shown_by_repr() -> None:
    answers, contact = make_answers(), make_contact()
    assert [mark for mark in MARKS if mark in f"{answers!r} {contact!r}"] == []
    assert from_json(Answers, to_json(answers)) == answers
    assert from_json(Contact, to_json(contact)) == contact


def prepare_url(**changes: Any) -> str:
    clinic = open_clinic(email=None, email_confirmed_at=None, **changes)
    return f"/inquiry/prepare/{clinic.providers[0].npi}"


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_call_page_shows_the_phone_and_stores_nothing(app: Flask, method: str) -> None:
    url, browser = prepare_url(), open_browser(app)
    before = everything()
    page = browser.get(url) if method == "get" else browser.post(url, data=FORM)
    assert page.status_code == 200
    assert "(847) 555-0142" in page.text
    assert ("MARKEDANSWER" in page.text) == (method == "post")
    assert everything() == before


def test_the_page_to_print_holds_the_answers_in_words(app: Flask) -> None:
    typed = {**FORM, "headache_days": "", "headache_days_unsure": "y", "midas": "21"}
    page = open_browser(app).post(prepare_url(), data=typed).text
    for said in ("A first assessment", "Chronic migraine", "not sure", "14", "18 to 64", "21"):
        assert f">{said}</dd>" in page


def test_no_token_stands_among_the_answers(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    with app.test_request_context(method="POST", data={**FORM, "csrf_token": "MARKEDTOKEN"}):
        form = PrepareForm()
        assert "csrf_token" in form
        values = [line.value for line in lines_of(form)]
    assert len(values) > 5
    assert "MARKEDTOKEN" not in values


def test_the_call_page_says_what_is_missing(app: Flask) -> None:
    page = open_browser(app).post(prepare_url(), data={**FORM, "age_band": ""})
    assert page.status_code == 422
    assert "Choose your age group." in page.text
    assert "MARKEDANSWER" in page.text


@pytest.mark.parametrize("npi", ["1234567893", "abc", "9" * 30])
def test_the_call_page_of_nobody_is_not_found(app: Flask, npi: str) -> None:
    assert open_browser(app).get(f"/inquiry/prepare/{npi}").status_code == 404


def test_the_patients_messages_are_of_two_kinds(app: Flask) -> None:
    send_inquiry(app, open_clinic())
    to = {message.kind for message in stored(OutboxMessage) if message.recipient == FORM["email"]}
    assert to == {MessageKind.PATIENT_CODE, MessageKind.PATIENT_SENT}
    assert len(messages(MessageKind.PATIENT_SENT)) == 1
