"""What happens to drafts and inquiries, one verb each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.clinics.models import Clinic
from directory.core.errors import RefusedError, TooManyError
from directory.core.tokens import (
    keyed_digest,
    new_public_id,
    new_reference,
    new_token,
    token_digest,
)
from directory.inquiries.answers import Answers, Contact
from directory.inquiries.models import (
    Actor,
    ClinicVisit,
    EmailCode,
    Inquiry,
    InquiryDraft,
    InquiryEvent,
    InquiryLink,
)
from directory.inquiries.queries import drafts_since, find_draft, find_sent, sent_since
from directory.inquiries.questions import CONSENT_VERSION
from directory.inquiries.states import InquiryState, can_become, check_step
from directory.privacy.audit import record

DRAFT_LIFETIME = timedelta(hours=24)
ANSWERS_LIFETIME = timedelta(days=365)
VISIT_LIFETIME = timedelta(hours=8)


@dataclass(frozen=True)
class Sender:
    """Where a draft comes from, as digests that only count."""

    address_digest: str
    email_digest: str


@dataclass(frozen=True)
class Limits:
    """How much one sender may send."""

    per_hour: int  # drafts from one network address
    per_day: int  # inquiries from one email address to one clinic


def email_digest(secret_key: str, email: str) -> str:
    """Return what an email address is counted by."""
    return keyed_digest(secret_key, "email", email.casefold())


def save_draft(
    session: Session,
    public_id: str,
    *,
    clinic: Clinic,
    npi: str | None,
    contact: Contact,
    answers: Answers,
    sender: Sender,
    limits: Limits,
    language: str,
    now: datetime,
) -> InquiryDraft:
    """Keep what was filled in until the code is typed. The same form again is the same draft.

    Raises `TooManyError` past the limits, `RefusedError` when the clinic takes no inquiries.
    """
    if not clinic.takes_inquiries:
        raise RefusedError(f"{clinic.name} takes no inquiries here.")
    draft = find_draft(session, public_id)
    if draft is not None and draft.sent_at is not None:
        return draft
    _check_daily(session, clinic, sender.email_digest, limits, now)
    if draft is None:
        _check_hourly(session, sender, limits, now)
        draft = InquiryDraft(public_id=public_id, created_at=now)
        session.add(draft)
    draft.clinic_id, draft.npi = clinic.id, npi
    draft.contact, draft.answers = contact.to_json(), answers.to_json()
    draft.consent_version, draft.language = CONSENT_VERSION, language
    draft.sender_digest, draft.email_digest = sender.address_digest, sender.email_digest
    session.flush()
    return draft


def send(
    session: Session, draft: InquiryDraft, *, limits: Limits, now: datetime
) -> tuple[Inquiry, str | None]:
    """Make the inquiry of a draft whose address is proven.

    Returns it with the token of the clinic's link, or with None when it had been sent
    before: sending twice makes one inquiry.
    """
    existing = find_sent(session, draft.public_id)
    if existing is not None:
        return existing, None
    clinic = session.get_one(Clinic, draft.clinic_id)
    if not clinic.takes_inquiries:
        raise RefusedError(f"{clinic.name} takes no inquiries here any more.")
    _check_daily(session, clinic, draft.email_digest, limits, now)
    inquiry = Inquiry(
        public_id=new_public_id(),
        reference=new_reference(),
        draft_public_id=draft.public_id,
        clinic_id=draft.clinic_id,
        npi=draft.npi,
        state=InquiryState.SENT,
        consent_version=draft.consent_version,
        consented_at=draft.created_at,
        language=draft.language,
        email_digest=draft.email_digest,
        sent_at=now,
    )
    inquiry.contact, inquiry.answers = draft.contact, draft.answers
    inquiry.events = [InquiryEvent(at=now, actor=Actor.PATIENT, state=InquiryState.SENT)]
    session.add(inquiry)
    draft.sent_at, draft.contact, draft.answers = now, None, None
    session.flush()
    token = new_token()
    session.add(
        InquiryLink(inquiry_id=inquiry.id, token_digest=token_digest(token), created_at=now)
    )
    record(session, actor="patient", action="inquiry sent", subject=inquiry.public_id, now=now)
    return inquiry, token


def move(
    session: Session, inquiry: Inquiry, state: InquiryState, *, actor: Actor, now: datetime
) -> None:
    """Take a step of the table and leave an event; raise `StepNotAllowedError` otherwise."""
    check_step(inquiry.state, state)
    inquiry.state = state
    if state is InquiryState.HANDED_OFF:
        inquiry.handed_off_at = now
    if state is InquiryState.OPENED:
        inquiry.opened_at = now
    session.add(InquiryEvent(inquiry_id=inquiry.id, at=now, actor=actor, state=state))


def open_for_clinic(session: Session, inquiry: Inquiry, *, now: datetime) -> str:
    """Let the browser that proved itself read the inquiry; return the token of its visit."""
    if can_become(inquiry.state, InquiryState.OPENED):
        move(session, inquiry, InquiryState.OPENED, actor=Actor.CLINIC, now=now)
    token = new_token()
    session.add(
        ClinicVisit(
            inquiry_id=inquiry.id,
            token_digest=token_digest(token),
            created_at=now,
            expires_at=now + VISIT_LIFETIME,
        )
    )
    record(session, actor="clinic", action="inquiry opened", subject=inquiry.public_id, now=now)
    return token


def delete_stale(session: Session, *, now: datetime) -> int:
    """Delete drafts after a day and answers after a year; return how many drafts it were.

    The bare facts of an inquiry stay: clinic, times and states.
    """
    found = session.scalars(
        sa.select(InquiryDraft.id).where(InquiryDraft.created_at < now - DRAFT_LIFETIME)
    ).all()
    session.execute(sa.delete(InquiryDraft).where(InquiryDraft.id.in_(found)))
    session.execute(
        sa.update(Inquiry)
        .where(Inquiry.sent_at < now - ANSWERS_LIFETIME, Inquiry.sealed_contact.is_not(None))
        .values(sealed_contact=None, sealed_answers=None)
    )
    session.execute(sa.delete(EmailCode).where(EmailCode.created_at < now - DRAFT_LIFETIME))
    session.execute(sa.delete(ClinicVisit).where(ClinicVisit.expires_at < now))
    return len(found)


def _check_hourly(session: Session, sender: Sender, limits: Limits, now: datetime) -> None:
    since = now - timedelta(hours=1)
    if drafts_since(session, sender.address_digest, since) >= limits.per_hour:
        raise TooManyError("Too many inquiries have come from here within an hour.")


def _check_daily(
    session: Session, clinic: Clinic, email_digest: str, limits: Limits, now: datetime
) -> None:
    since = now - timedelta(days=1)
    if sent_since(session, email_digest, clinic.id, since) >= limits.per_day:
        raise TooManyError("Several inquiries went from this address to this clinic today.")
