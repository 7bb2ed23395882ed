"""What a patient does with what they sent, one verb each. Pressing twice does a thing once.

Callers hold the rows locked: see `status/access.py`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy.orm import Session

from directory.core.errors import RefusedError
from directory.inquiries.emails import ClinicNews, PatientNews
from directory.inquiries.lifecycle.appointments import take_back_time, tell_of_time, time_ahead
from directory.inquiries.lifecycle.event_details import Details
from directory.inquiries.lifecycle.notifications import call_back, tell_clinic
from directory.inquiries.lifecycle.retention import delete_answers
from directory.inquiries.lifecycle.transitions import details_of, move
from directory.inquiries.lifecycle.treatment import note_treatment
from directory.inquiries.models import Inquiry, InquiryEvent
from directory.inquiries.states import Actor, InquiryState, can_become
from directory.privacy.audit import record

_WAITING = frozenset({InquiryState.NEEDS_INFORMATION, InquiryState.TIMES_PROPOSED})


class OutOfDateError(RefusedError):
    """What the patient answers has been replaced, or is over."""


def waiting_step(inquiry: Inquiry) -> InquiryEvent | None:
    """Return the clinic's question or proposal that waits for the patient's answer."""
    if inquiry.state not in _WAITING:
        return None
    return next(
        event
        for event in reversed(inquiry.events)
        if event.state is inquiry.state and event.actor is Actor.CLINIC
    )


def reply(session: Session, inquiry: Inquiry, text: str, *, to: str, now: datetime) -> None:
    """Answer a question, or say that none of the times suits; `to` is the clinic's step.

    Raises `OutOfDateError` when that is no longer what the clinic waits for.
    """
    if _open_step(inquiry, to, InquiryState.OPENED) is None:
        return
    details = Details(text=text)
    move(session, inquiry, InquiryState.OPENED, actor=Actor.PATIENT, now=now, details=details)
    tell_clinic(session, inquiry, ClinicNews.REPLY, now=now)
    _record(session, "patient replied", inquiry.public_id, now)


def take_time(session: Session, inquiry: Inquiry, at: datetime, *, of: str, now: datetime) -> None:
    """Take one of the times of a proposal, `of`; both sides get a calendar file.

    Raises `OutOfDateError` when the time is past, or the clinic has proposed others.
    """
    proposal = _open_step(inquiry, of, InquiryState.SCHEDULED)
    if proposal is None:
        return
    proposed = details_of(proposal)
    if proposed is None or at not in proposed.times or at <= now:
        raise OutOfDateError("This time can no longer be taken.")
    details = Details(times=(at,))
    move(session, inquiry, InquiryState.SCHEDULED, actor=Actor.PATIENT, now=now, details=details)
    tell_of_time(session, inquiry, at, now=now)
    _record(session, "time taken", inquiry.public_id, now)


def withdraw(session: Session, inquiries: Sequence[Inquiry], *, now: datetime) -> None:
    """Withdraw those that are still open; the clinics that have got them are told.

    An email that has not left yet does not leave any more. A visit to come is taken out of both
    calendars.
    """
    for inquiry in inquiries:
        if is_open(inquiry):
            _withdraw(session, inquiry, now)


def _withdraw(session: Session, inquiry: Inquiry, now: datetime) -> None:
    visit, may_have_gone = time_ahead(inquiry, now), call_back(session, inquiry, now=now)
    has_got_it = may_have_gone or _has_got_it(inquiry)
    move(session, inquiry, InquiryState.WITHDRAWN, actor=Actor.PATIENT, now=now)
    if visit is not None:
        take_back_time(
            session,
            inquiry,
            visit,
            to_patient=PatientNews.VISIT_WITHDRAWN,
            to_clinic=ClinicNews.VISIT_WITHDRAWN,
            now=now,
        )
    elif has_got_it:
        tell_clinic(session, inquiry, ClinicNews.WITHDRAWN, now=now)
    _record(session, "inquiry withdrawn", inquiry.public_id, now)


def withdraw_others(session: Session, kept: Inquiry, *, now: datetime) -> None:
    """Withdraw all but the one that the patient goes on with."""
    others = [each for each in kept.submission.inquiries if each.id != kept.id]
    withdraw(session, others, now=now)


def mark_treated(session: Session, inquiry: Inquiry, treated_on: date, *, now: datetime) -> None:
    """Write down the day of the treatment; answers that may be repeated are kept for that."""
    if inquiry.state is InquiryState.COMPLETED and inquiry.treated_on == treated_on:
        return
    move(session, inquiry, InquiryState.COMPLETED, actor=Actor.PATIENT, now=now)
    note_treatment(inquiry, treated_on)
    _record(session, "treatment marked by the patient", inquiry.public_id, now)


def delete_now(session: Session, inquiries: Sequence[Inquiry], *, now: datetime) -> None:
    """Delete the answers and all that was written; what is still open is withdrawn."""
    withdraw(session, inquiries, now=now)
    left = [each for each in inquiries if each.deleted_at is None]
    delete_answers(session, left, now=now)
    for inquiry in left:
        _record(session, "answers deleted by the patient", inquiry.public_id, now)


def is_open(inquiry: Inquiry) -> bool:
    """Tell whether the patient can still withdraw it."""
    return can_become(inquiry.state, InquiryState.WITHDRAWN, Actor.PATIENT)


def _open_step(inquiry: Inquiry, public_id: str, answer: InquiryState) -> InquiryEvent | None:
    """Return the clinic's step that waits, or None when it has this very kind of answer already.

    A second press finds its own answer right after the step; whatever else has come since means
    that the patient has seen an older page.
    """
    waiting = waiting_step(inquiry)
    if waiting is not None and waiting.public_id == public_id:
        return waiting
    for before, after in pairwise(inquiry.events):
        is_answer = after.actor is Actor.PATIENT and after.state is answer
        if before.public_id == public_id and is_answer:
            return None
    raise OutOfDateError("The clinic no longer waits for this.")


def _has_got_it(inquiry: Inquiry) -> bool:
    if inquiry.state is InquiryState.UNDELIVERABLE:
        return False
    return inquiry.handed_off_at is not None or inquiry.opened_at is not None


def _record(session: Session, action: str, subject: str, now: datetime) -> None:
    record(session, actor="patient", action=action, subject=subject, now=now)
