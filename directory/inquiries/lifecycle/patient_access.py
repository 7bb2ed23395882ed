"""How a patient gets from the link in an email to the status page: a code, then a session."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from directory.access.codes import code_for_link
from directory.core.tokens import new_token, token_digest
from directory.inquiries.emails import code_for_patient
from directory.inquiries.lifecycle.notifications import contact_of
from directory.inquiries.models import PatientVisit, Submission, SubmissionLink
from directory.outbox.actions import post
from directory.outbox.models import MessageKind
from directory.privacy.audit import record

VISIT_LIFETIME = timedelta(hours=8)


def send_code(session: Session, link: SubmissionLink, *, secret_key: str, now: datetime) -> None:
    """Send a code to the patient's address, unless one under way still works."""
    contact = next(filter(None, map(contact_of, link.submission.inquiries)), None)
    if contact is None:
        return
    code = code_for_link(session, code_subject(link), secret_key=secret_key, now=now)
    if code is not None:
        content = code_for_patient(code, language=link.submission.language)
        post(session, kind=MessageKind.PATIENT_CODE, to=contact.email, content=content, now=now)


def code_subject(link: SubmissionLink) -> str:
    """Return what the code of a link opens."""
    return f"status:{link.id}"


def open_for_patient(session: Session, submission: Submission, *, now: datetime) -> str:
    """Let the browser that proved itself see everything; return the token of its visit."""
    token = new_token()
    session.add(
        PatientVisit(
            submission_id=submission.id,
            token_digest=token_digest(token),
            created_at=now,
            expires_at=now + VISIT_LIFETIME,
        )
    )
    subject = submission.public_id
    record(session, actor="patient", action="status opened", subject=subject, now=now)
    return token
