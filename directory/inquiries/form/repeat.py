"""Repeating an inquiry after a treatment: the old answers, to be looked through again."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from directory.care.answers import Answers, EarlierToxin, Reason, YesNo
from directory.care.thresholds import TREATMENT_INTERVAL
from directory.core.errors import RefusedError
from directory.inquiries.drafts import Limits, add_clinic, begin_draft, keep_steps
from directory.inquiries.form.prefill import kept_fields
from directory.inquiries.lifecycle.notifications import answers_of, contact_of
from directory.inquiries.models import Inquiry, InquiryDraft
from directory.inquiries.states import InquiryState

_AFTER_TREATMENT = frozenset({InquiryState.COMPLETED, InquiryState.REPEAT_DUE})


def can_repeat(inquiry: Inquiry) -> bool:
    """Tell whether there is a treatment to repeat, and the answers are still there."""
    return inquiry.state in _AFTER_TREATMENT and inquiry.deleted_at is None


def repeat_from(inquiry: Inquiry) -> date | None:
    """Return the day from which 12 weeks have passed since the treatment."""
    return inquiry.treated_on + TREATMENT_INTERVAL if inquiry.treated_on else None


def begin_repeat(
    session: Session,
    inquiry: Inquiry,
    public_id: str,
    *,
    sender_digest: str,
    language: str,
    limits: Limits,
    now: datetime,
) -> InquiryDraft:
    """Return a new draft for the same clinic, filled in; its key has to be in the store.

    Raises `RefusedError` when there is nothing to repeat or the clinic takes no inquiries.
    """
    contact, answers = contact_of(inquiry), answers_of(inquiry)
    if not can_repeat(inquiry) or contact is None or answers is None:
        raise RefusedError("There are no answers to repeat.")
    draft = begin_draft(
        session,
        public_id,
        sender_digest=sender_digest,
        language=language,
        limits=limits,
        now=now,
    )
    keep_steps(draft, kept_fields(contact, asked_again(answers, inquiry.treated_on)))
    add_clinic(session, draft, inquiry.clinic, inquiry.npi)
    return draft


def asked_again(answers: Answers, treated_on: date | None) -> Answers:
    """Return the answers with what the treatment has changed; what depends on today is open."""
    earlier = answers.earlier_toxin or EarlierToxin()
    return replace(
        answers,
        reason=Reason.REPEAT,
        had_toxin=YesNo.YES,
        earlier_toxin=replace(earlier, last_on=treated_on or earlier.last_on),
        toxin_elsewhere=None,
        windows=(),
    )
