"""The outbox: one row is one email waiting to be sent, or sent."""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.core.db.columns import one_of
from directory.core.db.database import Base
from directory.privacy.encryption import EncryptedText


class MessageKind(enum.StrEnum):
    """The purpose of an email. Other slices react to the outcome of each kind."""

    PATIENT_CODE = "patient-code"
    PATIENT_SENT = "patient-sent"  # it is on its way, with the link to its status
    PATIENT_NEWS = "patient-news"  # a clinic has answered, or the next step is due
    CLINIC_INQUIRY = "clinic-inquiry"
    CLINIC_REMINDER = "clinic-reminder"
    CLINIC_SECOND = "clinic-second"  # the same inquiry, to the second contact
    CLINIC_NEWS = "clinic-news"  # the patient has replied, taken a time, or withdrawn
    CLINIC_CODE = "clinic-code"
    CLINIC_PROOF = "clinic-proof"
    TEST = "test"


class Urgency(enum.IntEnum):
    """The order of emails when several are due."""

    AWAITED = 1  # a code: its reader is waiting on a page
    ASKING = 2  # it brings something new, or something to do
    REPEATING = 3  # it says again what a page has just said


class MessageState(enum.StrEnum):
    """The state of a message."""

    WAITING = "waiting"
    SENDING = "sending"  # claimed by a worker until the lease runs out
    HANDED_OFF = "handed-off"  # the server answered 250 after the data
    FAILED = "failed"  # permanently refused, or given up
    BOUNCED = "bounced"  # handed off, then reported as undeliverable


class Phase(enum.StrEnum):
    """The phase of the SMTP conversation in which an attempt ended."""

    CONNECT = "connect"
    TLS = "tls"
    SIGN_IN = "sign-in"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"  # after the final dot the outcome is uncertain


class OutboxMessage(Base):
    """An email. Its content is sealed, and removed once it has been handed off."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        sa.UniqueConstraint("public_id"),
        sa.UniqueConstraint("message_id"),
        sa.Index(None, "state", "urgency", "next_attempt_at"),
        sa.Index(None, "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(22))
    message_id: Mapped[str] = mapped_column(sa.String(255))  # the same on every attempt
    kind: Mapped[MessageKind] = mapped_column(one_of(MessageKind))
    subject_id: Mapped[str | None] = mapped_column(sa.String(40))  # public id of what it is about
    sealed_recipient: Mapped[bytes]
    sealed_content: Mapped[bytes | None]
    state: Mapped[MessageState] = mapped_column(one_of(MessageState))
    attempt: Mapped[int] = mapped_column(default=0)  # also the fence of the lease
    urgency: Mapped[int] = mapped_column(sa.SmallInteger, server_default="2")
    next_attempt_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    handed_off_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    last_phase: Mapped[Phase | None] = mapped_column(one_of(Phase))
    last_error: Mapped[str | None] = mapped_column(sa.String(500))

    recipient = EncryptedText("sealed_recipient")
    content = EncryptedText("sealed_content")  # JSON of `Content`
