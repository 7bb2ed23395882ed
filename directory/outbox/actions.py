"""Changes of a message: posted, claimed by a worker, settled, retried by an operator."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.core.db.columns import Moment
from directory.core.errors import RefusedError
from directory.core.tokens import new_public_id
from directory.outbox.hooks import message_settled
from directory.outbox.mail.addresses import checked_recipient
from directory.outbox.mail.content import Content
from directory.outbox.mail.sender import mail_settings, sender_domain
from directory.outbox.models import MessageKind, MessageState, OutboxMessage, Phase, Urgency
from directory.outbox.outcomes import SERVER_PHASES, DeliveryOutcome, OutcomeKind
from directory.outbox.queries import get_message, is_due, is_lease_expired, is_waiting_until
from directory.outbox.schedule import WAIT_FOR_SERVER, is_over, next_wait

_LONGEST_ERROR = 500
_SETTLED = frozenset({MessageState.HANDED_OFF, MessageState.FAILED})
# An operator may retry messages in these states while their content is kept.
_RETRIED = frozenset({MessageState.FAILED, MessageState.WAITING, MessageState.BOUNCED})
_UNSENT = frozenset({MessageState.WAITING, MessageState.SENDING})
_KEPT = timedelta(days=30)
_URGENCY = {
    MessageKind.PATIENT_CODE: Urgency.AWAITED,
    MessageKind.CLINIC_CODE: Urgency.AWAITED,
    MessageKind.PATIENT_SENT: Urgency.REPEATING,
}


@dataclass(frozen=True)
class Claim:
    """The right to send one message until the lease ends; `attempt` is its fence."""

    message: OutboxMessage
    attempt: int


def post(
    session: Session,
    *,
    kind: MessageKind,
    to: str,
    content: Content,
    now: datetime,
    subject_id: str | None = None,
) -> OutboxMessage:
    """Put an email in the outbox: it is sent if, and only if, the caller commits.

    Raises `RecipientError` for an invalid recipient or reply-to address.
    """
    if content.reply_to is not None:
        checked_recipient(content.reply_to)
    public_id = new_public_id()
    message = OutboxMessage(
        public_id=public_id,
        message_id=f"<{public_id}@{sender_domain(mail_settings())}>",
        kind=kind,
        subject_id=subject_id,
        state=MessageState.WAITING,
        attempt=0,
        urgency=_URGENCY.get(kind, Urgency.ASKING),
        next_attempt_at=now,
        created_at=now,
    )
    message.recipient = checked_recipient(to)
    message.content = content.to_json()
    session.add(message)
    return message


def claim_next(session: Session, *, now: datetime, lease: timedelta) -> Claim | None:
    """Take the most urgent message that is due, or None when none is.

    A message whose worker died is due again when its lease has expired, ahead of all others.
    """
    return _claim(session, _CLAIM_NEXT, now=now, lease=lease)


def claim_message(
    session: Session, message: OutboxMessage, *, now: datetime, lease: timedelta
) -> Claim | None:
    """Claim this message, or return None when it is not due."""
    session.flush()  # a message just posted has no primary key yet
    this = _first(is_due(_AT), OutboxMessage.id == message.id)
    return _claim(session, _claiming(this), now=now, lease=lease)


_AT = sa.bindparam("at", type_=Moment())


def _first(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    """Return a subquery for the message that meets the conditions and has been due longest."""
    return (
        sa.select(OutboxMessage.id)
        .where(*conditions)
        .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .correlate(None)
        .scalar_subquery()
    )


def _claiming(chosen: sa.ColumnElement[int]) -> sa.UpdateBase:
    """Return the statement that claims the chosen message."""
    return (
        sa.update(OutboxMessage)
        .where(OutboxMessage.id == chosen)
        .values(
            state=MessageState.SENDING,
            attempt=OutboxMessage.attempt + 1,
            lease_until=sa.bindparam("until", type_=Moment()),
        )
        .returning(OutboxMessage)
        .execution_options(synchronize_session=False, populate_existing=True)
    )


# Built once, since a worker runs it constantly. Each part reads one index entry, no matter how
# many messages wait; a single query over all urgencies would sort them every time.
_CLAIM_NEXT = _claiming(
    sa.func.coalesce(
        _first(is_lease_expired(_AT)),
        *(_first(is_waiting_until(_AT), OutboxMessage.urgency == each) for each in Urgency),
    )
)


def _claim(
    session: Session, claiming: sa.UpdateBase, *, now: datetime, lease: timedelta
) -> Claim | None:
    message = session.scalars(claiming, {"at": now, "until": now + lease}).one_or_none()
    return None if message is None else Claim(message=message, attempt=message.attempt)


_CLAIMED = (
    sa.select(OutboxMessage)
    .where(
        OutboxMessage.id == sa.bindparam("id"),
        OutboxMessage.state == MessageState.SENDING,
        OutboxMessage.attempt == sa.bindparam("attempt"),
    )
    .with_for_update()
    .execution_options(populate_existing=True)
)


def settle(
    session: Session,
    claim: Claim,
    outcome: DeliveryOutcome,
    now: datetime,
    *,
    jitter: float = 0.5,
    tell_listeners: bool = True,
) -> bool:
    """Store how the attempt ended; return False when another worker has taken over.

    `message_settled` is sent for a message that was handed off or failed.
    """
    message = session.scalars(
        _CLAIMED, {"id": claim.message.id, "attempt": claim.attempt}
    ).one_or_none()
    if message is None:
        return False
    _write_outcome(message, outcome, now, jitter)
    if tell_listeners and message.state in _SETTLED:
        message_settled(session, message, now)
    session.flush()
    return True


def retry(session: Session, public_id: str, now: datetime) -> OutboxMessage:
    """Have a failed, bounced or waiting message sent now, starting the schedule again.

    Raises `MessageNotFoundError`, or `RefusedError` when there is nothing left to send.
    """
    message = get_message(session, public_id, for_update=True)
    if message.state not in _RETRIED:
        raise RefusedError(f"Message {public_id} is {message.state.value}; it cannot be retried.")
    if message.sealed_content is None:
        raise RefusedError(f"The content of message {public_id} has been removed.")
    message.state = MessageState.WAITING
    message.next_attempt_at = now
    message.failed_at = message.bounced_at = None
    message.last_phase = None
    message.last_error = None
    session.flush()
    return message


def bounce(session: Session, message: OutboxMessage, reason: str, now: datetime) -> bool:
    """Mark a message as undeliverable; return False when it had bounced or failed before.

    A report may arrive before our own outcome: an attempt whose reply was lost had reached the
    server, and retrying is now known to be useless. A worker that holds a claim changes nothing.
    """
    session.refresh(message, with_for_update=True)
    if message.state in {MessageState.BOUNCED, MessageState.FAILED}:
        return False
    message.state = MessageState.BOUNCED
    message.bounced_at = now
    message.lease_until = None
    message.last_error = reason[:_LONGEST_ERROR]
    session.flush()
    message_settled(session, message, now)
    return True


def hold_unsent(
    session: Session, subject_ids: Collection[str], kinds: Collection[MessageKind]
) -> list[OutboxMessage]:
    """Return the unsent messages about these subjects, locked for update.

    Settling locks a message before its subject, so callers that lock both do the same.
    """
    return list(
        session.scalars(
            sa.select(OutboxMessage)
            .where(
                OutboxMessage.subject_id.in_(subject_ids),
                OutboxMessage.kind.in_(kinds),
                OutboxMessage.state.in_(_UNSENT),
            )
            .order_by(OutboxMessage.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def forget_failed(session: Session, subject_id: str, kinds: Collection[MessageKind]) -> None:
    """Remove the content of failed or bounced messages about this subject: no more retries."""
    ended = OutboxMessage.state.in_((MessageState.FAILED, MessageState.BOUNCED))
    session.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.subject_id == subject_id, OutboxMessage.kind.in_(kinds), ended)
        .values(sealed_content=None)
    )


def cancel(session: Session, message: OutboxMessage, reason: str, now: datetime) -> bool:
    """Cancel a locked message; return False when it may have been sent anyway.

    It ends as failed, without content, so that it cannot be retried. A worker that holds a claim
    changes nothing, and an attempt that ended after the final dot may have arrived.
    """
    is_held_back = message.state is MessageState.WAITING and message.last_phase is not Phase.DOT
    message.state = MessageState.FAILED
    message.failed_at = now
    message.lease_until = None
    message.content = None
    message.last_error = reason[:_LONGEST_ERROR]
    session.flush()
    return is_held_back


def _write_outcome(
    message: OutboxMessage, outcome: DeliveryOutcome, now: datetime, jitter: float
) -> None:
    age = _schedule_age(message, now)
    message.lease_until = None
    message.last_phase = outcome.phase
    if outcome.kind is OutcomeKind.HANDED_OFF:
        message.state = MessageState.HANDED_OFF
        message.handed_off_at = now
        message.content = None
        message.last_error = None
        return
    message.last_error = outcome.detail[:_LONGEST_ERROR]
    if outcome.kind is OutcomeKind.MISCONFIGURED:
        _wait(message, until=now + WAIT_FOR_SERVER)
    elif outcome.kind is OutcomeKind.PERMANENT or is_over(age):
        message.state = MessageState.FAILED
        message.failed_at = now
    else:
        _wait(message, until=now + next_wait(age, jitter=jitter))


def _wait(message: OutboxMessage, *, until: datetime) -> None:
    message.state = MessageState.WAITING
    message.next_attempt_at = until


def _schedule_age(message: OutboxMessage, now: datetime) -> timedelta:
    """Return how far into its schedule the message is.

    The first attempt that reaches MAIL starts it, also after days without a mail server.
    """
    if message.last_phase is None or message.last_phase in SERVER_PHASES:
        return timedelta(0)
    return now - message.created_at


def delete_old(session: Session, *, now: datetime) -> None:
    """Delete messages 30 days after they have ended: they hold addresses."""
    moments = (OutboxMessage.handed_off_at, OutboxMessage.failed_at, OutboxMessage.bounced_at)
    ended = sa.or_(*(moment < now - _KEPT for moment in moments))
    open_states = (MessageState.WAITING, MessageState.SENDING)
    session.execute(sa.delete(OutboxMessage).where(ended, OutboxMessage.state.not_in(open_states)))
