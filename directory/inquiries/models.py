"""Tables of drafts, submissions and inquiries."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, WriteOnlyMapped, mapped_column, relationship

from directory.access.models import AccessLink
from directory.clinics.models import Clinic
from directory.core.db.columns import NPIColumn, one_of
from directory.core.db.database import Base
from directory.inquiries.states import Actor, InquiryState
from directory.privacy.encryption import EncryptedText


def draft_key(public_id: str) -> str:
    """Return the name of a draft's own key."""
    return f"inquiry_draft:{public_id}"


def inquiry_key(public_id: str) -> str:
    """Return the name of an inquiry's own key; its answers and all that is written to it use it."""
    return f"inquiry:{public_id}"


class InquiryDraft(Base):
    """What a patient has filled in and not yet sent. Deleted within a day."""

    __tablename__ = "inquiry_draft"
    __table_args__ = (
        sa.UniqueConstraint("public_id"),
        sa.Index(None, "created_at"),
        sa.Index(None, "sender_digest", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Made with the form, so that the same form sent twice is the same draft.
    public_id: Mapped[str] = mapped_column(sa.String(43))
    sealed_fields: Mapped[bytes | None]
    language: Mapped[str] = mapped_column(sa.String(5))
    # A keyed digest: it counts what comes from one place.
    sender_digest: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    clinics: Mapped[list["DraftClinic"]] = relationship(
        order_by="DraftClinic.position", cascade="all, delete-orphan"
    )

    # JSON: for each step what was typed, right or wrong.
    fields = EncryptedText("sealed_fields", key_name=lambda row: draft_key(row.public_id))


class DraftClinic(Base):
    """A clinic that a draft is to be sent to."""

    __tablename__ = "draft_clinic"

    draft_id: Mapped[int] = mapped_column(
        sa.ForeignKey("inquiry_draft.id", ondelete="CASCADE"), primary_key=True
    )
    clinic_id: Mapped[int] = mapped_column(
        sa.ForeignKey("clinic.id", ondelete="CASCADE"), primary_key=True
    )
    npi: Mapped[str | None] = mapped_column(NPIColumn)
    position: Mapped[int] = mapped_column(sa.SmallInteger)

    clinic: Mapped[Clinic] = relationship()


class Submission(Base):
    """What a patient sent at once, to up to three clinics. It holds nothing that they wrote."""

    __tablename__ = "submission"
    __table_args__ = (
        sa.UniqueConstraint("public_id"),
        sa.UniqueConstraint("draft_public_id"),
        sa.Index(None, "email_digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(22))
    draft_public_id: Mapped[str] = mapped_column(sa.String(43))  # sending twice makes one
    language: Mapped[str] = mapped_column(sa.String(5))
    email_digest: Mapped[str] = mapped_column(sa.String(64))  # keyed
    is_email_proven: Mapped[bool]
    consent_version: Mapped[str] = mapped_column(sa.String(20))
    consented_at: Mapped[datetime]
    sent_at: Mapped[datetime]

    inquiries: Mapped[list["Inquiry"]] = relationship(
        order_by="Inquiry.id", back_populates="submission", cascade="all, delete-orphan"
    )
    links: WriteOnlyMapped[AccessLink] = relationship(passive_deletes=True)


class Inquiry(Base):
    """A patient's structured message to one clinic: a copy of its own, answered by itself."""

    __tablename__ = "inquiry"
    __table_args__ = (
        sa.UniqueConstraint("public_id"),
        sa.UniqueConstraint("reference"),
        sa.UniqueConstraint("submission_id", "clinic_id"),
        sa.Index(None, "email_digest", "clinic_id", "sent_at"),
        sa.Index(None, "clinic_id", "sent_at"),
        sa.Index(None, "state", "sent_at"),
        sa.Index(None, "delete_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(22))
    reference: Mapped[str] = mapped_column(sa.String(9))
    submission_id: Mapped[int] = mapped_column(sa.ForeignKey("submission.id", ondelete="CASCADE"))
    clinic_id: Mapped[int] = mapped_column(sa.ForeignKey("clinic.id"))
    npi: Mapped[str | None] = mapped_column(NPIColumn)
    state: Mapped[InquiryState] = mapped_column(one_of(InquiryState))
    sealed_contact: Mapped[bytes | None]
    sealed_answers: Mapped[bytes | None]
    email_digest: Mapped[str] = mapped_column(sa.String(64))
    sent_at: Mapped[datetime]
    handed_off_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]  # the clinic's first answer
    treated_on: Mapped[date | None]
    # What was done because nobody opened it.
    reminded_at: Mapped[datetime | None]
    second_contact_at: Mapped[datetime | None]
    patient_told_at: Mapped[datetime | None]
    # When nothing happens until then, it ends; and when its answers are deleted.
    expire_at: Mapped[datetime]
    delete_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    submission: Mapped[Submission] = relationship(back_populates="inquiries")
    clinic: Mapped[Clinic] = relationship()
    events: Mapped[list["InquiryEvent"]] = relationship(
        order_by="InquiryEvent.id", back_populates="inquiry", cascade="all, delete-orphan"
    )
    links: WriteOnlyMapped[AccessLink] = relationship(passive_deletes=True)

    contact = EncryptedText("sealed_contact", key_name=lambda row: inquiry_key(row.public_id))
    answers = EncryptedText("sealed_answers", key_name=lambda row: inquiry_key(row.public_id))


class InquiryEvent(Base):
    """One step of an inquiry. What was written with it is sealed, and goes with the answers."""

    __tablename__ = "inquiry_event"
    __table_args__ = (sa.UniqueConstraint("public_id"), sa.Index(None, "inquiry_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(22))
    inquiry_id: Mapped[int] = mapped_column(sa.ForeignKey("inquiry.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    actor: Mapped[Actor] = mapped_column(one_of(Actor))
    state: Mapped[InquiryState] = mapped_column(one_of(InquiryState))
    sealed_details: Mapped[bytes | None]

    inquiry: Mapped[Inquiry] = relationship(back_populates="events")

    # JSON of a value of `details.py`: the question, the times, the reason.
    details = EncryptedText(
        "sealed_details", key_name=lambda row: inquiry_key(row.inquiry.public_id)
    )
