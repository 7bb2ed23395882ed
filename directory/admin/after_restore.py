"""Corrects a restored backup: emails sent and answers deleted since the backup was made."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.inquiries.lifecycle.retention import delete_answers
from directory.inquiries.models import Inquiry, InquiryDraft, draft_key, inquiry_key
from directory.outbox.models import MessageState, OutboxMessage
from directory.privacy.audit import record
from directory.privacy.rowkeys import row_keys

_UNSENT_STATES = (MessageState.WAITING, MessageState.SENDING)
_HELD_BACK = "Held back after a backup was restored: it may have been sent before. Retry it if not."
_BATCH = 200


@dataclass(frozen=True)
class OutdatedRows:
    """The rows of a restored backup that are out of date."""

    messages: list[int]  # ids of messages that were unsent at the time
    without_key: list[int]  # ids of inquiries whose answers have been deleted since
    with_key: int  # the number of readable inquiries


def needed_keys(session: Session) -> set[str]:
    """Return the names of the keys that the rows of the database need."""
    is_filled_in = InquiryDraft.sealed_fields.is_not(None)
    drafts = session.scalars(sa.select(InquiryDraft.public_id).where(is_filled_in))
    held = session.scalars(sa.select(Inquiry.public_id).where(Inquiry.deleted_at.is_(None)))
    return {*map(draft_key, drafts), *map(inquiry_key, held)}


def find_outdated_rows(session: Session) -> OutdatedRows:
    """Return messages that may have been sent, and inquiries deleted, since the backup."""
    names = row_keys().names()
    held = session.execute(
        sa.select(Inquiry.id, Inquiry.public_id).where(Inquiry.deleted_at.is_(None))
    ).all()
    without_key = [each.id for each in held if inquiry_key(each.public_id) not in names]
    unsent = sa.select(OutboxMessage.id).where(OutboxMessage.state.in_(_UNSENT_STATES))
    messages = list(session.scalars(unsent))
    return OutdatedRows(messages, without_key, len(held) - len(without_key))


def correct_restored(session: Session, found: OutdatedRows, *, now: datetime) -> None:
    """Hold back the emails, and repeat the deletions."""
    session.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.state.in_(_UNSENT_STATES))
        .values(state=MessageState.FAILED, failed_at=now, lease_until=None, last_error=_HELD_BACK)
    )
    for start in range(0, len(found.without_key), _BATCH):
        batch = found.without_key[start : start + _BATCH]
        inquiries = session.scalars(sa.select(Inquiry).where(Inquiry.id.in_(batch))).all()
        delete_answers(session, inquiries, now=now)
    # Conversely, a key store older than the database has too many keys.
    deleted = sa.select(Inquiry.public_id).where(Inquiry.deleted_at.is_not(None))
    row_keys().delete([inquiry_key(each) for each in session.scalars(deleted)])
    record(session, actor="operator", action="backup restored", subject="database", now=now)
