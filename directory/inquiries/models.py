"""Tables of drafts, inquiries, their events, and the codes that open them."""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.clinics.models import Clinic
from directory.core.columns import NPIColumn, one_of
from directory.core.database import Base
from directory.inquiries.states import InquiryState
from directory.privacy.encryption import EncryptedText


class InquiryDraft(Base):
    """What a patient has filled in and not yet sent. Deleted within a day."""

    __tablename__ = "inquiry_draft"
    __table_args__ = (
        sa.UniqueConstraint("public_id"),
        sa.Index(None, "created_at"),
        sa.Index(None, "sender_digest", "created_at"),
        sa.Index(None, "email_digest", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Made with the form, so that the same form sent twice is the same draft.
    public_id: Mapped[str] = mapped_column(sa.String(43))
    clinic_id: Mapped[int] = mapped_column(sa.ForeignKey("clinic.id", ondelete="CASCADE"))
    npi: Mapped[str | None] = mapped_column(NPIColumn)
    sealed_contact: Mapped[bytes | None]
    sealed_answers: Mapped[bytes | None]
    consent_version: Mapped[str] = mapped_column(sa.String(20))
    language: Mapped[str] = mapped_column(sa.String(5))
    # Keyed digests: they count what comes from one place or goes to one address.
    sender_digest: Mapped[str] = mapped_column(sa.String(64))
    email_digest: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    contact = EncryptedText("sealed_contact")
    answers = EncryptedText("sealed_answers")


class Inquiry(Base):
    """A patient's structured message to one clinic."""

    __tablename__ = "inquiry"
    __table_args__ = (
        sa.UniqueConstraint("public_id"),
        sa.UniqueConstraint("reference"),
        sa.UniqueConstraint("draft_public_id", "clinic_id"),
        sa.Index(None, "email_digest", "clinic_id", "sent_at"),
        sa.Index(None, "clinic_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(22))
    reference: Mapped[str] = mapped_column(sa.String(9))
    draft_public_id: Mapped[str] = mapped_column(sa.String(43))
    clinic_id: Mapped[int] = mapped_column(sa.ForeignKey("clinic.id"))
    npi: Mapped[str | None] = mapped_column(NPIColumn)
    state: Mapped[InquiryState] = mapped_column(one_of(InquiryState))
    sealed_contact: Mapped[bytes | None]
    sealed_answers: Mapped[bytes | None]
    consent_version: Mapped[str] = mapped_column(sa.String(20))
    consented_at: Mapped[datetime]
    language: Mapped[str] = mapped_column(sa.String(5))
    email_digest: Mapped[str] = mapped_column(sa.String(64))
    sent_at: Mapped[datetime]
    handed_off_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]

    clinic: Mapped[Clinic] = relationship()
    events: Mapped[list["InquiryEvent"]] = relationship(
        order_by="InquiryEvent.id", cascade="all, delete-orphan"
    )

    contact = EncryptedText("sealed_contact")
    answers = EncryptedText("sealed_answers")


class Actor(enum.StrEnum):
    """Who took a step."""

    PATIENT = "patient"
    CLINIC = "clinic"
    WORKER = "worker"
    OPERATOR = "operator"


class InquiryEvent(Base):
    """One step of an inquiry. It never holds an answer."""

    __tablename__ = "inquiry_event"
    __table_args__ = (sa.Index(None, "inquiry_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    inquiry_id: Mapped[int] = mapped_column(sa.ForeignKey("inquiry.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    actor: Mapped[Actor] = mapped_column(one_of(Actor))
    state: Mapped[InquiryState] = mapped_column(one_of(InquiryState))


class InquiryLink(Base):
    """The link in a clinic's email. The token itself is never stored."""

    __tablename__ = "inquiry_link"
    __table_args__ = (sa.UniqueConstraint("token_digest"), sa.Index(None, "inquiry_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    inquiry_id: Mapped[int] = mapped_column(sa.ForeignKey("inquiry.id", ondelete="CASCADE"))
    token_digest: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]

    inquiry: Mapped[Inquiry] = relationship()


class EmailCode(Base):
    """A six-digit code on its way to an address. Stored as a keyed digest, with few tries."""

    __tablename__ = "email_code"
    __table_args__ = (sa.Index(None, "subject_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[str] = mapped_column(sa.String(60))  # what the code opens
    code_digest: Mapped[str] = mapped_column(sa.String(64))
    tries_left: Mapped[int] = mapped_column(sa.SmallInteger)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ClinicVisit(Base):
    """A browser that proved by a code that it reads the clinic's mail."""

    __tablename__ = "clinic_visit"
    __table_args__ = (sa.UniqueConstraint("token_digest"), sa.Index(None, "expires_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    inquiry_id: Mapped[int] = mapped_column(sa.ForeignKey("inquiry.id", ondelete="CASCADE"))
    token_digest: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
