"""The audit trail, each event chained to the previous one."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.core.db.database import Base


class AuditEvent(Base):
    """An action, its actor and its subject. It never holds an answer or a name."""

    __tablename__ = "audit_event"
    __table_args__ = (sa.Index(None, "subject"), sa.Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(sa.String(60))
    action: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.String(80))
    details: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    # SHA-256 of the previous digest and all of the above; None in events older than the chain.
    digest: Mapped[str | None] = mapped_column(sa.String(64))
