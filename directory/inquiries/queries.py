"""Reading drafts and inquiries, always for somebody who may see them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.core.errors import NotFoundError
from directory.core.tokens import token_digest
from directory.inquiries.models import ClinicVisit, Inquiry, InquiryDraft, InquiryLink


class InquiryNotFoundError(NotFoundError):
    """There is no such inquiry, or not for the one who asks."""

    def __init__(self) -> None:
        super().__init__("This inquiry is not here, or this link is no longer valid.")


def find_draft(session: Session, public_id: str | None) -> InquiryDraft | None:
    """Return the draft that this browser began, if it is still there."""
    if not public_id:
        return None
    statement = sa.select(InquiryDraft).where(InquiryDraft.public_id == public_id)
    return session.scalars(statement).first()


def find_sent(session: Session, draft_public_id: str) -> Inquiry | None:
    """Return the inquiry that came of a draft."""
    statement = sa.select(Inquiry).where(Inquiry.draft_public_id == draft_public_id)
    return session.scalars(statement.order_by(Inquiry.id)).first()


def find_by_public_id(session: Session, public_id: str) -> Inquiry | None:
    """Return the inquiry that a message was about."""
    return session.scalars(sa.select(Inquiry).where(Inquiry.public_id == public_id)).first()


def get_link(session: Session, token: str) -> InquiryLink:
    """Return the clinic's link, or raise `InquiryNotFoundError`."""
    statement = sa.select(InquiryLink).where(InquiryLink.token_digest == token_digest(token))
    link = session.scalars(statement).first()
    if link is None:
        raise InquiryNotFoundError
    return link


def get_for_visit(session: Session, reference: str, token: str, *, now: datetime) -> Inquiry:
    """Return the inquiry for a browser that proved itself, or raise `InquiryNotFoundError`."""
    inquiry = session.scalars(
        sa.select(Inquiry)
        .join(ClinicVisit, ClinicVisit.inquiry_id == Inquiry.id)
        .where(
            Inquiry.reference == reference,
            ClinicVisit.token_digest == token_digest(token),
            ClinicVisit.expires_at > now,
        )
    ).first()
    if inquiry is None:
        raise InquiryNotFoundError
    return inquiry


def drafts_since(session: Session, sender_digest: str, since: datetime) -> int:
    """Count the drafts from one network address."""
    at = InquiryDraft
    statement = sa.select(sa.func.count()).where(
        at.sender_digest == sender_digest, at.created_at > since
    )
    return session.scalar(statement) or 0


def sent_since(session: Session, email_digest: str, clinic_id: int, since: datetime) -> int:
    """Count the inquiries from one email address to one clinic."""
    at = Inquiry
    statement = sa.select(sa.func.count()).where(
        at.email_digest == email_digest, at.clinic_id == clinic_id, at.sent_at > since
    )
    return session.scalar(statement) or 0
