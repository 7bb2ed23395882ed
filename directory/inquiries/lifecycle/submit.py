"""Sending: one draft becomes one submission, with an inquiry of its own for each clinic."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from directory.care.answers import Answers, Contact
from directory.care.questions import CONSENT_VERSION
from directory.clinics.models import Clinic
from directory.core.dataclass_json import to_json
from directory.core.errors import RefusedError, TooManyError
from directory.core.tokens import new_public_id, new_reference
from directory.inquiries.drafts import MOST_CLINICS, Limits, TooManyClinicsError
from directory.inquiries.lifecycle.notifications import (
    Letter,
    inquiry_letter,
    post_to_clinic,
    post_to_patient,
    sent_letter,
)
from directory.inquiries.lifecycle.transitions import ENDS_AFTER, KEPT_AT_MOST, add_event
from directory.inquiries.models import Inquiry, InquiryDraft, Submission, draft_key, inquiry_key
from directory.inquiries.queries import find_submission, sent_since
from directory.inquiries.states import ENDED, Actor, InquiryState
from directory.privacy.audit import record
from directory.privacy.rowkeys import row_keys


@dataclass(frozen=True)
class Outgoing:
    """What is sent: checked answers, with ids for which the keys have been made."""

    contact: Contact
    answers: Answers
    email_digest: str
    inquiry_ids: tuple[str, ...]
    is_email_proven: bool = True


def new_inquiry_ids(count: int, *, now: datetime) -> tuple[str, ...]:
    """Return ids for inquiries, their keys made and synced: call it before the transaction."""
    ids = tuple(new_public_id() for _ in range(count))
    row_keys().make([inquiry_key(each) for each in ids], now=now)
    return ids


@dataclass(frozen=True, repr=False)
class Packed:
    """A submission with its letters, all written and nothing stored.

    Writing letters takes longer than storing them, and on SQLite only one at a time may store.
    """

    made_of: (
        object  # what it depends on; another draft, or a clinic that has changed, needs another
    )
    submission: Submission
    letters: tuple[tuple[Inquiry, Letter], ...]
    to_patient: Letter


def pack(draft: InquiryDraft, outgoing: Outgoing, *, now: datetime) -> Packed:
    """Write down all that a draft becomes; best before the transaction that sends it."""
    submission = Submission(
        public_id=new_public_id(),
        draft_public_id=draft.public_id,
        language=draft.language,
        email_digest=outgoing.email_digest,
        is_email_proven=outgoing.is_email_proven,
        consent_version=CONSENT_VERSION,
        consented_at=now,
        sent_at=now,
    )
    letters = []
    for chosen, public_id in zip(draft.clinics, outgoing.inquiry_ids, strict=False):
        inquiry = _made(submission, chosen.clinic, chosen.npi, outgoing, public_id, now)
        letters.append((inquiry, inquiry_letter(inquiry, outgoing.contact, outgoing.answers)))
    return Packed(
        made_of=_made_of(draft, outgoing),
        submission=submission,
        letters=tuple(letters),
        to_patient=sent_letter(submission),
    )


def send(
    session: Session,
    draft: InquiryDraft,
    outgoing: Outgoing,
    *,
    limits: Limits,
    now: datetime,
    packed: Packed | None = None,
) -> Submission:
    """Make the submission of a draft, its inquiries and their emails: all or nothing.

    What was packed before is sent if it is still what it would be now. The draft is locked.
    Sending twice makes one. Raises `RefusedError` when a clinic takes no inquiries any more,
    `TooManyError` past the limit. The draft's answers are deleted; its key goes by the caller.
    """
    existing = find_submission(session, draft.public_id) if draft.sent_at else None
    if existing is not None:
        return existing
    if not draft.clinics or len(outgoing.inquiry_ids) < len(draft.clinics):
        raise RefusedError("Choose a clinic first.")
    for chosen in draft.clinics:
        check_clinic(session, chosen.clinic, outgoing.email_digest, limits, now)
    if packed is None or packed.made_of != _made_of(draft, outgoing):
        packed = pack(draft, outgoing, now=now)
    submission = packed.submission
    session.add(submission)
    for inquiry, letter in packed.letters:
        _store(session, inquiry, letter, now)
    draft.sent_at, draft.fields = now, None
    post_to_patient(session, submission, packed.to_patient, outgoing.contact.email, now=now)
    record(session, actor="patient", action="inquiry sent", subject=submission.public_id, now=now)
    return submission


def add_inquiry(
    session: Session,
    submission: Submission,
    clinic: Clinic,
    npi: str | None,
    outgoing: Outgoing,
    *,
    limits: Limits,
    now: datetime,
) -> Inquiry:
    """Send the answers of a submission to one more clinic; the same one twice makes one.

    Raises `TooManyClinicsError` while three can still answer, otherwise as `send`.
    """
    for each in submission.inquiries:
        if each.clinic_id == clinic.id:
            return each
    if not may_ask_another(submission):
        raise TooManyClinicsError(f"{MOST_CLINICS} clinics can still answer.")
    check_clinic(session, clinic, submission.email_digest, limits, now)
    [public_id] = outgoing.inquiry_ids
    inquiry = _made(submission, clinic, npi, outgoing, public_id, now)
    letter = inquiry_letter(inquiry, outgoing.contact, outgoing.answers)
    _store(session, inquiry, letter, now)
    session.flush()
    record(session, actor="patient", action="inquiry sent", subject=public_id, now=now)
    return inquiry


def may_ask_another(submission: Submission) -> bool:
    """Tell whether fewer than three clinics can still answer."""
    closed = {*ENDED, InquiryState.UNDELIVERABLE}
    return sum(each.state not in closed for each in submission.inquiries) < MOST_CLINICS


def forget_draft_key(draft_public_id: str) -> None:
    """Delete the key of a draft that was sent or cleared; after the transaction."""
    row_keys().delete_unsynced([draft_key(draft_public_id)])


def _made(
    submission: Submission,
    clinic: Clinic,
    npi: str | None,
    outgoing: Outgoing,
    public_id: str,
    now: datetime,
) -> Inquiry:
    inquiry = Inquiry(
        public_id=public_id,
        reference=new_reference(),
        submission=submission,
        clinic=clinic,
        npi=npi,
        state=InquiryState.SENT,
        email_digest=submission.email_digest,
        sent_at=now,
        expire_at=now + ENDS_AFTER,
        delete_at=now + KEPT_AT_MOST,
    )
    inquiry.contact, inquiry.answers = to_json(outgoing.contact), to_json(outgoing.answers)
    return inquiry


def _store(session: Session, inquiry: Inquiry, letter: Letter, now: datetime) -> None:
    add_event(session, inquiry, actor=Actor.PATIENT, now=now)
    post_to_clinic(session, inquiry, letter, now=now)


def _made_of(draft: InquiryDraft, outgoing: Outgoing) -> object:
    """Return everything that the letters depend on, for comparing."""
    columns = Clinic.__mapper__.column_attrs.keys()
    clinics = [
        (chosen.npi, [getattr(chosen.clinic, name) for name in columns]) for chosen in draft.clinics
    ]
    return draft.public_id, draft.language, outgoing, clinics


def check_clinic(
    session: Session, clinic: Clinic, email_digest: str, limits: Limits, now: datetime
) -> None:
    """Raise `RefusedError` or `TooManyError` when nothing can be sent to this clinic now."""
    if not clinic.takes_inquiries:
        raise RefusedError(f"{clinic.name} takes no inquiries here any more.")
    since = now - timedelta(days=1)
    if sent_since(session, email_digest, clinic.id, since) >= limits.per_day:
        raise TooManyError("Several inquiries went from this address to this clinic today.")
