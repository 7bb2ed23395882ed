"""Deletes all data stored about a patient's address."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.access.deletion import delete_access
from directory.admin.subject_access import SubjectRowIds
from directory.inquiries.lifecycle.patient_actions import delete_now
from directory.inquiries.lifecycle.retention import delete_drafts, forget_addresses
from directory.inquiries.models import Inquiry, InquiryDraft
from directory.outbox.models import OutboxMessage
from directory.privacy.audit import record

Row = TypeVar("Row", Inquiry, InquiryDraft)


def erase_subject_data(session: Session, held: SubjectRowIds, *, now: datetime) -> None:
    """Withdraw open inquiries and delete all personal data; clinics with a copy are notified."""
    inquiries = _locked(session, Inquiry, held.inquiries)
    submissions = {each.submission_id: each.submission.public_id for each in inquiries}
    delete_access(session, inquiry_ids=held.inquiries, submission_ids=submissions)
    session.execute(sa.delete(OutboxMessage).where(OutboxMessage.id.in_(held.messages)))
    delete_now(session, inquiries, now=now)
    delete_drafts(session, _locked(session, InquiryDraft, held.drafts))
    # Also resets the daily limit: the patient may write again on the same day.
    forget_addresses(session, inquiries)
    for public_id in submissions.values():
        record(session, actor="operator", action="address deleted", subject=public_id, now=now)


def _locked(session: Session, model: type[Row], ids: Iterable[int]) -> list[Row]:
    statement = sa.select(model).where(model.id.in_(ids)).order_by(model.id)
    return list(session.scalars(statement.with_for_update()))
