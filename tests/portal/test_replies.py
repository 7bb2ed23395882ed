"""A clinic's answers from its page: one press, one step, one email without a health word."""

from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.care.thresholds import KEPT_FOR_REPEAT
from directory.core.clock import utc_now
from directory.core.dataclass_json import from_json
from directory.core.db.database import db
from directory.inquiries.lifecycle.event_details import DeclineReason, Details
from directory.inquiries.models import Inquiry, InquiryEvent
from directory.inquiries.states import InquiryState
from directory.outbox.models import MessageKind
from directory.privacy.models import AuditEvent
from tests.factories import make_answers
from tests.inquiries.patient import content_of, messages, open_browser, open_clinic, stored
from tests.portal.staff import (
    check_page,
    give,
    in_days,
    opened,
    patient_moves,
    the_inquiry,
    waiting,
)

NEWS = MessageKind.PATIENT_NEWS
S = InquiryState
FIELDS = (
    *("question", "wait_text", "accept_text", "decline_text", "reason", "other_clinic"),
    *("first_day", "first_clock", "second_day", "second_clock", "seen_on", "after"),
)
DAYS = st.dates().map(str) | st.times().map(lambda clock: f"{clock:%H:%M}")
ANSWERS = {
    "question": ({"question": "Which dose?"}, S.NEEDS_INFORMATION),
    "times": ({"first_day": in_days(9), "first_clock": "14:30"}, S.TIMES_PROPOSED),
    "wait-list": ({"wait_text": ""}, S.WAIT_LIST),
    "accept": ({"accept_text": "We call you."}, S.ACCEPTED),
    "decline": ({"reason": "full", "other_clinic": "", "decline_text": ""}, S.DECLINED),
}


def written() -> Details:
    details = stored(InquiryEvent)[-1].details
    assert details is not None
    return from_json(Details, details)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_a_step_and_an_email_without_a_word_of_it(app: Flask, name: str) -> None:
    staff, path = opened(app)
    data, state = ANSWERS[name]
    answer = give(staff, path, name, **data)
    assert (answer.status_code, answer.location) == (303, path)
    assert (the_inquiry().state, the_inquiry().answered_at is not None) == (state, True)
    [message] = messages(NEWS)
    assert message.recipient == "markedmail@example.org"
    assert "Which dose" not in content_of(message).text + content_of(message).html
    last = stored(AuditEvent)[-1]
    assert (last.action, last.details) == ("inquiry answered", {"state": state.value})


@pytest.mark.parametrize("name", ANSWERS)
def test_a_double_press_is_one_step_and_one_email(app: Flask, name: str) -> None:
    staff, path = opened(app)
    shown = stored(InquiryEvent)[-1].public_id
    data, state = ANSWERS[name]
    answers = [give(staff, path, name, after=shown, **data) for _ in range(3)]
    answers.append(give(staff, path, name, **data))
    assert {answer.status_code for answer in answers} == {303}
    assert [event.state for event in stored(InquiryEvent)] == [S.SENT, S.OPENED, state]
    assert len(messages(NEWS)) == 1


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_after_a_withdrawal_says_what_happened(app: Flask, name: str) -> None:
    staff, path = opened(app)
    patient_moves(S.WITHDRAWN)
    page = give(staff, path, name, **ANSWERS[name][0])
    assert page.status_code == 409
    assert "The patient has withdrawn it." in page.text
    assert "nothing was sent" in page.text
    assert (the_inquiry().state, messages(NEWS)) == (S.WITHDRAWN, [])
    check_page(page.text)


def test_an_answer_to_an_older_page_is_kept_in_its_field_and_not_sent(app: Flask) -> None:
    staff, path = opened(app)
    shown = stored(InquiryEvent)[-1].public_id
    give(staff, path, "question", question="Which dose?")
    patient_moves(S.OPENED)
    page = give(staff, path, "decline", after=shown, reason="full", decline_text="No room.")
    assert page.status_code == 409
    assert "No room." in page.text
    assert the_inquiry().state is S.OPENED
    check_page(page.text)


