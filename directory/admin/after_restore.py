"""What a restored backup brings back: emails sent since, and answers deleted since."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.inquiries.lifecycle.retention import delete_answers
from directory.inquiries.models import Inquiry, InquiryDraft, draft_key, inquiry_key
from directory.outbox.models import MessageState, OutboxMessage
from directory.privacy.audit import record
from directory.privacy.rowkeys import row_keys

_UNSENT = (MessageState.WAITING, MessageState.SENDING)
_HELD = "Held back after a backup was restored: it may have been sent before. Retry it if not."
_BATCH = 200


@dataclass(frozen=True)
class BroughtBack:
    """What a backup holds that is no longer so."""

    messages: list[int]  # ids of those that were still to be sent then
    without_key: list[int]  # ids of inquiries whose answers have been deleted since
    with_key: int  # how many inquiries can be read


def needed_keys(session: Session) -> set[str]:
    """Return the names of the keys that the rows of the database need."""
    is_filled_in = InquiryDraft.sealed_fields.is_not(None)
    drafts = session.scalars(sa.select(InquiryDraft.public_id).where(is_filled_in))
    held = session.scalars(sa.select(Inquiry.public_id).where(Inquiry.deleted_at.is_(None)))
    return {*map(draft_key, drafts), *map(inquiry_key, held)}


def find_brought_back(session: Session) -> BroughtBack:
    """Return what may have been sent, and what has been deleted, since the backup."""
    names = row_keys().names()
    held = session.execute(
        sa.select(Inquiry.id, Inquiry.public_id).where(Inquiry.deleted_at.is_(None))
    ).all()
    without_key = [each.id for each in held if inquiry_key(each.public_id) not in names]
    unsent = sa.select(OutboxMessage.id).where(OutboxMessage.state.in_(_UNSENT))
    messages = list(session.scalars(unsent))
    return BroughtBack(messages, without_key, len(held) - len(without_key))


def put_right(session: Session, found: BroughtBack, *, now: datetime) -> None:
    """Hold back the emails, and delete again what was deleted before."""
    session.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.state.in_(_UNSENT))
        .values(state=MessageState.FAILED, failed_at=now, lease_until=None, last_error=_HELD)
    )
    for start in range(0, len(found.without_key), _BATCH):
        batch = found.without_key[start : start + _BATCH]
        at = sa.select(Inquiry).where(Inquiry.id.in_(batch))
        delete_answers(session, session.scalars(at).all(), now=now)
    # The other way round: a store that is older than the database has keys too many.
    deleted = sa.select(Inquiry.public_id).where(Inquiry.deleted_at.is_not(None))
    row_keys().delete([inquiry_key(each) for each in session.scalars(deleted)])
    record(session, actor="operator", action="backup restored", subject="database", now=now)
