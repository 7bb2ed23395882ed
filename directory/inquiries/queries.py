"""Reading drafts and inquiries, always for somebody who may see them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from directory.access.links import find_link
from directory.access.models import AccessLink, BrowserSession, Role
from directory.access.sessions import is_session
from directory.core.errors import NotFoundError
from directory.inquiries.models import DraftClinic, Inquiry, InquiryDraft, Submission


class InquiryNotFoundError(NotFoundError):
    """There is no such inquiry, or not for the one who asks."""

    def __init__(self) -> None:
        super().__init__("This inquiry is not here, or this link is no longer valid.")


@dataclass(frozen=True)
class ClinicLink:
    """A link in a clinic's email, and the inquiry it leads to."""

    row: AccessLink
    inquiry: Inquiry


@dataclass(frozen=True)
class PatientLink:
    """A link in a patient's email, and the submission it leads to."""

    row: AccessLink
    submission: Submission


# Made once: whoever sends waits for them, and on SQLite others wait meanwhile.
_DRAFT = (
    sa.select(InquiryDraft)
    .where(InquiryDraft.public_id == sa.bindparam("public_id"))
    .options(joinedload(InquiryDraft.clinics).joinedload(DraftClinic.clinic))
)
_DRAFT_ALONE = _DRAFT.with_for_update(of=InquiryDraft)
# What is about to be stored with the question is not counted, and need not be there before it.
_SENT_SINCE = (
    sa.select(sa.func.count())
    .where(
        Inquiry.email_digest == sa.bindparam("email_digest"),
        Inquiry.clinic_id == sa.bindparam("clinic_id"),
        Inquiry.sent_at > sa.bindparam("since"),
    )
    .execution_options(autoflush=False)
)


def find_draft(
    session: Session, public_id: str | None, *, is_changing: bool = False
) -> InquiryDraft | None:
    """Return the draft that this browser began, if it is still there.

    Whoever changes it has it alone until the transaction ends: two clicks follow one another.
    """
    if not public_id:
        return None
    statement = _DRAFT_ALONE if is_changing else _DRAFT
    return session.scalars(statement, {"public_id": public_id}).unique().first()


def find_submission(session: Session, draft_public_id: str) -> Submission | None:
    """Return the submission that came of a draft."""
    statement = sa.select(Submission).where(Submission.draft_public_id == draft_public_id)
    return session.scalars(statement).first()


def get_link(session: Session, token: str) -> ClinicLink:
    """Return the clinic's link, or raise `InquiryNotFoundError`."""
    row = find_link(session, Role.CLINIC, token)
    if row is None:
        raise InquiryNotFoundError
    return ClinicLink(row, session.get_one(Inquiry, row.inquiry_id))


def get_for_clinic(session: Session, reference: str, token: str, *, now: datetime) -> Inquiry:
    """Return the inquiry for a browser that proved itself, or raise `InquiryNotFoundError`."""
    if not reference.isprintable():  # PostgreSQL takes no NUL, not even to look for it
        raise InquiryNotFoundError
    inquiry = session.scalars(
        sa.select(Inquiry)
        .join(BrowserSession, BrowserSession.inquiry_id == Inquiry.id)
        .where(Inquiry.reference == reference, is_session(Role.CLINIC, token, now=now))
    ).first()
    if inquiry is None:
        raise InquiryNotFoundError
    return inquiry


def get_submission_link(session: Session, token: str) -> PatientLink:
    """Return the patient's link, or raise `InquiryNotFoundError`."""
    row = find_link(session, Role.PATIENT, token)
    if row is None:
        raise InquiryNotFoundError
    return PatientLink(row, session.get_one(Submission, row.submission_id))


def get_for_patient(session: Session, token: str, *, now: datetime) -> Submission:
    """Return the submission for a browser that proved itself, or raise `InquiryNotFoundError`."""
    submission = session.scalars(
        sa.select(Submission)
        .join(BrowserSession, BrowserSession.submission_id == Submission.id)
        .where(is_session(Role.PATIENT, token, now=now))
    ).first()
    if submission is None:
        raise InquiryNotFoundError
    return submission


def drafts_since(session: Session, sender_digest: str, since: datetime) -> int:
    """Count the drafts from one network address."""
    at = InquiryDraft
    statement = sa.select(sa.func.count()).where(
        at.sender_digest == sender_digest, at.created_at > since
    )
    return session.scalar(statement) or 0


def sent_since(session: Session, email_digest: str, clinic_id: int, since: datetime) -> int:
    """Count the inquiries from one email address to one clinic."""
    asked = {"email_digest": email_digest, "clinic_id": clinic_id, "since": since}
    return session.scalar(_SENT_SINCE, asked) or 0
