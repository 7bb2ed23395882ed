"""Telling clinics and patients what happened: a fresh link, the words, a place in the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from directory.access.links import new_link
from directory.access.models import AccessLink, Role
from directory.care.answers import Answers, Contact
from directory.clinics.models import Clinic
from directory.core.dataclass_json import from_json
from directory.core.tokens import new_token
from directory.inquiries import emails
from directory.inquiries.emails import ClinicNews, PatientNews
from directory.inquiries.models import Inquiry, Submission
from directory.outbox.actions import cancel, forget_failed, hold_unsent, post
from directory.outbox.mail.content import Attachment, Content
from directory.outbox.models import MessageKind

# The emails that ask a clinic to look at an inquiry: of no use once it is withdrawn.
_BRINGING = (MessageKind.CLINIC_INQUIRY, MessageKind.CLINIC_SECOND, MessageKind.CLINIC_REMINDER)
_WITHDRAWN = "Cancelled: the inquiry was withdrawn before this email was sent."


@dataclass(frozen=True, repr=False)
class Letter:
    """An email that is written while nobody waits, with the link it holds; not yet stored."""

    token: str
    content: Content


def inquiry_letter(inquiry: Inquiry, contact: Contact, answers: Answers) -> Letter:
    """Write what tells the clinic that an inquiry waits."""
    token = new_token()
    return Letter(token, emails.new_inquiry(inquiry, token, contact, answers))


def sent_letter(submission: Submission) -> Letter:
    """Write what tells the patient that it was sent, with the link to the status page."""
    token = new_token()
    return Letter(token, emails.sent(submission, token))


def post_to_clinic(session: Session, inquiry: Inquiry, letter: Letter, *, now: datetime) -> None:
    """Have the letter sent that tells the clinic of the inquiry."""
    _add_clinic_link(inquiry, letter.token, now)
    _post_to_clinic(session, inquiry, MessageKind.CLINIC_INQUIRY, letter.content, now)


def post_to_patient(
    session: Session, submission: Submission, letter: Letter, to: str, *, now: datetime
) -> None:
    """Have the letter sent that tells the patient of the submission."""
    _add_patient_link(submission, letter.token, now)
    post(
        session,
        kind=MessageKind.PATIENT_SENT,
        to=to,
        content=letter.content,
        subject_id=submission.public_id,
        now=now,
    )


def remind_clinic(session: Session, inquiry: Inquiry, *, now: datetime) -> None:
    """Remind the clinic of an inquiry that nobody has opened."""
    content = emails.reminder(inquiry, _clinic_token(inquiry, now))
    _post_to_clinic(session, inquiry, MessageKind.CLINIC_REMINDER, content, now)


def tell_second_contact(session: Session, inquiry: Inquiry, *, now: datetime) -> None:
    """Write to the clinic's second contact; the clinic must have a confirmed one."""
    token = _clinic_token(inquiry, now, is_second_contact=True)
    content = emails.second_contact(inquiry, token)
    address = inquiry.clinic.second_contact
    assert address is not None
    _post(session, MessageKind.CLINIC_SECOND, address, content, inquiry, now)


def tell_clinic(
    session: Session,
    inquiry: Inquiry,
    news: ClinicNews,
    *,
    now: datetime,
    calendar: Attachment | None = None,
) -> None:
    """Tell the clinic what the patient has done."""
    content = emails.clinic_news(inquiry, _clinic_token(inquiry, now), news, calendar=calendar)
    _post_to_clinic(session, inquiry, MessageKind.CLINIC_NEWS, content, now)


def tell_patient(
    session: Session,
    inquiry: Inquiry,
    news: PatientNews,
    *,
    now: datetime,
    calendar: Attachment | None = None,
) -> None:
    """Tell the patient that something has changed. Nobody is told once the contact is deleted."""
    contact = contact_of(inquiry)
    if contact is None:
        return
    token = _patient_token(inquiry.submission, now)
    content = emails.patient_news(inquiry, token, news, calendar=calendar)
    post(
        session,
        kind=MessageKind.PATIENT_NEWS,
        to=contact.email,
        content=content,
        subject_id=inquiry.public_id,
        now=now,
    )


def hold_emails(session: Session, inquiries: Sequence[Inquiry]) -> None:
    """Lock the emails that bring these inquiries to their clinics; before the inquiries."""
    hold_unsent(session, [each.public_id for each in inquiries], _BRINGING)


def call_back(session: Session, inquiry: Inquiry, *, now: datetime) -> bool:
    """Cancel the emails that would bring the inquiry; return whether one may have gone out."""
    forget_failed(session, inquiry.public_id, _BRINGING)
    unsent = hold_unsent(session, [inquiry.public_id], _BRINGING)
    held_back = [cancel(session, each, _WITHDRAWN, now) for each in unsent]
    return not all(held_back)


def contact_of(inquiry: Inquiry) -> Contact | None:
    """Return who asks, or None when it has been deleted."""
    return from_json(Contact, inquiry.contact) if inquiry.contact else None


def answers_of(inquiry: Inquiry) -> Answers | None:
    """Return the answers, or None when they have been deleted."""
    return from_json(Answers, inquiry.answers) if inquiry.answers else None


def code_address(clinic: Clinic, link: AccessLink) -> str | None:
    """Return where the code of a clinic's link goes, if anywhere."""
    return clinic.second_contact if link.is_second_contact else _address(clinic)


def _clinic_token(inquiry: Inquiry, now: datetime, *, is_second_contact: bool = False) -> str:
    token = new_token()
    _add_clinic_link(inquiry, token, now, is_second_contact=is_second_contact)
    return token


def _add_clinic_link(
    inquiry: Inquiry, token: str, now: datetime, *, is_second_contact: bool = False
) -> None:
    inquiry.links.add(new_link(Role.CLINIC, token, now=now, is_second_contact=is_second_contact))


def _patient_token(submission: Submission, now: datetime) -> str:
    token = new_token()
    _add_patient_link(submission, token, now)
    return token


def _add_patient_link(submission: Submission, token: str, now: datetime) -> None:
    submission.links.add(new_link(Role.PATIENT, token, now=now))


def _post_to_clinic(
    session: Session, inquiry: Inquiry, kind: MessageKind, content: Content, now: datetime
) -> None:
    # Without an address there is nobody to write to: the escalation tells the patient.
    address = _address(inquiry.clinic)
    if address is not None:
        _post(session, kind, address, content, inquiry, now)


def _address(clinic: Clinic) -> str | None:
    """Return the clinic's address once it is confirmed: a new one may have been typed wrongly."""
    return clinic.email if clinic.takes_inquiries else None


def _post(
    session: Session,
    kind: MessageKind,
    to: str,
    content: Content,
    inquiry: Inquiry,
    now: datetime,
) -> None:
    post(session, kind=kind, to=to, content=content, subject_id=inquiry.public_id, now=now)
