"""What becomes of an inquiry when its emails are handed off, fail or bounce."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.access.models import AccessLink, Role
from directory.inquiries.emails import PatientNews
from directory.inquiries.lifecycle.notifications import (
    code_address,
    remind_clinic,
    tell_patient,
    tell_second_contact,
)
from directory.inquiries.lifecycle.retention import delete_answers
from directory.inquiries.lifecycle.transitions import move
from directory.inquiries.models import Inquiry
from directory.inquiries.states import Actor, InquiryState
from directory.outbox.actions import Claim, bounce, settle
from directory.outbox.mail.content import Content
from directory.outbox.models import MessageKind, MessageState, OutboxMessage, Phase
from directory.outbox.outcomes import DeliveryOutcome, OutcomeKind
from tests.factories import make_clinic, make_inquiry

NOW = datetime(2026, 11, 3, 15, tzinfo=UTC)
TAKEN = DeliveryOutcome(OutcomeKind.HANDED_OFF, Phase.DOT, "Taken.")
REFUSED = DeliveryOutcome(OutcomeKind.PERMANENT, Phase.RCPT, "The server said 550 no")
FIRST, SECOND = MessageKind.CLINIC_INQUIRY, MessageKind.CLINIC_SECOND
SECOND_EMAIL = "manager@lakeshore.example.org"


def sent(session: Session, kind: MessageKind) -> list[OutboxMessage]:
    query = sa.select(OutboxMessage).where(OutboxMessage.kind == kind)
    return list(session.scalars(query.order_by(OutboxMessage.id)))


def end(session: Session, kind: MessageKind, outcome: DeliveryOutcome) -> None:
    """Have the newest message of a kind end like this."""
    message = sent(session, kind)[-1]
    message.state, message.attempt = MessageState.SENDING, 1
    session.flush()
    assert settle(session, Claim(message, 1), outcome, NOW)


def come_back(session: Session, kind: MessageKind) -> None:
    """Have the newest message of a kind bounce."""
    assert bounce(session, sent(session, kind)[-1], "The report says: 5.1.1", NOW)


def news(session: Session) -> list[str]:
    """Return the subjects of what the patient was told, without the reference."""
    messages = sent(session, MessageKind.PATIENT_NEWS)
    return [Content.from_json(each.content or "").subject.partition(" (")[0] for each in messages]


def asked(session: Session, **facts: object) -> Inquiry:
    return make_inquiry(session, make_clinic(session, **facts), now=NOW)


def test_an_inquiry_is_handed_off_with_its_email(session: Session) -> None:
    inquiry = asked(session)
    end(session, FIRST, TAKEN)
    assert (inquiry.state, inquiry.handed_off_at) == (InquiryState.HANDED_OFF, NOW)
    assert news(session) == []


def test_a_refusal_without_a_second_contact_is_told_at_once(session: Session) -> None:
    inquiry = asked(session)
    end(session, FIRST, REFUSED)
    assert (inquiry.state, inquiry.patient_told_at) == (InquiryState.UNDELIVERABLE, NOW)
    assert news(session) == ["Your inquiry could not be delivered"]


def test_a_bounce_without_a_second_contact_is_told_at_once(session: Session) -> None:
    inquiry = asked(session)
    end(session, FIRST, TAKEN)
    come_back(session, FIRST)
    assert inquiry.state is InquiryState.UNDELIVERABLE
    assert news(session) == ["Your inquiry could not be delivered"]


@pytest.mark.parametrize("is_bounce", [False, True])
def test_a_second_contact_is_written_to_at_once(session: Session, is_bounce: bool) -> None:
    inquiry = asked(session, second_email=SECOND_EMAIL)
    end(session, FIRST, TAKEN if is_bounce else REFUSED)
    if is_bounce:
        come_back(session, FIRST)
    [message] = sent(session, SECOND)
    assert (message.recipient, inquiry.second_contact_at) == (SECOND_EMAIL, NOW)
    assert news(session) == []
    end(session, SECOND, TAKEN)
    assert inquiry.state is InquiryState.HANDED_OFF


@pytest.mark.parametrize("is_bounce", [False, True])
def test_a_patient_is_told_once_both_contacts_are_dead(session: Session, is_bounce: bool) -> None:
    inquiry = asked(session, second_email=SECOND_EMAIL)
    end(session, FIRST, REFUSED)
    end(session, SECOND, TAKEN if is_bounce else REFUSED)
    if is_bounce:
        come_back(session, SECOND)
    assert inquiry.state is InquiryState.UNDELIVERABLE
    assert news(session) == ["Your inquiry could not be delivered"]


def test_a_dead_second_contact_leaves_the_first_to_answer(session: Session) -> None:
    inquiry = asked(session, second_email=SECOND_EMAIL)
    end(session, FIRST, TAKEN)
    inquiry.second_contact_at = NOW
    tell_second_contact(session, inquiry, now=NOW)
    end(session, SECOND, REFUSED)
    assert (inquiry.state, news(session)) == (InquiryState.HANDED_OFF, [])
    come_back(session, FIRST)
    assert inquiry.state is InquiryState.UNDELIVERABLE
    assert len(sent(session, SECOND)) == 1


def test_a_second_contact_that_is_the_first_is_none(session: Session) -> None:
    inquiry = asked(session, email="inbox@a.example.org", second_email="Inbox@a.example.org")
    end(session, FIRST, REFUSED)
    assert inquiry.state is InquiryState.UNDELIVERABLE
    assert sent(session, SECOND) == []


def test_a_second_contact_that_has_not_confirmed_is_none(session: Session) -> None:
    inquiry = asked(session, second_email=SECOND_EMAIL)
    inquiry.clinic.second_email = "typo@lakeshore.example.org"
    end(session, FIRST, REFUSED)
    assert inquiry.state is InquiryState.UNDELIVERABLE
    assert sent(session, SECOND) == []


@pytest.mark.parametrize("state", [InquiryState.OPENED, InquiryState.WITHDRAWN])
def test_a_bounce_of_what_was_opened_or_withdrawn_moves_nothing(
    session: Session, state: InquiryState
) -> None:
    inquiry = asked(session, second_email=SECOND_EMAIL)
    end(session, FIRST, TAKEN)
    actor = Actor.CLINIC if state is InquiryState.OPENED else Actor.PATIENT
    move(session, inquiry, state, actor=actor, now=NOW)
    come_back(session, FIRST)
    assert (inquiry.state, news(session), sent(session, SECOND)) == (state, [], [])


def test_a_retry_by_the_operator_puts_it_back_on_its_way(session: Session) -> None:
    inquiry = asked(session)
    end(session, FIRST, REFUSED)
    end(session, FIRST, TAKEN)
    assert inquiry.state is InquiryState.HANDED_OFF


def test_a_reminder_that_fails_moves_nothing(session: Session) -> None:
    inquiry = asked(session, second_email=SECOND_EMAIL)
    end(session, FIRST, TAKEN)
    remind_clinic(session, inquiry, now=NOW)
    end(session, MessageKind.CLINIC_REMINDER, REFUSED)
    assert inquiry.state is InquiryState.HANDED_OFF


def test_a_patient_out_of_reach_is_a_line_in_the_log_and_nothing_else(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    inquiry = asked(session)
    end(session, FIRST, TAKEN)
    logger = logging.getLogger("directory.inquiries.lifecycle.worker_actions")
    logger.addHandler(caplog.handler)
    end(session, MessageKind.PATIENT_SENT, REFUSED)
    logger.removeHandler(caplog.handler)
    assert "a patient cannot be reached by email" in caplog.text
    assert "markedmail" not in caplog.text
    assert inquiry.state is InquiryState.HANDED_OFF


def test_the_code_of_a_link_goes_to_the_address_that_got_the_link(session: Session) -> None:
    inquiry = asked(session, second_email=SECOND_EMAIL)
    end(session, FIRST, REFUSED)
    links = session.scalars(
        sa.select(AccessLink).where(AccessLink.role == Role.CLINIC).order_by(AccessLink.id)
    ).all()
    addresses = [code_address(inquiry.clinic, link) for link in links]
    assert addresses == [inquiry.clinic.email, SECOND_EMAIL]


def test_nobody_is_told_once_the_answers_are_deleted(session: Session) -> None:
    inquiry = asked(session)
    delete_answers(session, [inquiry], now=NOW + timedelta(days=1))
    tell_patient(session, inquiry, PatientNews.EXPIRED, now=NOW)
    assert news(session) == []


def test_an_address_that_is_not_confirmed_yet_gets_nothing(session: Session) -> None:
    inquiry = asked(session)
    inquiry.clinic.email, inquiry.clinic.email_confirmed_at = "typo@a.example.org", None
    remind_clinic(session, inquiry, now=NOW)
    [link, _] = session.scalars(
        sa.select(AccessLink).where(AccessLink.role == Role.CLINIC).order_by(AccessLink.id)
    ).all()
    assert sent(session, MessageKind.CLINIC_REMINDER) == []
    assert code_address(inquiry.clinic, link) is None
