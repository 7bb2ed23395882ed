"""The audit trail, each event chained to the one before."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.core.db.database import Base


class AuditEvent(Base):
    """Something that was done, by whom, to what. It never holds an answer or a name."""

    __tablename__ = "audit_event"
    __table_args__ = (sa.Index(None, "subject"), sa.Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(sa.String(60))
    action: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.String(80))
    details: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    # SHA-256 over the digest before and all of the above; None before there was a chain.
    digest: Mapped[str | None] = mapped_column(sa.String(64))
