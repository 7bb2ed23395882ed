"""A delivery report that came back by mail, brought to the message it is about."""

import enum
import logging
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.outbox.actions import bounce
from directory.outbox.mail.addresses import shown_words
from directory.outbox.mail.dsn import Fate, Report
from directory.outbox.models import OutboxMessage

log = logging.getLogger(__name__)


class Finding(enum.StrEnum):
    """What came of a report."""

    BOUNCED = "bounced"
    KNOWN = "known"  # the message had bounced or failed before
    DELAYED = "delayed"
    NOTHING = "nothing"  # it tells of no failure
    UNKNOWN = "unknown"  # about no message that is here


@dataclass(frozen=True)
class Result:
    """What came of a report, and for which message."""

    finding: Finding
    public_id: str | None = None


def take_report(session: Session, report: Report, now: datetime) -> Result:
    """Mark the message that the report is about as bounced, if that is what it says.

    Whoever sends it has seen our Message-ID, which nobody can guess.
    """
    message = _find(session, report)
    if message is None:
        return Result(Finding.UNKNOWN)
    public_id = message.public_id
    if report.fate is not Fate.FAILED:
        found = Finding.DELAYED if report.fate is Fate.DELAYED else Finding.NOTHING
        return Result(found, public_id)
    said = shown_words(report.reason, message.recipient or "")
    reason = f"The report says: {said}" if said else "The report gives no reason."
    if not bounce(session, message, reason, now):
        return Result(Finding.KNOWN, public_id)
    log.error("message bounced", extra={"public_id": public_id, "kind": message.kind.value})
    return Result(Finding.BOUNCED, public_id)


def _find(session: Session, report: Report) -> OutboxMessage | None:
    at = OutboxMessage
    named = sa.or_(
        at.message_id.in_(report.message_ids), at.public_id == (report.envelope_id or "")
    )
    return session.scalars(sa.select(at).where(named).order_by(at.id).limit(1)).first()
