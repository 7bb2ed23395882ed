"""Writing the audit trail."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.privacy.models import AuditEvent


def record(
    session: Session, *, actor: str, action: str, subject: str, now: datetime, **details: str
) -> None:
    """Add an event in the caller's transaction. Details must hold no personal data."""
    session.add(AuditEvent(at=now, actor=actor, action=action, subject=subject, details=details))
