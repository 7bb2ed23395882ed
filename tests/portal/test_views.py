"""The clinic's way: a link that changes nothing, a code to its own address, the inquiry."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from directory.access.models import AccessLink, BrowserSession, Role
from directory.core.clock import utc_now
from directory.core.db.database import writing
from directory.inquiries.lifecycle.retention import delete_answers
from directory.inquiries.lifecycle.transitions import move
from directory.inquiries.models import Inquiry, InquiryEvent
from directory.inquiries.states import Actor, InquiryState
from directory.outbox.models import MessageKind
from directory.portal.replies import ANSWERS
from directory.privacy.models import AuditEvent
from tests.factories import make_answers, make_contact
from tests.inquiries.patient import (
    MARKS,
    everything,
    messages,
    newest_code,
    open_browser,
    open_clinic,
    stored,
    wrong,
)
from tests.portal.staff import check_page, open_it, opened, patient_moves, the_inquiry, waiting

CODE = MessageKind.CLINIC_CODE


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("ending", ["", "/code"])
def test_opening_the_link_changes_nothing(app: Flask, method: str, ending: str) -> None:
    link = waiting()
    before = everything()
    answer = open_browser(app).open(f"{link}{ending}", method=method)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert everything() == before


def test_the_door_shows_the_reference_and_no_answer(app: Flask) -> None:
    clinic = open_clinic()
    link = waiting(clinic)
    page = open_browser(app).get(link).text
    assert stored(Inquiry)[0].reference in page
    assert clinic.email is not None
    assert clinic.email not in page
    assert [mark for mark in MARKS if mark in page] == []


def test_the_code_goes_to_the_clinics_own_address(app: Flask) -> None:
    clinic = open_clinic()
    link = waiting(clinic)
    answer = open_browser(app).post(link, data={"email": "thief@example.org"})
    assert (answer.status_code, answer.location) == (303, f"{link}/code")
    [message] = messages(CODE)
    assert message.recipient == clinic.email
    assert stored(Inquiry)[0].state is InquiryState.SENT


def test_the_right_code_opens_the_inquiry(app: Flask) -> None:
    link = waiting()
    staff, path = open_it(app, link)
    [inquiry] = stored(Inquiry)
    assert path == f"/clinic/inquiries/{inquiry.reference}"
    assert "MARKEDANSWER: light hurts most." in staff.get(path).text
    assert inquiry.state is InquiryState.OPENED
    assert stored(InquiryEvent)[-1].state is InquiryState.OPENED
    assert stored(AuditEvent)[-1].action == "inquiry opened"


def test_the_inquiry_page_is_kept_nowhere(app: Flask) -> None:
    staff, path = opened(app)
    headers = staff.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"


def test_answers_are_shown_as_text_and_never_as_markup(app: Flask) -> None:
    script = "<script>alert(1)</script>"
    contact = make_contact(name="Jo <b>Bold</b>")
    staff, path = opened(app, contact=contact, answers=make_answers(message=script))
    page = staff.get(path).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert script not in page
    assert "<b>Bold" not in page


def test_a_wrong_code_opens_nothing(app: Flask) -> None:
    link = waiting()
    staff = open_browser(app)
    staff.post(link)
    pages = [staff.post(f"{link}/code", data={"code": wrong(newest_code(CODE))}) for _ in range(5)]
    assert {page.status_code for page in pages} == {422}
    assert "no longer works" in pages[-1].text
    assert staff.post(f"{link}/code", data={"code": newest_code(CODE)}).status_code == 422
    assert stored(BrowserSession) == []
    assert stored(Inquiry)[0].state is InquiryState.SENT


def test_pressing_again_sends_no_second_code(app: Flask) -> None:
    link = waiting()
    staff = open_browser(app)
    answers = [staff.post(link) for _ in range(6)]
    assert {answer.location for answer in answers} == {f"{link}/code"}
    assert len(messages(CODE)) == 1


def test_a_used_up_code_is_followed_by_another_at_once(app: Flask) -> None:
    link = waiting()
    staff = open_browser(app)
    staff.post(link)
    for _ in range(5):
        staff.post(f"{link}/code", data={"code": wrong(newest_code(CODE))})
    staff.post(link)
    answer = staff.post(f"{link}/code", data={"code": newest_code(CODE)})
    assert (len(messages(CODE)), answer.status_code) == (2, 303)


def test_the_code_of_the_second_contact_goes_to_the_second_contact(app: Flask) -> None:
    clinic = open_clinic(second_email="second@lakeshore.example.org")
    link = waiting(clinic)
    with writing() as session:
        session.query(AccessLink).filter_by(role=Role.CLINIC).one().is_second_contact = True
    page = open_browser(app).post(link, follow_redirects=True).text
    assert messages(CODE)[0].recipient == "second@lakeshore.example.org"
    assert "s•••@lakeshore.example.org" in page


def test_a_link_without_an_address_on_file_sends_nothing(app: Flask) -> None:
    link = waiting()
    with writing() as session:
        session.query(AccessLink).filter_by(role=Role.CLINIC).one().is_second_contact = True
    browser = open_browser(app)
    assert "no longer on file" in browser.get(link).text
    assert browser.post(link).status_code == 303
    assert messages(CODE) == []


def test_an_unknown_link_looks_like_any_other_page_that_is_not_here(app: Flask) -> None:
    browser = open_browser(app)
    url = f"/clinic/link/{'x' * 43}"
    answers = [browser.get(url), browser.post(url), browser.get(f"{url}/code")]
    answers.append(browser.post(f"{url}/code", data={"code": "123456"}))
    assert {answer.status_code for answer in answers} == {404}
    assert "no longer valid" in answers[0].text
    # Apart from the path, which the link to the other language repeats.
    assert len({answer.text.replace("/code", "") for answer in answers}) == 1


def test_a_forwarded_link_without_the_code_shows_no_answer(app: Flask) -> None:
    link = waiting()
    _, path = open_it(app, link)
    stranger = open_browser(app)
    pages = [stranger.get(link), stranger.get(f"{link}/code"), stranger.get(path)]
    assert [page.status_code for page in pages] == [200, 200, 404]
    assert [mark for mark in MARKS for page in pages if mark in page.text] == []


def test_a_used_code_opens_nothing_in_another_browser(app: Flask) -> None:
    link = waiting()
    open_it(app, link)
    answer = open_browser(app).post(f"{link}/code", data={"code": newest_code(CODE)})
    assert answer.status_code == 422


def test_a_session_opens_no_other_inquiry(app: Flask) -> None:
    staff, path = opened(app)
    waiting()
    theirs = stored(Inquiry)[-1].reference
    assert staff.get(f"/clinic/inquiries/{theirs}").status_code == 404
    assert staff.get(path).status_code == 200


def test_a_session_ends_after_eight_hours(app: Flask) -> None:
    staff, path = opened(app)
    assert stored(BrowserSession)[0].expires_at > utc_now() + timedelta(hours=7)
    with writing() as session:
        session.query(BrowserSession).one().expires_at = utc_now()
    assert staff.get(path).status_code == 404


def test_opening_it_twice_leaves_one_step(app: Flask) -> None:
    link = waiting()
    open_it(app, link)
    open_it(app, link)
    states = [event.state for event in stored(InquiryEvent)]
    assert states == [InquiryState.SENT, InquiryState.OPENED]


def test_a_button_without_its_token_sends_no_code(app: Flask) -> None:
    link = waiting()
    assert open_browser(app, csrf=True).post(link).status_code == 400
    assert messages(CODE) == []


def test_a_browser_keeps_several_inquiries_open(app: Flask) -> None:
    clinic = open_clinic()
    staff, first = open_it(app, waiting(clinic))
    link = waiting(clinic)
    staff.post(link)
    second = staff.post(f"{link}/code", data={"code": newest_code(CODE)}).location
    assert [staff.get(path).status_code for path in (first, second)] == [200, 200]


def test_a_withdrawn_inquiry_says_so_and_opens_no_more(app: Flask) -> None:
    link = waiting()
    patient_moves(InquiryState.WITHDRAWN)
    browser = open_browser(app)
    page = browser.get(link).text
    assert "The patient has withdrawn it." in page
    assert "Send a code" not in page
    assert browser.post(link, follow_redirects=True).text == page
    assert messages(CODE) == []


def test_a_code_under_way_opens_nothing_once_it_is_withdrawn(app: Flask) -> None:
    link = waiting()
    browser = open_browser(app)
    browser.post(link)
    patient_moves(InquiryState.WITHDRAWN)
    answer = browser.post(f"{link}/code", data={"code": newest_code(CODE)})
    assert answer.location == link
    assert stored(BrowserSession) == []


def test_an_open_page_shows_no_answer_once_it_is_withdrawn(app: Flask) -> None:
    staff, path = opened(app)
    patient_moves(InquiryState.WITHDRAWN)
    page = staff.get(path)
    assert (page.status_code, "The patient has withdrawn it." in page.text) == (200, True)
    assert [mark for mark in MARKS if mark in page.text] == []
    assert staff.get(f"{path}/fhir.json").status_code == 404


def test_a_declined_inquiry_stays_readable_in_the_session_alone(app: Flask) -> None:
    link = waiting()
    staff, path = open_it(app, link)
    with writing() as session:
        found = session.query(Inquiry).one()
        move(session, found, InquiryState.DECLINED, actor=Actor.CLINIC, now=utc_now())
    assert "MARKEDANSWER" in staff.get(path).text
    assert "The clinic has declined." in open_browser(app).get(link).text


def test_deleted_answers_leave_the_state_in_words(app: Flask) -> None:
    link = waiting()
    staff, path = open_it(app, link)
    with writing() as session:
        delete_answers(session, session.query(Inquiry).all(), now=utc_now())
    for page in (staff.get(path), staff.get(link)):
        assert page.status_code == 200
        assert "What was written in it has been deleted." in page.text
        assert [mark for mark in MARKS if mark in page.text] == []
        check_page(page.text)


def test_the_pages_are_well_formed_in_both_languages(app: Flask) -> None:
    link = waiting()
    staff, path = open_it(app, link)
    for prefix in ("", "/es"):
        for url in (link, f"{link}/code", path):
            check_page(staff.get(f"{prefix}{url}").text)


def test_a_program_of_the_clinic_gets_the_inquiry_as_fhir(app: Flask) -> None:
    staff, path = opened(app)
    answer = staff.get(f"{path}/fhir.json")
    assert answer.content_type == "application/fhir+json"
    reference = the_inquiry().reference
    assert answer.headers["Content-Disposition"] == f"attachment; filename=inquiry-{reference}.json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json(force=True)["resourceType"] == "Bundle"
    assert open_browser(app).get(f"{path}/fhir.json").status_code == 404


def test_every_page_of_an_inquiry_refuses_a_stranger(app: Flask) -> None:
    _, path = opened(app)
    stranger, checked = open_browser(app), 0
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/clinic/inquiries/"):
            continue
        for name in ANSWERS:
            ending = rule.rule.partition("<reference>")[2]
            url = path + re.sub("<any.*>", name, ending)
            for method in rule.methods or ():
                if method != "OPTIONS":
                    assert stranger.open(url, method=method).status_code == 404, (method, url)
                checked += 1
    assert checked > 20


@pytest.mark.parametrize("path", ["/clinic/inquiries/AAAA-2222", "/clinic/inquiries/x"])
def test_a_stranger_finds_no_inquiry(app: Flask, path: str) -> None:
    browser = open_browser(app)
    assert browser.get(path).status_code == browser.post(f"{path}/question").status_code == 404