def test_the_same_question_may_be_asked_again_once_the_patient_replied(app: Flask) -> None:
    staff, path = opened(app)
    give(staff, path, "question", question="Which dose?")
    patient_moves(S.OPENED)
    give(staff, path, "question", question="Which dose?")
    assert len(messages(NEWS)) == 2


def test_times_are_those_of_the_clinic_and_stored_in_utc(app: Flask) -> None:
    staff, path = opened(app)
    day = in_days(200)
    times = {"first_day": day, "first_clock": "2:30 PM", "third_day": day, "third_clock": "09:00"}
    give(staff, path, "times", times_text="At the side door.", **times)
    local = [each.astimezone(ZoneInfo("America/Chicago")) for each in written().times]
    assert [f"{each:%Y-%m-%d %H:%M}" for each in local] == [f"{day} 09:00", f"{day} 14:30"]
    assert written().text == "At the side door."
    assert "2:30" in staff.get(path).text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Enter at least one time."),
        ({"first_day": in_days(3)}, "Enter both a day and a time of day."),
        ({"second_clock": "10:00"}, "Enter both a day and a time of day."),
        ({"first_day": in_days(3), "first_clock": "25:00"}, "Enter a time of day like"),
        ({"first_day": in_days(-2), "first_clock": "10:00"}, "within the next 12 months"),
        ({"first_day": in_days(400), "first_clock": "10:00"}, "within the next 12 months"),
        ({"first_day": "9999-12-31", "first_clock": "23:59"}, "within the next 12 months"),
        ({"first_day": "soon", "first_clock": "10:00"}, "Enter a date"),
    ],
)
def test_times_that_cannot_be_are_refused_and_kept(
    app: Flask, changes: dict[str, str], said: str
) -> None:
    staff, path = opened(app)
    page = give(staff, path, "times", times_text="Kept words", **changes)
    assert page.status_code == 422
    assert said in page.text
    assert all(f'value="{value}"' in page.text for value in changes.values())
    assert "Kept words" in page.text
    assert the_inquiry().state is S.OPENED
    check_page(page.text)


def test_a_time_of_today_that_has_passed_is_refused(app: Flask) -> None:
    clinic = open_clinic(time_zone="Pacific/Pago_Pago")
    staff, path = opened(app, clinic=clinic)
    now = utc_now().astimezone(ZoneInfo("Pacific/Pago_Pago"))
    data = {"first_day": f"{now:%Y-%m-%d}", "first_clock": "00:00"}
    assert "still to come" in give(staff, path, "times", **data).text


@pytest.mark.parametrize(("length", "status"), [(0, 422), (1, 303), (1000, 303), (1001, 422)])
def test_a_question_has_1_to_1000_characters(app: Flask, length: int, status: int) -> None:
    staff, path = opened(app)
    assert give(staff, path, "question", question="x" * length).status_code == status


def test_a_decline_needs_a_reason_and_may_name_another_clinic(app: Flask) -> None:
    staff, path = opened(app)
    assert "Choose a reason." in give(staff, path, "decline").text
    give(staff, path, "decline", reason="insurance", other_clinic="Harbor Clinic")
    assert (written().reason, written().other_clinic) == (DeclineReason.INSURANCE, "Harbor Clinic")
    page = staff.get(path).text
    assert "Another clinic named: Harbor Clinic" in page
    assert 'id="answer"' not in page


def test_a_visit_that_was_settled_may_be_marked_as_seen(app: Flask) -> None:
    staff, path = opened(app, answers=make_answers(may_repeat=True))
    give(staff, path, "accept")
    today = utc_now().astimezone(ZoneInfo("America/Chicago")).date()
    pressed = [give(staff, path, "seen", seen_on=today.isoformat()) for _ in range(2)]
    assert [answer.status_code for answer in pressed] == [303, 303]
    found = the_inquiry()
    assert (found.state, found.treated_on) == (S.COMPLETED, today)
    assert found.delete_at.date() == today + KEPT_FOR_REPEAT


