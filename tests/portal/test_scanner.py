"""Mail scanners open links, press buttons and send forms: they see and block nothing."""

import re

import pytest
from flask import Flask

from directory.access.models import BrowserSession
from directory.inquiries.models import InquiryEvent
from directory.inquiries.states import InquiryState
from directory.outbox.models import MessageKind
from tests.inquiries.patient import MARKS, content_of, messages, newest_code, open_browser, stored
from tests.portal.scanner import Scanner
from tests.portal.staff import waiting

CODE = MessageKind.CLINIC_CODE


def person_opens(app: Flask, link: str) -> str:
    """Do what somebody at the clinic does, with the codes in their mail; return the page."""
    app.config["WTF_CSRF_ENABLED"] = False
    browser = open_browser(app)
    assert browser.post(link).status_code == 303
    answer = browser.post(f"{link}/code", data={"code": newest_code(CODE)}, follow_redirects=True)
    return answer.text


@pytest.mark.parametrize("keeps_cookies", [True, False])
@pytest.mark.parametrize("digits", ["123456", "test"])
def test_a_scanner_sees_no_answer_and_blocks_nobody(
    app: Flask, digits: str, keeps_cookies: bool
) -> None:
    link = waiting()
    scanner = Scanner(app, digits=digits, keeps_cookies=keeps_cookies)
    scanner.visit(link)
    assert [mark for mark in MARKS for page in scanner.seen if mark in page] == []
    assert [event.state for event in stored(InquiryEvent)] == [InquiryState.SENT]
    assert stored(BrowserSession) == []
    assert "MARKEDANSWER" in person_opens(app, link)


def test_five_scanners_in_a_row_block_nobody_and_flood_nobody(app: Flask) -> None:
    link = waiting()
    for _ in range(5):
        Scanner(app, digits="123456", keeps_cookies=True).visit(link)
    assert "MARKEDANSWER" in person_opens(app, link)
    assert len(messages(CODE)) <= 10


def test_a_scanner_that_types_nothing_causes_one_code(app: Flask) -> None:
    link = waiting()
    for _ in range(5):
        Scanner(app, digits="", keeps_cookies=False).visit(link)
    assert len(messages(CODE)) == 1


def test_a_scanner_of_the_patients_mail_sees_nothing_and_blocks_nobody(app: Flask) -> None:
    waiting()
    text = content_of(messages(MessageKind.PATIENT_SENT)[-1]).text
    found = re.search(r"http://directory\.test(/inquiry/status/[\w-]{43})\s", text)
    assert found
    for keeps_cookies in (True, False):
        scanner = Scanner(app, digits="123456", keeps_cookies=keeps_cookies)
        scanner.visit(found[1])
        assert [mark for mark in MARKS for page in scanner.seen if mark in page] == []
        assert "Lakeshore" not in "".join(scanner.seen)
    app.config["WTF_CSRF_ENABLED"] = False
    patient = open_browser(app)
    patient.post(found[1])
    code = newest_code(MessageKind.PATIENT_CODE)
    page = patient.post(f"{found[1]}/code", data={"code": code}, follow_redirects=True).text
    assert "Lakeshore" in page


def test_the_emails_to_the_clinic_hold_no_other_link(app: Flask) -> None:
    waiting()
    [message] = messages(MessageKind.CLINIC_INQUIRY)
    paths = re.findall(r"http://directory\.test(\S*)", content_of(message).text)
    assert len(paths) == 1
