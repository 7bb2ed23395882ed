"""What a patient's steps leave behind: states, emails, dates of deletion, keys."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy.orm import Session

from directory.core.errors import RefusedError
from directory.inquiries.lifecycle.event_details import Details
from directory.inquiries.lifecycle.patient_actions import (
    OutOfDateError,
    delete_now,
    mark_treated,
    reply,
    take_time,
    waiting_step,
    withdraw,
)
from directory.inquiries.lifecycle.transitions import details_of, move
from directory.inquiries.models import Inquiry, inquiry_key
from directory.inquiries.states import Actor, InquiryState, StepNotAllowedError
from directory.outbox.actions import Claim, retry, settle
from directory.outbox.mail.content import Content
from directory.outbox.models import MessageKind, MessageState, OutboxMessage, Phase
from directory.outbox.outcomes import DeliveryOutcome, OutcomeKind
from directory.privacy.models import AuditEvent
from directory.privacy.rowkeys import row_keys
from tests.factories import make_answers, make_clinic, make_inquiry

SENT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
AT = datetime(2026, 12, 3, 15, 30, tzinfo=UTC)


def opened(session: Session, **answers: object) -> Inquiry:
    inquiry = make_inquiry(session, make_clinic(session), now=SENT, answers=make_answers(**answers))
    move(session, inquiry, InquiryState.OPENED, actor=Actor.CLINIC, now=SENT)
    return inquiry


def says(session: Session, inquiry: Inquiry, state: InquiryState, **details: object) -> str:
    given = Details(**details)  # type: ignore[arg-type]
    event = move(session, inquiry, state, actor=Actor.CLINIC, now=NOW, details=given)
    return event.public_id


def posted(session: Session, kind: MessageKind) -> list[Content]:
    found = session.query(OutboxMessage).filter_by(kind=kind).order_by(OutboxMessage.id)
    return [Content.from_json(message.content or "") for message in found]


def test_a_reply_is_kept_sealed_and_the_clinic_is_told(app: Flask, session: Session) -> None:
    inquiry = opened(session)
    question = says(session, inquiry, InquiryState.NEEDS_INFORMATION, text="Which plan?")

    reply(session, inquiry, "Plan A", to=question, now=NOW)
    reply(session, inquiry, "Plan A", to=question, now=NOW)

    details = details_of(inquiry.events[-1])
    assert details is not None
    assert (inquiry.state, details.text) == (InquiryState.OPENED, "Plan A")
    assert b"Plan A" not in (inquiry.events[-1].sealed_details or b"")
    [told] = posted(session, MessageKind.CLINIC_NEWS)
    assert "Plan A" not in told.subject + told.text + told.html


def test_a_second_press_does_not_answer_the_next_question(app: Flask, session: Session) -> None:
    inquiry = opened(session)
    first = says(session, inquiry, InquiryState.NEEDS_INFORMATION, text="Which plan?")
    reply(session, inquiry, "Plan A", to=first, now=NOW)
    second = says(session, inquiry, InquiryState.NEEDS_INFORMATION, text="Since when?")

    reply(session, inquiry, "Plan A", to=first, now=NOW)

    waiting = waiting_step(inquiry)
    assert waiting is not None
    assert waiting.public_id == second


def test_both_sides_get_a_calendar_file_of_the_time(app: Flask, session: Session) -> None:
    inquiry = opened(session)
    proposal = says(session, inquiry, InquiryState.TIMES_PROPOSED, times=(AT,))

    take_time(session, inquiry, AT, of=proposal, now=NOW)
    take_time(session, inquiry, AT, of=proposal, now=NOW)

    told = [posted(session, kind) for kind in (MessageKind.PATIENT_NEWS, MessageKind.CLINIC_NEWS)]
    for [content] in told:
        assert content.attachment is not None
        [event] = Calendar.from_ical(content.attachment.text).walk("VEVENT")
        assert event["DTSTART"].dt == AT
    assert inquiry.expire_at == AT + timedelta(days=60)


@pytest.mark.parametrize("at", [AT, AT + timedelta(hours=1)])
def test_a_time_that_is_past_or_was_not_proposed_is_refused(
    app: Flask, session: Session, at: datetime
) -> None:
    inquiry = opened(session)
    proposal = says(session, inquiry, InquiryState.TIMES_PROPOSED, times=(AT,))

    with pytest.raises(OutOfDateError):
        take_time(session, inquiry, at, of=proposal, now=AT)

    assert inquiry.state is InquiryState.TIMES_PROPOSED


def test_an_earlier_time_cannot_be_taken_once_others_are_proposed(
    app: Flask, session: Session
) -> None:
    inquiry = opened(session)
    proposal = says(session, inquiry, InquiryState.TIMES_PROPOSED, times=(AT,))
    says(session, inquiry, InquiryState.TIMES_PROPOSED, times=(AT, AT + timedelta(days=1)))

    with pytest.raises(OutOfDateError):
        take_time(session, inquiry, AT, of=proposal, now=NOW)


def test_only_a_clinic_that_has_got_it_hears_of_a_withdrawal(app: Flask, session: Session) -> None:
    waiting = make_inquiry(session, make_clinic(session), now=SENT)
    handed_off = make_inquiry(session, make_clinic(session), now=SENT)
    bounced = make_inquiry(session, make_clinic(session), now=SENT)
    for inquiry in (handed_off, bounced):
        move(session, inquiry, InquiryState.HANDED_OFF, actor=Actor.WORKER, now=SENT)
    move(session, bounced, InquiryState.UNDELIVERABLE, actor=Actor.WORKER, now=SENT)

    for _ in range(2):
        withdraw(session, [waiting, handed_off, bounced], now=NOW)

    assert {each.state for each in (waiting, handed_off, bounced)} == {InquiryState.WITHDRAWN}
    [message] = session.query(OutboxMessage).filter_by(kind=MessageKind.CLINIC_NEWS)
    assert message.subject_id == handed_off.public_id


def test_an_email_that_has_not_left_is_held_back_with_the_inquiry(
    app: Flask, session: Session
) -> None:
    inquiry = make_inquiry(session, make_clinic(session), now=SENT)

    withdraw(session, [inquiry], now=NOW)

    [message] = session.query(OutboxMessage).filter_by(kind=MessageKind.CLINIC_INQUIRY)
    assert (message.state, message.sealed_content) == (MessageState.FAILED, None)
    assert "withdrawn before this email was sent" in (message.last_error or "")
    assert posted(session, MessageKind.CLINIC_NEWS) == []


@pytest.mark.parametrize("state", [MessageState.FAILED, MessageState.BOUNCED])
def test_an_email_that_had_failed_cannot_be_sent_again_after_a_withdrawal(
    app: Flask, session: Session, state: MessageState
) -> None:
    inquiry = make_inquiry(session, make_clinic(session), now=SENT)
    [message] = session.query(OutboxMessage).filter_by(kind=MessageKind.CLINIC_INQUIRY)
    message.state = state
    session.flush()
    assert message.sealed_content

    withdraw(session, [inquiry], now=NOW)

    with pytest.raises(RefusedError, match="has been removed"):
        retry(session, message.public_id, NOW)


@pytest.mark.parametrize(
    ("state", "phase"), [(MessageState.SENDING, None), (MessageState.WAITING, Phase.DOT)]
)
def test_a_clinic_that_may_have_the_email_hears_of_the_withdrawal(
    app: Flask, session: Session, state: MessageState, phase: Phase | None
) -> None:
    inquiry = make_inquiry(session, make_clinic(session), now=SENT)
    [message] = session.query(OutboxMessage).filter_by(kind=MessageKind.CLINIC_INQUIRY)
    message.state, message.last_phase, message.attempt = state, phase, 1
    session.flush()

    withdraw(session, [inquiry], now=NOW)

    taken = DeliveryOutcome(OutcomeKind.HANDED_OFF, Phase.DOT, "Taken.")
    assert not settle(session, Claim(message, 1), taken, NOW)
    [told] = posted(session, MessageKind.CLINIC_NEWS)
    assert told.subject.startswith("An inquiry has been withdrawn")


def scheduled(session: Session) -> Inquiry:
    inquiry = opened(session)
    proposal = says(session, inquiry, InquiryState.TIMES_PROPOSED, times=(AT,))
    take_time(session, inquiry, AT, of=proposal, now=NOW)
    return inquiry


@pytest.mark.parametrize("step", [withdraw, delete_now])
def test_withdrawing_takes_a_visit_out_of_both_calendars(
    app: Flask, session: Session, step: Callable[..., None]
) -> None:
    inquiry = scheduled(session)

    for _ in range(2):
        step(session, [inquiry], now=NOW)

    for kind in (MessageKind.PATIENT_NEWS, MessageKind.CLINIC_NEWS):
        [_, over] = posted(session, kind)
        assert over.attachment is not None
        [event] = Calendar.from_ical(over.attachment.text).walk("VEVENT")
        assert (str(event["STATUS"]), event["DTSTART"].dt) == ("CANCELLED", AT)


def test_a_visit_that_is_past_stays_in_the_calendars(app: Flask, session: Session) -> None:
    inquiry = scheduled(session)

    withdraw(session, [inquiry], now=AT)

    assert len(posted(session, MessageKind.PATIENT_NEWS)) == 1
    assert posted(session, MessageKind.CLINIC_NEWS)[-1].attachment is None


@pytest.mark.parametrize(("may_repeat", "days"), [(True, 16 * 7 - 4), (False, 30)])
def test_a_treatment_keeps_the_answers_as_long_as_was_consented(
    app: Flask, session: Session, may_repeat: bool, days: int
) -> None:
    inquiry = opened(session, may_repeat=may_repeat)
    says(session, inquiry, InquiryState.ACCEPTED)

    mark_treated(session, inquiry, (NOW - timedelta(days=4)).date(), now=NOW)

    assert inquiry.delete_at.date() == (NOW + timedelta(days=days)).date()
    assert inquiry.treated_on == (NOW - timedelta(days=4)).date()


def test_what_the_clinic_has_not_accepted_cannot_be_marked_as_treated(
    app: Flask, session: Session
) -> None:
    inquiry = opened(session)

    with pytest.raises(StepNotAllowedError):
        mark_treated(session, inquiry, NOW.date(), now=NOW)

    assert inquiry.treated_on is None


def test_deleting_takes_the_key_and_withdraws(app: Flask, session: Session) -> None:
    inquiry = opened(session)
    says(session, inquiry, InquiryState.NEEDS_INFORMATION, text="Which plan?")

    for _ in range(2):
        delete_now(session, [inquiry], now=NOW)

    assert row_keys().find(inquiry_key(inquiry.public_id)) is None
    assert (inquiry.state, inquiry.deleted_at) == (InquiryState.WITHDRAWN, NOW)
    session.expire_all()
    assert [event.sealed_details for event in inquiry.events] == [None] * len(inquiry.events)
    assert len(posted(session, MessageKind.CLINIC_NEWS)) == 1


def test_every_step_is_in_the_audit_trail_without_a_word_of_it(
    app: Flask, session: Session
) -> None:
    inquiry = opened(session)
    question = says(session, inquiry, InquiryState.NEEDS_INFORMATION, text="Which plan?")
    reply(session, inquiry, "Plan A", to=question, now=NOW)
    delete_now(session, [inquiry], now=NOW)

    events = session.query(AuditEvent).filter_by(subject=inquiry.public_id).order_by(AuditEvent.id)
    assert [event.action for event in events] == [
        "patient replied",
        "inquiry withdrawn",
        "answers deleted by the patient",
    ]
    assert {str(event.details) for event in events} == {"{}"}