@pytest.mark.parametrize("day", [in_days(2), in_days(-40), "", "yesterday"])
def test_a_day_that_cannot_be_is_refused(app: Flask, day: str) -> None:
    staff, path = opened(app)
    give(staff, path, "accept")
    assert give(staff, path, "seen", seen_on=day).status_code == 422
    assert the_inquiry().state is S.ACCEPTED


def test_an_inquiry_that_was_not_accepted_cannot_be_marked_as_seen(app: Flask) -> None:
    staff, path = opened(app)
    assert "Mark as seen" not in staff.get(path).text
    assert give(staff, path, "seen", seen_on=in_days(0)).status_code in {409, 422}
    assert the_inquiry().state is S.OPENED


def test_another_browser_cannot_answer(app: Flask) -> None:
    _, path = opened(app)
    assert give(open_browser(app), path, "accept").status_code == 404
    assert the_inquiry().state is S.OPENED


def test_a_session_answers_no_other_inquiry(app: Flask) -> None:
    staff, _ = opened(app)
    waiting()
    theirs = the_inquiry()
    assert give(staff, f"/clinic/inquiries/{theirs.reference}", "accept").status_code == 404
    assert the_inquiry().state is S.SENT


def test_an_answer_without_its_token_changes_nothing(app: Flask) -> None:
    staff, path = opened(app)
    app.config["WTF_CSRF_ENABLED"] = True
    assert give(staff, path, "accept").status_code == 400
    assert the_inquiry().state is S.OPENED


def test_an_answer_that_is_reloaded_leads_back_to_the_inquiry(app: Flask) -> None:
    staff, path = opened(app)
    answer = staff.get(f"{path}/question")
    assert (answer.status_code, answer.location) == (303, path)


def test_two_presses_at_the_same_moment_are_one_step(app: Flask) -> None:
    staff, path = opened(app)
    cookie = staff.get_cookie("session")
    assert cookie is not None
    both = [open_browser(app) for _ in range(2)]
    for browser in both:
        browser.set_cookie("session", cookie.value)
    db.session.remove()
    with ThreadPoolExecutor() as threads:
        pressed = [threads.submit(give, browser, path, "accept") for browser in both]
    assert [each.result().status_code for each in pressed] == [303, 303]
    assert [event.state for event in stored(InquiryEvent)] == [S.SENT, S.OPENED, S.ACCEPTED]
    assert len(messages(NEWS)) == 1


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from([*ANSWERS, "seen"]), data=st.data())
def test_whatever_is_sent_gets_an_answer(app: Flask, name: str, data: st.DataObject) -> None:
    if not stored(Inquiry):
        app.extensions["staff"] = opened(app)
    staff, path = app.extensions["staff"]
    form = data.draw(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=40) | DAYS))
    assert give(staff, path, name, **form).status_code in {303, 409, 422}


def test_what_the_patient_wrote_last_stands_on_top(app: Flask) -> None:
    staff, path = opened(app)
    give(staff, path, "question", question="Which dose?")
    patient_moves(S.OPENED, Details(text="70 mg a month."))
    page = staff.get(path).text
    assert page.index("The patient replied.") < page.index("70 mg a month.") < page.index("decides")
    give(staff, path, "times", first_day=in_days(9), first_clock="14:30")
    [time] = written().times
    patient_moves(S.SCHEDULED, Details(times=(time,)))
    page = staff.get(path).text.replace("\xa0", " ")
    assert page.index("The patient took a time.") < page.index("2:30 PM") < page.index("decides")


def test_the_history_tells_what_was_written(app: Flask) -> None:
    staff, path = opened(app)
    give(staff, path, "question", question="Which dose?\nAnd since when?")
    page = staff.get(path).text
    assert "The patient sent it." in page
    assert "The clinic asked a question." in page
    assert "Which dose?\nAnd since when?" in page
    assert "Which dose" not in str(stored(Inquiry)[0].__dict__)
