"""A clinic's steps: what they leave behind, and the codes of its links over time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.access.codes import Verdict, code_for_link, try_code
from directory.access.models import OneTimeCode
from directory.core.errors import TooManyError
from directory.inquiries.lifecycle.clinic_access import is_open_to_clinic, open_for_clinic
from directory.inquiries.lifecycle.clinic_actions import answer, hold, mark_seen
from directory.inquiries.lifecycle.event_details import Details
from directory.inquiries.lifecycle.patient_actions import take_time
from directory.inquiries.lifecycle.retention import delete_answers
from directory.inquiries.lifecycle.transitions import KEPT_AFTER_END, details_of, move
from directory.inquiries.models import Inquiry
from directory.inquiries.states import ENDED, Actor, InquiryState, StepNotAllowedError
from directory.outbox.mail.content import Content
from directory.outbox.models import MessageKind, OutboxMessage
from tests.factories import make_answers, make_clinic, make_inquiry

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
S = InquiryState
SECRET = "a secret of this test"


def open_inquiry(session: Session, **answers: object) -> Inquiry:
    inquiry = make_inquiry(session, make_clinic(session), answers=make_answers(**answers), now=NOW)
    open_for_clinic(session, inquiry, now=NOW)
    return inquiry


def news(session: Session) -> int:
    kind = MessageKind.PATIENT_NEWS
    return session.query(OutboxMessage).filter(OutboxMessage.kind == kind).count()


def test_an_answer_leaves_its_words_and_tells_the_patient(session: Session) -> None:
    inquiry = open_inquiry(session)
    hold(session, inquiry)
    answer(session, inquiry, S.NEEDS_INFORMATION, Details(text="Since when?"), now=NOW)
    assert details_of(inquiry.events[-1]) == Details(text="Since when?")
    assert b"Since when" not in (inquiry.events[-1].sealed_details or b"")
    assert (inquiry.answered_at, news(session)) == (NOW, 1)


def test_other_words_are_another_step(session: Session) -> None:
    inquiry = open_inquiry(session)
    for text in ("Since when?", "Since when?", "And which dose?"):
        answer(session, inquiry, S.NEEDS_INFORMATION, Details(text=text), now=NOW)
    assert news(session) == 2


def test_the_first_answer_is_the_one_that_the_record_counts(session: Session) -> None:
    inquiry = open_inquiry(session)
    answer(session, inquiry, S.WAIT_LIST, Details(), now=NOW)
    answer(session, inquiry, S.ACCEPTED, Details(), now=NOW + timedelta(days=3))
    assert inquiry.answered_at == NOW


@pytest.mark.parametrize(
    ("state", "title"),
    [(S.DECLINED, "Your time is cancelled"), (S.TIMES_PROPOSED, "Your time has to be moved")],
)
def test_a_visit_called_off_or_moved_leaves_both_calendars(
    session: Session, state: S, title: str
) -> None:
    inquiry = open_inquiry(session)
    at = NOW + timedelta(days=9)
    answer(session, inquiry, S.TIMES_PROPOSED, Details(times=(at,)), now=NOW)
    take_time(session, inquiry, at, of=inquiry.events[-1].public_id, now=NOW)

    for _ in range(2):
        answer(session, inquiry, state, Details(times=(at + timedelta(days=1),)), now=NOW)

    for kind, heading in (
        (MessageKind.PATIENT_NEWS, title),
        (MessageKind.CLINIC_NEWS, "An appointment is cancelled"),
    ):
        last = (
            session.query(OutboxMessage).filter_by(kind=kind).order_by(OutboxMessage.id).all()[-1]
        )
        content = Content.from_json(last.content or "")
        assert content.subject.startswith(heading)
        assert content.attachment is not None
        assert "METHOD:CANCEL" in content.attachment.text
    assert session.query(OutboxMessage).filter_by(kind=MessageKind.CLINIC_NEWS).count() == 2


@pytest.mark.parametrize("state", sorted(ENDED))
def test_an_inquiry_that_has_ended_is_closed(session: Session, state: S) -> None:
    inquiry = open_inquiry(session)
    inquiry.state = state
    assert not is_open_to_clinic(inquiry)
    with pytest.raises(StepNotAllowedError):
        answer(session, inquiry, S.ACCEPTED, Details(), now=NOW)
    assert news(session) == 0


def test_nothing_is_written_once_the_answers_are_deleted(session: Session) -> None:
    inquiry = open_inquiry(session)
    delete_answers(session, [inquiry], now=NOW)
    with pytest.raises(StepNotAllowedError):
        answer(session, inquiry, S.ACCEPTED, Details(text="Come in."), now=NOW)


@pytest.mark.parametrize(
    ("may_repeat", "kept_until"),
    [(True, datetime(2027, 2, 21, tzinfo=UTC)), (False, NOW + KEPT_AFTER_END)],
)
def test_answers_are_kept_for_a_repeat_only_with_consent(
    session: Session, may_repeat: bool, kept_until: datetime
) -> None:
    inquiry = open_inquiry(session, may_repeat=may_repeat)
    answer(session, inquiry, S.ACCEPTED, Details(), now=NOW)
    mark_seen(session, inquiry, date(2026, 11, 1), now=NOW)
    assert (inquiry.treated_on, inquiry.delete_at) == (date(2026, 11, 1), kept_until)


def test_a_treatment_that_the_patient_marked_with_another_day_stays(session: Session) -> None:
    inquiry = open_inquiry(session)
    answer(session, inquiry, S.ACCEPTED, Details(), now=NOW)
    move(session, inquiry, S.COMPLETED, actor=Actor.PATIENT, now=NOW)
    inquiry.treated_on = date(2026, 11, 2)
    with pytest.raises(StepNotAllowedError):
        mark_seen(session, inquiry, date(2026, 11, 1), now=NOW)


def code(session: Session, minutes: float) -> str | None:
    now = NOW + timedelta(minutes=minutes)
    return code_for_link(session, "link:1", secret_key=SECRET, now=now)


def use_up(session: Session, minutes: float) -> None:
    for _ in range(5):
        now = NOW + timedelta(minutes=minutes)
        try_code(session, "link:1", "no-code", secret_key=SECRET, now=now)


def test_no_second_code_while_one_can_still_be_read(session: Session) -> None:
    assert code(session, 0)
    assert code(session, 6.9) is None
    assert code(session, 7.1)


def test_a_code_that_somebody_else_asked_for_works(session: Session) -> None:
    first = code(session, 0)
    assert code(session, 1) is None
    now = NOW + timedelta(minutes=2)
    assert try_code(session, "link:1", first or "", secret_key=SECRET, now=now) is Verdict.RIGHT


def test_a_used_code_is_followed_by_another(session: Session) -> None:
    first = code(session, 0)
    try_code(session, "link:1", first or "", secret_key=SECRET, now=NOW)
    assert code(session, 0.1)


def test_after_ten_wasted_codes_one_comes_every_ten_minutes(session: Session) -> None:
    for _ in range(10):
        assert code(session, 0)
        use_up(session, 0)
    with pytest.raises(TooManyError):
        code(session, 9.9)
    assert code(session, 10)
    use_up(session, 10)
    with pytest.raises(TooManyError):
        code(session, 19)
    assert code(session, 20)


def test_pressing_all_day_is_never_refused(session: Session) -> None:
    sent = [code(session, minutes) for minutes in range(300)]
    assert sum(each is not None for each in sent) <= 300 / 7 + 1
    assert session.query(OneTimeCode).count() <= 300 / 7 + 1


def test_links_have_codes_of_their_own(app: Flask, session: Session) -> None:
    for _ in range(10):
        code(session, 0)
        use_up(session, 0)
    assert code_for_link(session, "link:2", secret_key=SECRET, now=NOW)
