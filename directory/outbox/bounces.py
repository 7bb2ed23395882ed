"""Applies a delivery report received by mail to the message it is about."""

import enum
import logging
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.outbox.actions import bounce
from directory.outbox.mail.addresses import sanitized_reply
from directory.outbox.mail.dsn import DeliveryReport, Fate
from directory.outbox.models import OutboxMessage

log = logging.getLogger(__name__)


class Finding(enum.StrEnum):
    """How a report was applied."""

    BOUNCED = "bounced"
    KNOWN = "known"  # the message had bounced or failed before
    DELAYED = "delayed"
    NOTHING = "nothing"  # it reports no failure
    UNKNOWN = "unknown"  # its message is not in this outbox


@dataclass(frozen=True)
class ReportResult:
    """How a report was applied, and to which message."""

    finding: Finding
    public_id: str | None = None


def take_report(session: Session, report: DeliveryReport, now: datetime) -> ReportResult:
    """Mark the message as bounced if the report says so.

    The report has to name our Message-ID, which cannot be guessed.
    """
    message = _find(session, report)
    if message is None:
        return ReportResult(Finding.UNKNOWN)
    public_id = message.public_id
    if report.fate is not Fate.FAILED:
        found = Finding.DELAYED if report.fate is Fate.DELAYED else Finding.NOTHING
        return ReportResult(found, public_id)
    said = sanitized_reply(report.reason, message.recipient or "")
    reason = f"The report says: {said}" if said else "The report gives no reason."
    if not bounce(session, message, reason, now):
        return ReportResult(Finding.KNOWN, public_id)
    log.error("message bounced", extra={"public_id": public_id, "kind": message.kind.value})
    return ReportResult(Finding.BOUNCED, public_id)


def _find(session: Session, report: DeliveryReport) -> OutboxMessage | None:
    named = sa.or_(
        OutboxMessage.message_id.in_(report.message_ids),
        OutboxMessage.public_id == (report.envelope_id or ""),
    )
    return session.scalars(
        sa.select(OutboxMessage).where(named).order_by(OutboxMessage.id).limit(1)
    ).first()
