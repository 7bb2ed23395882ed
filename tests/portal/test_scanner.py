"""Mail scanners open links, press buttons and send forms: they see and block nothing."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

import html5lib
import pytest
from flask import Flask

from directory.inquiries.models import ClinicVisit, InquiryEvent
from directory.inquiries.states import InquiryState
from directory.outbox.models import MessageKind
from tests.inquiries.patient import (
    MARKS,
    Browser,
    content_of,
    messages,
    newest_code,
    open_browser,
    stored,
)
from tests.portal.staff import waiting

CODE = MessageKind.CLINIC_CODE
TIMES = 5
_HTML = "{http://www.w3.org/1999/xhtml}"


class Scanner:
    """Goes to a link and to all that its forms lead to, as often as it can."""

    def __init__(self, app: Flask, *, digits: str, keeps_cookies: bool) -> None:
        self._app = app
        self._digits = digits
        self._browser = open_browser(app, csrf=True)
        self._keeps_cookies = keeps_cookies
        self.seen: list[str] = []

    def visit(self, link: str) -> None:
        """Open the page five times, then send every form of it five times; go on from there."""
        waiting_urls, done = [link], set()
        while waiting_urls:
            url = waiting_urls.pop(0)
            done.add(url)
            for method in ("GET", "HEAD") * TIMES:
                self.seen.append(self.browser().open(url, method=method).text)
            for place in range(len(list(_forms(self._page(url))))):
                for _ in range(TIMES):
                    waiting_urls += {self._send(url, place)} - done - {""} - set(waiting_urls)

    def browser(self) -> Browser:
        """Return the browser, a new one each time if it keeps no cookies."""
        if not self._keeps_cookies:
            self._browser = open_browser(self._app, csrf=True)
        return self._browser

    def _page(self, url: str) -> str:
        return self.browser().get(url).text

    def _send(self, url: str, place: int) -> str:
        """Send one form of a page that was just fetched; return where that leads to."""
        browser = self.browser()
        action, data = list(_forms(browser.get(url).text))[place]
        answer = browser.post(urljoin(url, action), data={**data, "code": self._digits})
        self.seen.append(answer.text)
        return answer.location or ""


def _forms(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    for form in html5lib.parse(page).iter(f"{_HTML}form"):
        if form.get("method") == "post":
            fields = form.iter(f"{_HTML}input")
            named = {each.get("name", ""): each.get("value", "") for each in fields}
            yield form.get("action") or "", named


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
    assert stored(ClinicVisit) == []
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
