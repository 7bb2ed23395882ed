"""Deleting on time and on demand. Keys go first: what they sealed is then gone everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.access.deletion import delete_expired
from directory.inquiries.drafts import LIFETIME
from directory.inquiries.lifecycle.transitions import KEPT_AT_MOST
from directory.inquiries.models import (
    Inquiry,
    InquiryDraft,
    InquiryEvent,
    Submission,
    draft_key,
    inquiry_key,
)
from directory.outbox.models import MessageKind, MessageState, OutboxMessage
from directory.privacy.rowkeys import row_keys

Row = TypeVar("Row", Inquiry, InquiryDraft)

_BATCH = 200  # other writers wait no longer than it takes to delete these
# A key that no row needs goes by its age: when every row it may be of has had its time. Looking
# for the row instead would, beside a wrong or empty database, delete the keys of every patient.
_GRACE = timedelta(days=2)
_COUNTED = timedelta(days=1)  # for so long an address is counted against the limits
_MAY_HOLD_ANSWERS = (
    MessageKind.CLINIC_INQUIRY,
    MessageKind.CLINIC_REMINDER,
    MessageKind.CLINIC_SECOND,
)


@dataclass(frozen=True)
class Swept:
    """How much went in one go; there may be more to come."""

    drafts: int
    inquiries: int

    def __bool__(self) -> bool:
        return self.drafts + self.inquiries > 0


def delete_due(session: Session, *, now: datetime) -> Swept:
    """Delete the next drafts and answers that have had their time, and all codes and sessions."""
    stale = _next(session, InquiryDraft, InquiryDraft.created_at < now - LIFETIME)
    delete_drafts(session, stale)
    is_left = sa.or_(Inquiry.deleted_at.is_(None), Inquiry.email_digest != "")
    due = _next(session, Inquiry, sa.and_(Inquiry.delete_at <= now, is_left))
    delete_answers(session, [each for each in due if each.deleted_at is None], now=now)
    forget_addresses(session, due)
    delete_expired(session, now=now)
    row_keys().delete_old(draft_key(""), before=now - LIFETIME - _GRACE)
    row_keys().delete_old(inquiry_key(""), before=now - KEPT_AT_MOST - _GRACE)
    return Swept(len(stale), len(due))


def delete_answers(session: Session, inquiries: Sequence[Inquiry], *, now: datetime) -> None:
    """Delete what the patient and the clinic wrote. Clinic, times and states stay."""
    if not inquiries:
        return
    row_keys().delete([inquiry_key(each.public_id) for each in inquiries])
    for inquiry in inquiries:
        inquiry.sealed_contact = inquiry.sealed_answers = inquiry.treated_on = None
        inquiry.deleted_at = now
        # What is still to go then: the digest of the address, once it has been counted.
        inquiry.delete_at = max(now, inquiry.sent_at + _COUNTED)
    session.flush()
    session.execute(
        sa.update(InquiryEvent)
        .where(InquiryEvent.inquiry_id.in_([each.id for each in inquiries]))
        .values(sealed_details=None)
    )
    # An email to the clinic may hold the answers, too, as long as it is to be sent.
    session.execute(
        sa.delete(OutboxMessage).where(
            OutboxMessage.subject_id.in_([each.public_id for each in inquiries]),
            OutboxMessage.kind.in_(_MAY_HOLD_ANSWERS),
            OutboxMessage.state != MessageState.HANDED_OFF,
        )
    )
    forget_addresses(session, [each for each in inquiries if each.delete_at <= now])


def delete_drafts(session: Session, drafts: Sequence[InquiryDraft]) -> int:
    """Delete drafts with their keys; return how many there were."""
    if drafts:
        row_keys().delete([draft_key(each.public_id) for each in drafts])
        ids = [each.id for each in drafts]
        session.execute(sa.delete(InquiryDraft).where(InquiryDraft.id.in_(ids)))
    return len(drafts)


def _next(session: Session, model: type[Row], due: sa.ColumnElement[bool]) -> Sequence[Row]:
    """Return the next rows that are due and that no other worker has at hand."""
    statement = sa.select(model).where(due).limit(_BATCH)
    return session.scalars(statement.with_for_update(skip_locked=True)).all()


def forget_addresses(session: Session, inquiries: Sequence[Inquiry]) -> None:
    """Delete the digests that tell which inquiries came from one address."""
    for inquiry in inquiries:
        inquiry.email_digest = ""
    session.flush()
    still_counts = sa.exists().where(
        Inquiry.submission_id == Submission.id, Inquiry.email_digest != ""
    )
    session.execute(
        sa.update(Submission)
        .where(Submission.id.in_({each.submission_id for each in inquiries}), ~still_counts)
        .values(email_digest="")
        .execution_options(synchronize_session="fetch")
    )
