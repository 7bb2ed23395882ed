"""The clinic's way: a link that changes nothing, a code to its own address, the inquiry."""

from datetime import timedelta

import pytest
from flask import Flask

from directory.clinics.models import Clinic
from directory.core.clock import utc_now
from directory.core.database import writing
from directory.inquiries.models import ClinicVisit, Inquiry, InquiryEvent
from directory.inquiries.states import InquiryState
from directory.outbox.models import MessageKind
from directory.privacy.models import AuditEvent
from tests.inquiries.patient import (
    MARKS,
    Browser,
    everything,
    messages,
    newest_code,
    newest_link,
    open_browser,
    open_clinic,
    send_inquiry,
    stored,
    wrong,
)

CODE = MessageKind.CLINIC_CODE


def waiting_inquiry(app: Flask, **changes: str) -> tuple[Clinic, str]:
    clinic = open_clinic()
    send_inquiry(app, clinic, **changes)
    return clinic, newest_link()


def open_inquiry(app: Flask, link: str) -> tuple[Browser, str]:
    staff = open_browser(app)
    staff.post(link)
    answer = staff.post(f"{link}/code", data={"code": newest_code(CODE)})
    assert answer.status_code == 303
    return staff, answer.location


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("ending", ["", "/code"])
def test_opening_the_link_changes_nothing(app: Flask, method: str, ending: str) -> None:
    _, link = waiting_inquiry(app)
    before = everything()
    answer = open_browser(app).open(f"{link}{ending}", method=method)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert everything() == before


def test_the_door_shows_the_reference_and_no_answer(app: Flask) -> None:
    clinic, link = waiting_inquiry(app)
    page = open_browser(app).get(link).text
    assert stored(Inquiry)[0].reference in page
    assert clinic.email is not None
    assert clinic.email not in page
    assert [mark for mark in MARKS if mark in page] == []


def test_the_code_goes_to_the_clinics_own_address(app: Flask) -> None:
    clinic, link = waiting_inquiry(app)
    answer = open_browser(app).post(link, data={"email": "thief@example.org"})
    assert (answer.status_code, answer.location) == (303, f"{link}/code")
    [message] = messages(CODE)
    assert message.recipient == clinic.email
    assert stored(Inquiry)[0].state is InquiryState.SENT


def test_the_right_code_opens_the_inquiry(app: Flask) -> None:
    _, link = waiting_inquiry(app)
    staff, path = open_inquiry(app, link)
    [inquiry] = stored(Inquiry)
    assert path == f"/clinic/inquiries/{inquiry.reference}"
    assert "MARKEDANSWER: light hurts most." in staff.get(path).text
    assert inquiry.state is InquiryState.OPENED
    assert stored(InquiryEvent)[-1].state is InquiryState.OPENED
    assert stored(AuditEvent)[-1].action == "inquiry opened"


def test_the_inquiry_page_is_kept_nowhere(app: Flask) -> None:
    staff, path = open_inquiry(app, waiting_inquiry(app)[1])
    headers = staff.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"


def test_answers_are_shown_as_text_and_never_as_markup(app: Flask) -> None:
    script = "<script>alert(1)</script>"
    name = "Jo <b>Bold</b>"
    staff, path = open_inquiry(app, waiting_inquiry(app, message=script, patient_name=name)[1])
    page = staff.get(path).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert script not in page
    assert "<b>Bold" not in page


def test_a_wrong_code_opens_nothing(app: Flask) -> None:
    _, link = waiting_inquiry(app)
    staff = open_browser(app)
    staff.post(link)
    pages = [staff.post(f"{link}/code", data={"code": wrong(newest_code(CODE))}) for _ in range(5)]
    assert {page.status_code for page in pages} == {422}
    assert "no longer works" in pages[-1].text
    assert staff.post(f"{link}/code", data={"code": newest_code(CODE)}).status_code == 422
    assert stored(ClinicVisit) == []
    assert stored(Inquiry)[0].state is InquiryState.SENT


def test_a_sixth_code_within_the_hour_is_too_many(app: Flask) -> None:
    _, link = waiting_inquiry(app)
    staff = open_browser(app)
    statuses = [staff.post(link).status_code for _ in range(6)]
    assert statuses == [303] * 5 + [429]


def test_an_unknown_link_looks_like_any_other_page_that_is_not_here(app: Flask) -> None:
    browser = open_browser(app)
    url = f"/clinic/link/{'x' * 43}"
    answers = [browser.get(url), browser.post(url), browser.get(f"{url}/code")]
    answers.append(browser.post(f"{url}/code", data={"code": "123456"}))
    assert {answer.status_code for answer in answers} == {404}
    assert "no longer valid" in answers[0].text
    assert len({answer.text for answer in answers}) == 1


def test_a_forwarded_link_without_the_code_shows_no_answer(app: Flask) -> None:
    _, link = waiting_inquiry(app)
    _, path = open_inquiry(app, link)
    stranger = open_browser(app)
    pages = [stranger.get(link), stranger.get(f"{link}/code"), stranger.get(path)]
    assert [page.status_code for page in pages] == [200, 200, 404]
    assert [mark for mark in MARKS for page in pages if mark in page.text] == []


def test_a_used_code_opens_nothing_in_another_browser(app: Flask) -> None:
    _, link = waiting_inquiry(app)
    open_inquiry(app, link)
    answer = open_browser(app).post(f"{link}/code", data={"code": newest_code(CODE)})
    assert answer.status_code == 422


def test_a_visit_opens_no_other_inquiry(app: Flask) -> None:
    staff, path = open_inquiry(app, waiting_inquiry(app)[1])
    waiting_inquiry(app)
    theirs = stored(Inquiry)[-1].reference
    assert staff.get(f"/clinic/inquiries/{theirs}").status_code == 404
    assert staff.get(path).status_code == 200


def test_a_visit_ends_after_eight_hours(app: Flask) -> None:
    staff, path = open_inquiry(app, waiting_inquiry(app)[1])
    assert stored(ClinicVisit)[0].expires_at > utc_now() + timedelta(hours=7)
    with writing() as session:
        session.query(ClinicVisit).one().expires_at = utc_now()
    assert staff.get(path).status_code == 404


def test_opening_it_twice_leaves_one_step(app: Flask) -> None:
    _, link = waiting_inquiry(app)
    open_inquiry(app, link)
    open_inquiry(app, link)
    states = [event.state for event in stored(InquiryEvent)]
    assert states == [InquiryState.SENT, InquiryState.OPENED]


def test_a_button_without_its_token_sends_no_code(app: Flask) -> None:
    _, link = waiting_inquiry(app)
    assert open_browser(app, csrf=True).post(link).status_code == 400
    assert messages(CODE) == []


def test_an_inquiry_whose_answers_were_deleted_has_a_page(app: Flask) -> None:
    staff, path = open_inquiry(app, waiting_inquiry(app)[1])
    with writing() as session:
        inquiry = session.query(Inquiry).one()
        inquiry.contact = inquiry.answers = None
    assert staff.get(path).status_code < 500


@pytest.mark.parametrize("path", ["/clinic/inquiries/AAAA-2222", "/clinic/inquiries/x"])
def test_a_stranger_finds_no_inquiry(app: Flask, path: str) -> None:
    assert open_browser(app).get(path).status_code == 404
