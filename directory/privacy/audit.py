"""The audit trail: written in the caller's transaction, each event chained to the previous one.

The digest of an event covers its content and the previous digest, so that events changed, removed
or inserted later are detected. Events removed from the end are detected with a digest recorded
elsewhere: the worker writes the newest one to the log every hour.
"""

import hashlib
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.privacy.models import AuditEvent

_ADVISORY_LOCK = 4_815_162_344
_NO_DIGEST = "0" * 64  # before the first event

log = logging.getLogger(__name__)


def record(
    session: Session, *, actor: str, action: str, subject: str, now: datetime, **details: str
) -> None:
    """Add an event in the caller's transaction. Details must hold no personal data.

    Call it last: until the transaction ends, no other event can be added.
    """
    event = AuditEvent(at=now, actor=actor, action=action, subject=subject, details=details)
    if session.connection().dialect.name == "postgresql":
        session.flush()
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
    event.digest = _digest(newest_digest(session), event)
    session.add(event)
    session.flush()


# Events are flushed as soon as they are added; other changes of the caller need no flush here.
_NEWEST = (
    sa.select(AuditEvent.digest)
    .order_by(AuditEvent.id.desc())
    .limit(1)
    .execution_options(autoflush=False)
)


def newest_digest(session: Session) -> str:
    """Return the digest of the last event."""
    last = session.execute(_NEWEST).one_or_none()
    if last is None:
        return _NO_DIGEST
    # Events older than the chain have no digest: the first one after them covers all of them.
    return last.digest or verify_chain(session).newest


def note_newest(session: Session, now: datetime) -> None:
    """Write the newest digest to the log, where changes to the database cannot reach it."""
    noted = {"digest": newest_digest(session), "as_of": now.isoformat(timespec="seconds")}
    log.info("newest audit event", extra=noted)


@dataclass(frozen=True)
class ChainCheck:
    """The result of verifying the chain."""

    events: int
    broken_at: int | None  # the id of the first event with a wrong digest
    newest: str  # the digest of the last valid event
    has_anchor: bool  # whether the digest recorded elsewhere is in the chain


def verify_chain(session: Session, *, anchor: str | None = None) -> ChainCheck:
    """Check every event against the previous one, and that the anchor is among them."""
    statement = sa.select(AuditEvent).order_by(AuditEvent.id)
    as_stored = {"yield_per": 1000, "populate_existing": True}
    with session.execute(statement.execution_options(**as_stored)) as rows:
        return _check_events(rows.scalars(), anchor)


def _check_events(events: Iterable[AuditEvent], anchor: str | None) -> ChainCheck:
    before, count, is_chained, has_anchor = _NO_DIGEST, 0, False, anchor in {None, _NO_DIGEST}
    for event in events:
        count += 1
        expected = _digest(before, event)
        is_chained = is_chained or event.digest is not None
        if is_chained and event.digest != expected:
            return ChainCheck(count, event.id, before, has_anchor)
        before = expected
        has_anchor = has_anchor or before == anchor
    return ChainCheck(count, None, before, has_anchor)


def _digest(before: str, event: AuditEvent) -> str:
    content = [
        before,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.actor,
        event.action,
        event.subject,
        event.details,
    ]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
