"""How a patient gets from the link in an email to the status page: a code, then a session."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.access.codes import code_for_link
from directory.access.models import Role
from directory.access.sessions import start_session
from directory.inquiries.emails import code_for_patient
from directory.inquiries.lifecycle.notifications import contact_of
from directory.inquiries.models import Submission
from directory.inquiries.queries import PatientLink
from directory.outbox.actions import post
from directory.outbox.models import MessageKind
from directory.privacy.audit import record


def send_code(session: Session, link: PatientLink, *, secret_key: str, now: datetime) -> None:
    """Send a code to the patient's address, unless one under way still works."""
    contact = next(filter(None, map(contact_of, link.submission.inquiries)), None)
    if contact is None:
        return
    code = code_for_link(session, code_subject(link), secret_key=secret_key, now=now)
    if code is not None:
        content = code_for_patient(code, language=link.submission.language)
        post(session, kind=MessageKind.PATIENT_CODE, to=contact.email, content=content, now=now)


def code_subject(link: PatientLink) -> str:
    """Return what the code of a link opens."""
    return f"status:{link.row.id}"


def open_for_patient(session: Session, submission: Submission, *, now: datetime) -> str:
    """Let the browser that proved itself see everything; return its session's token."""
    subject = submission.public_id
    record(session, actor="patient", action="status opened", subject=subject, now=now)
    return start_session(session, Role.PATIENT, submission_id=submission.id, now=now)
