"""Where health answers must never be: emails, columns, files, addresses and logs."""

import logging
from pathlib import Path

import pytest
from flask import Flask

from directory.core.database import db
from directory.inquiries.answers import AgeBand, Answers, Contact, Reason
from directory.outbox.models import MessageKind
from tests.inquiries.patient import (
    FORM,
    MARKS,
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
    wrong,
)


def test_the_email_to_the_clinic_names_nobody_and_no_answer(app: Flask) -> None:
    send_inquiry(app, open_clinic())
    content = content_of(messages(MessageKind.CLINIC_INQUIRY)[0])
    whole = f"{content.subject}\n{content.text}\n{content.html}".lower()
    assert [mark for mark in MARKS if mark.lower() in whole] == []
    assert [word for word in ("headache", "migraine", "botox", "patient") if word in whole] == []


def test_no_column_holds_an_answer_in_the_clear(app: Flask) -> None:
    clinic = open_clinic()
    send_inquiry(app, clinic)
    fill_in(open_browser(app), clinic)
    rows = str(everything())
    assert [mark for mark in MARKS if mark in rows] == []


def test_the_database_file_holds_no_answer_in_the_clear(app: Flask, tmp_path: Path) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no file of ours; the test above reads its columns.")
    send_inquiry(app, open_clinic())
    files = list(tmp_path.glob("directory.db*"))
    assert len(files) >= 2  # with the write-ahead log
    raw = b"".join(file.read_bytes() for file in files)
    assert [mark for mark in MARKS if mark.encode() in raw] == []


def test_no_address_and_no_log_line_holds_an_answer(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("directory").addHandler(caplog.handler)
    caplog.set_level(logging.DEBUG)
    browser, clinic = open_browser(app), open_clinic()
    answers = [fill_in(browser, clinic, email="no"), fill_in(browser, clinic)]
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
    fill_in(browser, open_clinic(email="not an address"))
    assert enter(browser, newest_code()).status_code == 500
    logging.getLogger("directory").removeHandler(caplog.handler)
    [record] = [each for each in caplog.records if each.getMessage() == "unexpected error"]
    assert [mark for mark in MARKS if mark in str(vars(record))] == []


def test_the_cookie_holds_no_answer(app: Flask) -> None:
    browser = open_browser(app)
    fill_in(browser, open_clinic())
    cookie = browser.get_cookie("session", domain="localhost")
    assert cookie is not None
    assert cookie.http_only
    with browser.session_transaction() as session:
        assert set(session) <= {"draft", "csrf_token"}


def test_answers_are_never_shown_by_repr() -> None:
    answers = Answers(AgeBand.ADULT, "60201", Reason.FIRST, 22, 14, "MARKEDANSWER")
    contact = Contact("Jo Markedname", "markedmail@example.org", None)
    assert f"{answers!r} {contact!r}" == "Answers(...) Contact(...)"
    assert Answers.from_json(answers.to_json()) == answers
    assert Contact.from_json(contact.to_json()) == contact


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_call_page_shows_the_phone_and_stores_nothing(app: Flask, method: str) -> None:
    clinic = open_clinic(email=None, email_confirmed_at=None)
    before = everything()
    page = getattr(open_browser(app), method)(
        f"/inquiry/prepare/{clinic.providers[0].npi}",
        **({"data": FORM} if method == "post" else {}),
    )
    assert page.status_code == 200
    assert "(847) 555-0142" in page.text
    assert ("MARKEDANSWER" in page.text) == (method == "post")
    assert everything() == before


def test_the_call_page_says_what_is_missing(app: Flask) -> None:
    clinic = open_clinic(email=None, email_confirmed_at=None)
    url = f"/inquiry/prepare/{clinic.providers[0].npi}"
    page = open_browser(app).post(url, data={**FORM, "age_band": ""})
    assert page.status_code == 422
    assert "Choose your age group." in page.text
    assert "MARKEDANSWER" in page.text


def test_the_call_page_of_nobody_is_not_found(app: Flask) -> None:
    assert open_browser(app).get("/inquiry/prepare/1234567893").status_code == 404


@pytest.mark.parametrize("npi", ["abc", "9" * 30])
def test_the_call_page_of_no_npi_is_not_found(app: Flask, npi: str) -> None:
    assert open_browser(app).get(f"/inquiry/prepare/{npi}").status_code == 404


def test_a_zero_byte_in_an_address_finds_nothing(app: Flask) -> None:
    assert open_browser(app).get("/inquiry/new?clinic=a%00b").status_code == 404
