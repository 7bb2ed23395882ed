"""What becomes of an inquiry when its email has been handed off, or has failed."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.inquiries.actions import delete_stale, move
from directory.inquiries.models import Actor
from directory.inquiries.queries import find_by_public_id
from directory.inquiries.states import InquiryState, can_become
from directory.outbox.models import MessageKind, MessageState, OutboxMessage


def delete_what_is_due(session: Session, now: datetime) -> None:
    """Delete drafts that were never sent, with old codes and visits."""
    delete_stale(session, now=now)


def message_settled(session: Session, message: OutboxMessage, now: datetime) -> None:
    """Move the inquiry on, in the transaction that settles the message."""
    if message.kind is not MessageKind.CLINIC_INQUIRY or message.subject_id is None:
        return
    inquiry = find_by_public_id(session, message.subject_id)
    handed_off = message.state is MessageState.HANDED_OFF
    state = InquiryState.HANDED_OFF if handed_off else InquiryState.UNDELIVERABLE
    # A clinic may have opened it from an earlier, uncertain attempt: then nothing moves.
    if inquiry is not None and can_become(inquiry.state, state):
        move(session, inquiry, state, actor=Actor.WORKER, now=now)
