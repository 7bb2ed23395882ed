"""Queries of the outbox: due messages, and what operators look up."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.core.errors import NotFoundError
from directory.outbox.models import MessageState, OutboxMessage
from directory.outbox.outcomes import SERVER_PHASES


class MessageNotFoundError(NotFoundError):
    """There is no message with this id."""


def is_due(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Return the condition of messages a worker may take."""
    return sa.or_(is_waiting_until(now), is_lease_expired(now))


def is_waiting_until(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Return the condition of unclaimed messages whose next attempt is due."""
    return sa.and_(
        OutboxMessage.state == MessageState.WAITING, OutboxMessage.next_attempt_at <= now
    )


def is_lease_expired(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Return the condition of messages whose lease has expired without an outcome."""
    return sa.and_(OutboxMessage.state == MessageState.SENDING, OutboxMessage.lease_until <= now)


def get_message(session: Session, public_id: str, *, for_update: bool = False) -> OutboxMessage:
    """Return the message, or raise `MessageNotFoundError`."""
    query = sa.select(OutboxMessage).where(OutboxMessage.public_id == public_id)
    if for_update:
        query = query.with_for_update()
    message = session.scalars(query).one_or_none()
    if message is None:
        raise MessageNotFoundError(f"There is no message {public_id} in the outbox.")
    return message


def messages(
    session: Session, *, state: MessageState | None = None, limit: int = 100
) -> list[OutboxMessage]:
    """Return the newest messages, in one state or in any."""
    query = sa.select(OutboxMessage).order_by(
        OutboxMessage.created_at.desc(), OutboxMessage.id.desc()
    )
    if state is not None:
        query = query.where(OutboxMessage.state == state)
    return list(session.scalars(query.limit(limit)))


def count_by_state(session: Session) -> dict[MessageState, int]:
    """Return how many messages are in each state; every state has a count."""
    rows = session.execute(
        sa.select(OutboxMessage.state, sa.func.count()).group_by(OutboxMessage.state)
    )
    found = dict(rows.all())
    return {state: found.get(state, 0) for state in MessageState}


def find_server_trouble(session: Session) -> OutboxMessage | None:
    """Return a waiting message that failed before MAIL: the mail server needs attention."""
    return session.scalars(
        sa.select(OutboxMessage)
        .where(
            OutboxMessage.state == MessageState.WAITING,
            OutboxMessage.last_phase.in_(SERVER_PHASES),
        )
        .order_by(OutboxMessage.created_at)
        .limit(1)
    ).one_or_none()
