"""The patient's page: what the link alone shows, what a code opens, and what can be done there."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from directory.access.models import BrowserSession
from directory.core.clock import utc_now
from directory.core.db.database import writing
from directory.inquiries.lifecycle.clinic_actions import answer, hold
from directory.inquiries.lifecycle.event_details import Details
from directory.inquiries.lifecycle.retention import delete_answers
from directory.inquiries.models import Inquiry, Submission
from directory.inquiries.states import Actor, InquiryState
from directory.inquiries.status.state_text import WORDS, words_of
from directory.outbox.models import MessageKind
from directory.privacy.models import AuditEvent
from tests.factories import make_contact
from tests.inquiries.patient import (
    MARKS,
    Browser,
    everything,
    messages,
    newest_code,
    open_browser,
    open_clinic,
    stored,
    wrong,
)
from tests.inquiries.status.status_page import (
    QUESTION,
    checked,
    clinic_asks,
    clinic_proposes,
    clinic_says,
    hidden,
    inquiry_of,
    sent_to,
    show_everything,
    status_link,
)
from tests.portal.scanner import Scanner

CODE = MessageKind.PATIENT_CODE
NEWS = MessageKind.CLINIC_NEWS
PAGES = ["", "/code", "/all", "/answers", "/REF/reply", "/REF/times", "/REF/treated", "/REF/repeat"]
BUTTONS = ["withdraw", "withdraw-others", "delete", "ask", "repeat", "reply", "times", "treated"]


def test_every_state_has_words_that_name_no_treatment() -> None:
    texts = [str(each) for words in WORDS.values() for each in (words.label, words.before)]

    assert set(WORDS) == set(InquiryState)
    assert not re.search("treat|botox|migraine|headache|inject", " ".join(texts), re.IGNORECASE)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("page", PAGES)
def test_opening_any_page_changes_nothing(app: Flask, method: str, page: str) -> None:
    [reference] = sent_to(open_clinic())
    clinic_asks(reference)
    browser, link = show_everything(app)
    before = everything()

    answer = browser.open(f"{link}{page.replace('REF', reference)}", method=method)

    assert answer.status_code in {200, 303}
    assert everything() == before


@pytest.mark.parametrize("page", PAGES)
def test_the_link_alone_shows_the_state_and_nothing_that_was_written(app: Flask, page: str) -> None:
    clinic = open_clinic()
    [reference] = sent_to(clinic)
    clinic_asks(reference)
    url = f"{status_link()}{page.replace('REF', reference)}"

    text = checked(open_browser(app).get(url, follow_redirects=True))

    hits = [each for each in (*MARKS, QUESTION, clinic.name) if each in text]
    assert hits == []
    assert "847" not in re.sub(r"[\w.-]{20,}", "", text)  # a token may hold any three digits
    assert page == "/code" or (reference in text and "The clinic has a question" in text)


@pytest.mark.parametrize("button", BUTTONS)
def test_the_link_alone_opens_no_button(app: Flask, button: str) -> None:
    [reference] = sent_to(open_clinic())
    link = status_link()
    before = everything()["inquiry"]

    answer = open_browser(app).post(f"{link}/{reference}/{button}", data={"clinic": "x"})

    assert (answer.status_code, answer.location) == (303, link)
    assert everything()["inquiry"] == before


def test_the_right_code_shows_everything_in_this_browser_only(app: Flask) -> None:
    clinic = open_clinic()
    [reference] = sent_to(clinic)
    clinic_asks(reference)
    browser, link = show_everything(app)

    page = checked(browser.get(f"{link}/all"))

    assert all(text in page for text in (clinic.name, "(847) 555-0142", QUESTION, reference))
    assert open_browser(app).get(f"{link}/all").location == link
    assert stored(AuditEvent)[-1].action == "status opened"


def test_the_code_goes_to_the_patients_own_address(app: Flask) -> None:
    sent_to(open_clinic())

    answer = open_browser(app).post(status_link(), data={"email": "thief@example.org"})

    assert answer.location == f"{status_link()}/code"
    [message] = messages(CODE)
    assert message.recipient == "markedmail@example.org"


def test_a_wrong_code_opens_nothing_and_five_use_it_up(app: Flask) -> None:
    sent_to(open_clinic())
    browser, link = open_browser(app), status_link()
    browser.post(link)
    code = newest_code()

    pages = [browser.post(f"{link}/code", data={"code": wrong(code)}) for _ in range(5)]

    assert {page.status_code for page in pages} == {422}
    assert browser.post(f"{link}/code", data={"code": code}).status_code == 422
    assert stored(BrowserSession) == []


def test_a_session_ends_after_eight_hours(app: Flask) -> None:
    sent_to(open_clinic())
    browser, link = show_everything(app)
    assert stored(BrowserSession)[0].expires_at > utc_now() + timedelta(hours=7)

    with writing() as session:
        session.query(BrowserSession).one().expires_at = utc_now()

    assert browser.get(f"{link}/all").location == link


def test_a_session_shows_no_other_patients_inquiry(app: Flask) -> None:
    sent_to(open_clinic())
    browser, link = show_everything(app)
    [theirs] = sent_to(open_clinic(), contact=make_contact(email="other@example.org"))

    assert browser.get(f"{status_link()}/all").location == status_link()
    assert browser.get(f"{link}/{theirs}/reply").status_code == 404
    assert browser.post(f"{link}/{theirs}/withdraw").status_code == 404


def test_an_unknown_link_looks_like_any_other_page_that_is_not_here(app: Flask) -> None:
    browser, url = open_browser(app), f"/inquiry/status/{'x' * 43}"

    answers = [browser.get(f"{url}{page}") for page in PAGES]
    answers += [browser.post(url), browser.post(f"{url}/code", data={"code": "123456"})]
    answers += [browser.post(f"{url}/AAAA-2222/{button}") for button in BUTTONS]

    assert {answer.status_code for answer in answers} == {404}
    assert all("its link is no longer valid" in answer.text for answer in answers)


def test_a_button_without_its_token_does_nothing(app: Flask) -> None:
    [reference] = sent_to(open_clinic())
    browser, link = show_everything(app)
    app.config["WTF_CSRF_ENABLED"] = True

    assert browser.post(f"{link}/{reference}/withdraw").status_code == 400
    assert inquiry_of(reference).state is InquiryState.OPENED


@pytest.mark.parametrize("is_by_form", [True, False])
def test_a_scanner_that_presses_everything_sees_nothing_and_locks_nobody_out(
    app: Flask, is_by_form: bool
) -> None:
    clinic = open_clinic()
    [reference] = sent_to(clinic)
    clinic_asks(reference)
    link = status_link()

    seen = _seen_by_scanner(open_browser(app), link, reference, is_by_form=is_by_form)

    assert [each for each in (*MARKS, QUESTION, clinic.name) if each in seen] == []
    assert inquiry_of(reference).state is InquiryState.NEEDS_INFORMATION
    assert len(messages(CODE)) <= 2
    browser, _ = show_everything(app)
    assert QUESTION in browser.get(f"{link}/all").text


def _seen_by_scanner(scanner: Browser, link: str, reference: str, *, is_by_form: bool) -> str:
    """GET, HEAD and POST every address of the page five times; return all that came back."""
    paths = [page.replace("REF", reference) for page in PAGES]
    paths += [f"/{reference}/{button}" for button in BUTTONS] + ["/withdraw", "/delete"]
    times = [path for path in paths for _ in range(5)] if is_by_form else paths * 5
    texts = []
    for path in times:
        texts += [scanner.open(f"{link}{path}", method=method).text for method in ("GET", "HEAD")]
        texts.append(scanner.post(f"{link}{path}", data={"code": "123456", "text": "x"}).text)
    return "".join(texts)


@pytest.mark.parametrize("keeps_cookies", [True, False])
def test_a_scanner_that_sends_every_form_of_every_page_sees_nothing(
    app: Flask, keeps_cookies: bool
) -> None:
    clinic = open_clinic()
    [reference] = sent_to(clinic)
    clinic_asks(reference)
    scanner = Scanner(app, digits="123456", keeps_cookies=keeps_cookies)

    scanner.visit(status_link())

    seen = "".join(scanner.seen)
    assert "Enter the code from your email" in seen
    assert [each for each in (*MARKS, QUESTION, clinic.name) if each in seen] == []
    app.config["WTF_CSRF_ENABLED"] = False
    browser, link = show_everything(app)
    assert QUESTION in browser.get(f"{link}/all").text


def test_two_presses_at_the_same_moment_take_one_time(app: Flask) -> None:
    [reference] = sent_to(open_clinic())
    times = clinic_proposes(reference)
    browser, link = show_everything(app)
    url = f"{link}/{reference}/times"
    data = {"of": hidden(browser.get(url).text, "of"), "time": times[0].isoformat()}
    start = threading.Barrier(4)

    def press(_number: int) -> int:
        start.wait()
        return browser.post(url, data=data).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(press, range(4))) == {303}

    assert len(messages(NEWS)) == 1
    states = [event.state for event in inquiry_of(reference).events]
    assert states.count(InquiryState.SCHEDULED) == 1


def test_a_clinic_that_answers_at_the_same_moment_does_not_get_stuck(app: Flask) -> None:
    reference, other = sent_to(open_clinic(), open_clinic())
    browser, link = show_everything(app)
    with ThreadPoolExecutor(1) as pool, writing() as session:
        inquiry = session.query(Inquiry).filter_by(reference=reference).one()
        hold(session, inquiry)
        press = pool.submit(browser.post, f"{link}/withdraw")
        time.sleep(0.5)  # now the press waits for this transaction
        answer(session, inquiry, InquiryState.WAIT_LIST, Details(text="Soon"), now=utc_now())
        session.commit()
        assert press.result().status_code == 303
        session.expire_all()

    assert inquiry_of(reference).events[-2].state is InquiryState.WAIT_LIST
    assert {inquiry_of(each).state for each in (reference, other)} == {InquiryState.WITHDRAWN}


def test_a_second_press_sends_no_second_code_and_a_dead_one_is_replaced(app: Flask) -> None:
    sent_to(open_clinic())
    browser, link = open_browser(app), status_link()
    for _ in range(5):
        browser.post(link)
    assert len(messages(CODE)) == 1
    for _ in range(5):
        browser.post(f"{link}/code", data={"code": wrong(newest_code())})

    assert "no code that still works" in browser.get(f"{link}/code").text
    browser.post(link)

    assert len(messages(CODE)) == 2


def test_a_question_is_answered_once(app: Flask) -> None:
    [reference] = sent_to(open_clinic())
    clinic_asks(reference)
    browser, link = show_everything(app)
    url = f"{link}/{reference}/reply"
    page = checked(browser.get(url))
    data = {"to": hidden(page, "to"), "text": "MARKEDANSWER: plan A"}

    answers = [browser.post(url, data=data) for _ in range(2)]

    assert QUESTION in page
    assert {answer.location for answer in answers} == {f"{link}/all#{reference}"}
    assert inquiry_of(reference).state is InquiryState.OPENED
    assert len(messages(NEWS)) == 1
    assert "MARKEDANSWER: plan A" in checked(browser.get(f"{link}/all"))


@pytest.mark.parametrize("text", ["", "  ", "x" * 1001])
def test_an_answer_has_1_to_1000_characters(app: Flask, text: str) -> None:
    [reference] = sent_to(open_clinic())
    clinic_asks(reference)
    browser, link = show_everything(app)
    url = f"{link}/{reference}/reply"
    data = {"to": hidden(browser.get(url).text, "to"), "text": text}

    page = checked(browser.post(url, data=data), 422)

    assert text.strip() in page
    assert inquiry_of(reference).state is InquiryState.NEEDS_INFORMATION
    assert browser.post(url, data={**data, "text": "x\r\n" * 500}).status_code == 303


def test_an_answer_to_an_older_question_is_given_back(app: Flask) -> None:
    [reference] = sent_to(open_clinic())
    clinic_asks(reference)
    browser, link = show_everything(app)
    url = f"{link}/{reference}/reply"
    data = {"to": hidden(browser.get(url).text, "to"), "text": "Typed with care"}
    clinic_says(reference, InquiryState.DECLINED)

    page = checked(browser.post(url, data=data), 409)

    assert "Typed with care" in page
    assert inquiry_of(reference).state is InquiryState.DECLINED


def test_a_time_is_taken_once_and_shown_as_a_clock_at_the_clinic(app: Flask) -> None:
    [reference] = sent_to(open_clinic())
    times = clinic_proposes(reference)
    browser, link = show_everything(app)
    url = f"{link}/{reference}/times"
    page = checked(browser.get(url))
    data = {"of": hidden(page, "of"), "time": times[1].isoformat()}

    answers = [browser.post(url, data=data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert inquiry_of(reference).state is InquiryState.SCHEDULED
    assert len(messages(NEWS)) == 1
    text = checked(browser.get(f"{link}/all"))
    assert re.search(r"A time is settled.*\d:00\s[AP]M \(Central \w+ Time\)", text, re.DOTALL)


def test_none_of_the_times_needs_a_word_and_goes_back_to_the_clinic(app: Flask) -> None:
    [reference] = sent_to(open_clinic())
    clinic_proposes(reference)
    browser, link = show_everything(app)
    url = f"{link}/{reference}/times"
    data = {"of": hidden(browser.get(url).text, "of"), "time": "none"}

    checked(browser.post(url, data=data), 422)
    checked(browser.post(url, data={"of": data["of"]}), 422)
    answer = browser.post(url, data={**data, "text": "Only mornings"})

    assert answer.status_code == 303
    assert inquiry_of(reference).state is InquiryState.OPENED


def test_a_time_of_an_older_proposal_is_not_taken(app: Flask) -> None:
    [reference] = sent_to(open_clinic())
    times = clinic_proposes(reference)
    browser, link = show_everything(app)
    url = f"{link}/{reference}/times"
    data = {"of": hidden(browser.get(url).text, "of"), "time": times[0].isoformat()}
    clinic_says(reference, InquiryState.TIMES_PROPOSED, times=(utc_now() + timedelta(days=9),))

    checked(browser.post(url, data=data), 409)

    assert inquiry_of(reference).state is InquiryState.TIMES_PROPOSED


def test_after_taking_a_time_one_press_withdraws_the_others(app: Flask) -> None:
    kept, *others = sent_to(open_clinic(), open_clinic(), open_clinic())
    clinic_says(kept, InquiryState.ACCEPTED)
    browser, link = show_everything(app)
    assert "Withdraw from the other clinics" in checked(browser.get(f"{link}/all"))

    for _ in range(2):
        browser.post(f"{link}/{kept}/withdraw-others")

    assert inquiry_of(kept).state is InquiryState.ACCEPTED
    assert {inquiry_of(each).state for each in others} == {InquiryState.WITHDRAWN}
    assert len(messages(NEWS)) == 2
    assert "Withdraw from the other clinics" not in browser.get(f"{link}/all").text


def test_withdrawing_everywhere_is_one_press(app: Flask) -> None:
    references = sent_to(open_clinic(), open_clinic())
    browser, link = show_everything(app)

    for _ in range(2):
        assert browser.post(f"{link}/withdraw").location == f"{link}/all"

    assert {inquiry_of(each).state for each in references} == {InquiryState.WITHDRAWN}
    assert len(messages(NEWS)) == 2


def test_a_treatment_is_marked_with_its_day(app: Flask) -> None:
    [reference] = sent_to(open_clinic(), now=utc_now() - timedelta(days=20))
    clinic_says(reference, InquiryState.ACCEPTED)
    browser, link = show_everything(app)
    url, today = f"{link}/{reference}/treated", utc_now().date()
    wrong_days = [today - timedelta(days=30), today + timedelta(days=2), "", "soon"]

    for day in wrong_days:
        checked(browser.post(url, data={"treated_on": str(day)}), 422)
    data = {"treated_on": str(today - timedelta(days=3))}
    assert [browser.post(url, data=data).status_code for _ in range(2)] == [303, 303]

    inquiry = inquiry_of(reference)
    assert inquiry.state is InquiryState.COMPLETED
    assert inquiry.treated_on == today - timedelta(days=3)


def test_deleting_everything_leaves_the_bare_facts(app: Flask) -> None:
    clinic = open_clinic()
    [reference] = sent_to(clinic)
    clinic_asks(reference)
    browser, link = show_everything(app)

    for _ in range(2):
        assert browser.post(f"{link}/delete").status_code == 303

    page = checked(browser.get(f"{link}/all"))
    assert clinic.name in page
    assert "was deleted on" in page
    assert QUESTION not in page
    assert "Your answers have been deleted" in checked(browser.get(f"{link}/answers"))
    assert inquiry_of(reference).contact is None
    assert "has been deleted" in checked(open_browser(app).get(link))


def test_without_an_address_left_no_code_is_sent(app: Flask) -> None:
    sent_to(open_clinic())
    link = status_link()
    with writing() as session:
        delete_answers(session, session.query(Inquiry).all(), now=utc_now())

    answer = open_browser(app).post(link)

    assert answer.status_code == 303
    assert messages(CODE) == []


def test_the_answers_are_shown_on_demand(app: Flask) -> None:
    sent_to(open_clinic())
    browser, link = show_everything(app)

    assert "MARKEDANSWER" not in browser.get(f"{link}/all").text
    page = checked(browser.get(f"{link}/answers"))

    assert "MARKEDANSWER: light hurts most." in page
    assert "Jo Markedname" in page


def test_what_a_clinic_writes_is_shown_as_text_and_never_as_markup(app: Flask) -> None:
    [reference] = sent_to(open_clinic())
    clinic_says(reference, InquiryState.NEEDS_INFORMATION, text="<script>alert(1)</script>")
    browser, link = show_everything(app)

    for page in (browser.get(f"{link}/all"), browser.get(f"{link}/{reference}/reply")):
        assert "&lt;script&gt;alert(1)" in page.text
        assert "<script>alert" not in page.text


def test_the_page_says_that_the_clinic_has_opened_it_until_the_patient_writes(app: Flask) -> None:
    [reference] = sent_to(open_clinic())
    page = checked(open_browser(app).get(status_link()))
    assert "The clinic has opened it" in page

    clinic_asks(reference)
    browser, link = show_everything(app)
    form = f"{link}/{reference}/reply"
    browser.post(form, data={"to": hidden(browser.get(form).text, "to"), "text": "Plan A"})
    page = checked(browser.get(link))
    assert "The clinic has opened it" not in page
    assert "With the clinic" in page


@pytest.mark.parametrize("state", list(InquiryState))
def test_every_state_has_a_page_before_and_after_the_code(app: Flask, state: InquiryState) -> None:
    sent_to(open_clinic())
    with writing() as session:
        inquiry = session.query(Inquiry).one()
        inquiry.state, inquiry.treated_on = state, utc_now().date()
    browser, link = show_everything(app)

    label = str(words_of(stored(Inquiry)[0]).label)
    assert label in checked(open_browser(app).get(link))
    page = checked(browser.get(f"{link}/all"))

    assert ("Withdraw from this clinic" in page) == (state not in _ENDED)
    assert ("Ask again with my earlier answers" in page) == (state in _REPEATABLE)


_ENDED = {
    InquiryState.COMPLETED,
    InquiryState.REPEAT_DUE,
    InquiryState.DECLINED,
    InquiryState.WITHDRAWN,
    InquiryState.EXPIRED,
}
_REPEATABLE = {InquiryState.COMPLETED, InquiryState.REPEAT_DUE}


def test_the_page_is_in_spanish_under_its_own_address(app: Flask) -> None:
    sent_to(open_clinic(), language="es")

    browser, link = show_everything(app)

    assert link.startswith("/es/")
    assert 'lang="es"' in checked(browser.get(f"{link}/all"))


def test_one_session_covers_all_inquiries_of_a_submission(app: Flask) -> None:
    references = sent_to(open_clinic(), open_clinic())
    browser, link = show_everything(app)

    page = checked(browser.get(f"{link}/all"))

    assert all(reference in page for reference in references)
    assert len(stored(Submission)) == 1
    assert {event.actor for event in inquiry_of(references[0]).events} == {
        Actor.PATIENT,
        Actor.CLINIC,
    }
