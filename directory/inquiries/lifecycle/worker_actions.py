"""What becomes of an inquiry by itself: its emails end somehow, and time passes."""

import logging
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from directory.inquiries.emails import PatientNews
from directory.inquiries.lifecycle.escalation import Patience, escalate
from directory.inquiries.lifecycle.notifications import tell_patient, tell_second_contact
from directory.inquiries.lifecycle.retention import delete_due
from directory.inquiries.lifecycle.transitions import move
from directory.inquiries.models import Inquiry
from directory.inquiries.states import UNOPENED, Actor, InquiryState, can_become
from directory.outbox.models import MessageKind, MessageState, OutboxMessage

# The emails that bring an inquiry to its clinic.
_BRINGING = frozenset({MessageKind.CLINIC_INQUIRY, MessageKind.CLINIC_SECOND})
_TO_PATIENT = frozenset(
    {MessageKind.PATIENT_CODE, MessageKind.PATIENT_SENT, MessageKind.PATIENT_NEWS}
)
_DEAD = frozenset({MessageState.FAILED, MessageState.BOUNCED})

log = logging.getLogger(__name__)


def delete_what_is_due(session: Session, now: datetime) -> None:
    """Delete what has had its time."""
    delete_due(session, now=now)


def escalate_what_is_due(session: Session, now: datetime) -> None:
    """Remind, tell and end what nobody has touched for as long as the operator has set."""
    settings = current_app.config["SETTINGS"]
    patience = Patience(
        remind_after=settings.remind_after,
        second_contact_after=settings.second_contact_after,
        tell_patient_after=settings.tell_patient_after,
    )
    escalate(session, now=now, patience=patience)


def message_settled(session: Session, message: OutboxMessage, now: datetime) -> None:
    """Move the inquiry on, in the transaction that settles the message."""
    if message.kind in _TO_PATIENT and message.state in _DEAD:
        # There is no other way to reach them; the clinic has their phone number.
        fields = {"public_id": message.public_id, "kind": message.kind.value}
        log.error("a patient cannot be reached by email", extra=fields)
    if message.kind not in _BRINGING:
        return
    inquiry = _find_locked(session, message.subject_id)
    # A clinic may have opened it from an earlier, uncertain attempt: then nothing moves.
    if inquiry is None or inquiry.state not in UNOPENED:
        return
    if message.state is MessageState.HANDED_OFF:
        _become(session, inquiry, InquiryState.HANDED_OFF, now)
    elif message.state in _DEAD:
        _go_on_without(session, inquiry, message, now)


def _go_on_without(
    session: Session, inquiry: Inquiry, message: OutboxMessage, now: datetime
) -> None:
    """Write to the second contact when the first does not take it, and tell the patient if
    nobody does."""
    if inquiry.second_contact_at is None and inquiry.clinic.second_contact is not None:
        inquiry.second_contact_at = now
        tell_second_contact(session, inquiry, now=now)
        return
    if _is_on_its_way(session, inquiry, besides=message):
        return
    if _become(session, inquiry, InquiryState.UNDELIVERABLE, now):
        inquiry.patient_told_at = inquiry.patient_told_at or now
        tell_patient(session, inquiry, PatientNews.UNDELIVERABLE, now=now)


def _become(session: Session, inquiry: Inquiry, state: InquiryState, now: datetime) -> bool:
    if not can_become(inquiry.state, state, Actor.WORKER):
        return False
    move(session, inquiry, state, actor=Actor.WORKER, now=now)
    return True


def _is_on_its_way(session: Session, inquiry: Inquiry, *, besides: OutboxMessage) -> bool:
    """Tell whether another email may bring the inquiry to its clinic, or has done so."""
    at = OutboxMessage
    another = sa.exists().where(
        at.subject_id == inquiry.public_id,
        at.kind.in_(_BRINGING),
        at.state.not_in(_DEAD),
        at.id != besides.id,
    )
    return session.scalar(sa.select(another)) or False


# Made once. What became of the message is stored together with what becomes of the inquiry.
_ALONE = (
    sa.select(Inquiry)
    .where(Inquiry.public_id == sa.bindparam("public_id"))
    .with_for_update(of=Inquiry)
    .execution_options(populate_existing=True, autoflush=False)
)


def _find_locked(session: Session, public_id: str | None) -> Inquiry | None:
    """Return the inquiry, which nobody else can change until the transaction ends."""
    return session.scalars(_ALONE, {"public_id": public_id}).first()
