"""Invented messages for the tests of the outbox."""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.outbox.actions import post
from directory.outbox.mail.content import Content
from directory.outbox.mail.smtp import TIMEOUT_SECONDS
from directory.outbox.models import MessageKind, OutboxMessage
from directory.outbox.outcomes import DeliveryOutcome
from directory.outbox.worker import LEASE, Delivery

CONTENT = Content(
    subject="A new inquiry is waiting",
    text="Hello,\n\n.a line that begins with a dot\n.\nFrom here on: ¡señora!\n",
    html="<p>Hello</p>",
    language="en",
)


def make_message(
    session: Session,
    *,
    to: str = "carol@clinic.example",
    content: Content = CONTENT,
    now: datetime | None = None,
    kind: MessageKind = MessageKind.CLINIC_INQUIRY,
) -> OutboxMessage:
    """Post a message in the caller's transaction."""
    return post(session, kind=kind, to=to, content=content, now=now or utc_now())


def committed_message(**facts: object) -> OutboxMessage:
    """Post a message, commit, and return it detached from its session."""
    with writing() as session:
        message = make_message(session, **facts)  # type: ignore[arg-type]
    session.expunge(message)
    return message


def reloaded(message: OutboxMessage) -> OutboxMessage:
    """Return the row as it is in the database now."""
    session = db.session()
    session.rollback()
    query = sa.select(OutboxMessage).where(OutboxMessage.public_id == message.public_id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def deliver_next(
    *,
    lease: timedelta = LEASE,
    timeout: float = TIMEOUT_SECONDS,
    clock: Callable[[], datetime] = utc_now,
) -> DeliveryOutcome | None:
    """Try the message that has been due longest; return None when none is due."""
    with Delivery(lease=lease, timeout=timeout, clock=clock) as delivery:
        return delivery.step(may_continue=lambda: False)
