"""What happens by itself, each once, and in working days of the clinic."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.core.db.database import db, writing
from directory.inquiries.lifecycle.escalation import Patience, escalate
from directory.inquiries.lifecycle.retention import delete_answers
from directory.inquiries.lifecycle.transitions import move
from directory.inquiries.lifecycle.worker_actions import escalate_what_is_due
from directory.inquiries.models import Inquiry, Submission
from directory.inquiries.states import Actor, InquiryState
from directory.outbox.mail.content import Content
from directory.outbox.models import MessageKind, OutboxMessage
from tests.factories import make_answers, make_clinic, make_inquiry, make_proof

CHICAGO = ZoneInfo("America/Chicago")
SENT_AT = datetime(2026, 11, 5, 15, tzinfo=CHICAGO).astimezone(UTC)  # a Thursday
PATIENCE = Patience(remind_after=2, second_contact_after=3, tell_patient_after=4)
REMINDER, SECOND = MessageKind.CLINIC_REMINDER, MessageKind.CLINIC_SECOND
NEWS = MessageKind.PATIENT_NEWS
STEPS = {REMINDER, SECOND, NEWS}


def at(day: int, hour: int = 15, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CHICAGO).astimezone(UTC)


def asked(session: Session, **facts: object) -> Inquiry:
    clinic = make_clinic(session, **{"second_email": "manager@a.example.org", **facts})
    return make_inquiry(session, clinic, now=SENT_AT)


def run(session: Session, *moments: datetime) -> list[MessageKind]:
    """Escalate at these moments; return the kinds of what was posted in the meantime."""
    for moment in moments:
        escalate(session, now=moment, patience=PATIENCE)
        session.flush()
    kinds = session.scalars(sa.select(OutboxMessage.kind).order_by(OutboxMessage.id))
    return [kind for kind in kinds if kind in STEPS]


def subjects(session: Session) -> Iterator[str]:
    for message in session.scalars(sa.select(OutboxMessage).where(OutboxMessage.kind == NEWS)):
        yield Content.from_json(message.content or "").subject.partition(" (")[0]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(9, 14, 59), []),  # sent on Thursday: two working days end on Monday
        (at(9), [REMINDER]),
        (at(10, 14, 59), [REMINDER]),
        (at(10), [REMINDER, SECOND]),
        (at(11, 14, 59), [REMINDER, SECOND]),
        (at(11), [REMINDER, SECOND, NEWS]),
    ],
)
def test_each_step_comes_at_its_working_day(session: Session, moment, expected) -> None:
    asked(session)
    assert run(session, moment) == expected


def test_each_step_is_taken_once_however_often_it_runs(session: Session) -> None:
    inquiry = asked(session)
    assert run(session, at(9), at(9), at(10), at(11), at(12), at(20)) == [REMINDER, SECOND, NEWS]
    assert (inquiry.reminded_at, inquiry.second_contact_at, inquiry.patient_told_at) == (
        at(9),
        at(10),
        at(11),
    )
    assert list(subjects(session)) == ["Your inquiry has not been opened yet"]


def test_a_second_contact_that_has_not_confirmed_is_not_written_to(session: Session) -> None:
    inquiry = asked(session)
    inquiry.clinic.second_email = "typo@a.example.org"
    assert run(session, at(9), at(10)) == [REMINDER]
    assert inquiry.second_contact_at is None
    make_proof(session, inquiry.clinic, "Typo@a.example.org")
    session.expire(inquiry.clinic)
    assert run(session, at(10)) == [REMINDER, SECOND]


def test_a_clinic_without_a_second_contact_is_reminded_only(session: Session) -> None:
    inquiry = asked(session, second_email=None)
    assert run(session, at(20)) == [REMINDER, NEWS]
    assert inquiry.second_contact_at is None


def test_a_second_contact_that_is_the_first_is_not_written_to(session: Session) -> None:
    asked(session, email="inbox@a.example.org", second_email="INBOX@a.example.org")
    assert run(session, at(20)) == [REMINDER, NEWS]


def test_the_clinics_zone_decides_when_a_weekend_begins(session: Session) -> None:
    friday = datetime(2026, 11, 6, 22, tzinfo=ZoneInfo("Pacific/Honolulu"))  # Saturday in Chicago
    here = make_inquiry(session, make_clinic(session), now=friday)
    there = make_inquiry(session, make_clinic(session, time_zone="Pacific/Honolulu"), now=friday)
    wednesday = datetime(2026, 11, 11, tzinfo=CHICAGO)
    run(session, wednesday)
    assert (here.reminded_at, there.reminded_at) == (wednesday, None)
    run(session, friday + timedelta(days=4))
    assert there.reminded_at == friday + timedelta(days=4)


def test_what_was_opened_is_left_alone(session: Session) -> None:
    inquiry = asked(session)
    move(session, inquiry, InquiryState.OPENED, actor=Actor.CLINIC, now=at(6))
    assert run(session, at(20)) == []


def test_an_address_that_takes_no_email_is_not_reminded_and_its_patient_told_once(
    session: Session,
) -> None:
    inquiry = asked(session, second_email=None)
    move(session, inquiry, InquiryState.UNDELIVERABLE, actor=Actor.WORKER, now=at(6))
    inquiry.patient_told_at = at(6)
    assert run(session, at(20)) == []


def test_what_nobody_touches_ends_and_the_patient_is_told(session: Session) -> None:
    inquiry = asked(session)
    move(session, inquiry, InquiryState.OPENED, actor=Actor.CLINIC, now=SENT_AT)
    end = SENT_AT + timedelta(days=60)
    run(session, end - timedelta(seconds=1))
    assert inquiry.state is InquiryState.OPENED
    run(session, end, end + timedelta(days=1))
    assert (inquiry.state, inquiry.delete_at) == (InquiryState.EXPIRED, end + timedelta(days=30))
    assert list(subjects(session)) == ["Your inquiry has ended"]


def completed(session: Session, *, may_repeat: bool = True) -> Inquiry:
    answers = make_answers(may_repeat=may_repeat)
    inquiry = make_inquiry(session, make_clinic(session), answers=answers, now=SENT_AT)
    for state in (InquiryState.OPENED, InquiryState.ACCEPTED, InquiryState.COMPLETED):
        move(session, inquiry, state, actor=Actor.CLINIC, now=SENT_AT)
    inquiry.treated_on = date(2026, 11, 20)
    return inquiry


TEN_WEEKS = datetime(2027, 1, 29, 12, tzinfo=UTC)


def test_a_repeat_is_due_ten_weeks_after_the_treatment_and_told_once(session: Session) -> None:
    inquiry = completed(session)
    inquiry.delete_at = TEN_WEEKS + timedelta(weeks=6)
    run(session, TEN_WEEKS - timedelta(days=1))
    assert inquiry.state is InquiryState.COMPLETED
    run(session, TEN_WEEKS, TEN_WEEKS + timedelta(days=1))
    assert inquiry.state is InquiryState.REPEAT_DUE
    assert list(subjects(session)) == ["It may be time for your next visit"]
    # Sixteen weeks after the treatment, not thirty days after this.
    assert inquiry.delete_at == datetime(2027, 3, 12, tzinfo=UTC)


def test_without_consent_or_answers_no_repeat_is_offered(session: Session) -> None:
    refused, deleted = completed(session, may_repeat=False), completed(session)
    refused.delete_at = deleted.delete_at = TEN_WEEKS + timedelta(weeks=6)
    delete_answers(session, [deleted], now=TEN_WEEKS)
    run(session, TEN_WEEKS)
    assert (refused.state, deleted.state) == (InquiryState.COMPLETED, InquiryState.COMPLETED)


def copy_of(session: Session, inquiry: Inquiry, number: int) -> None:
    """Add an inquiry with the bare facts of another."""
    made = {}
    for row in (inquiry.submission, inquiry):
        names = [column.name for column in row.__table__.columns if column.name != "id"]
        made[type(row)] = type(row)(**{name: getattr(row, name) for name in names})
    submission, copy = made[Submission], made[Inquiry]
    submission.public_id = submission.draft_public_id = copy.public_id = f"copy-{number}"
    copy.reference = f"COPY-{number:04}"
    submission.inquiries.append(copy)
    session.add(submission)


def test_more_than_a_batch_is_done_in_several_runs(session: Session) -> None:
    first = asked(session)
    for number in range(100):
        copy_of(session, first, number)
    assert run(session, at(9)).count(REMINDER) == 100
    assert run(session, at(9)).count(REMINDER) == 101


def test_two_workers_at_once_take_each_step_once(app: Flask) -> None:
    with writing() as session:
        for _ in range(5):
            asked(session)
    together = threading.Barrier(2)

    def work() -> None:
        with app.app_context():
            together.wait()
            with writing() as session:
                escalate(session, now=at(20), patience=PATIENCE)
            db.session.remove()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    kinds = db.session().scalars(sa.select(OutboxMessage.kind)).all()
    assert [kinds.count(kind) for kind in (REMINDER, SECOND, NEWS)] == [5, 5, 5]


def test_the_days_are_the_operators(session: Session) -> None:
    inquiry = asked(session)
    escalate(session, now=at(6), patience=Patience(1, 9, 9))
    assert (inquiry.reminded_at, inquiry.patient_told_at) == (at(6), None)


def test_the_worker_reads_the_days_from_the_settings(session: Session) -> None:
    inquiry = asked(session)
    escalate_what_is_due(session, at(9))
    assert (inquiry.reminded_at, inquiry.second_contact_at) == (at(9), None)
