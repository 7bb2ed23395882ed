"""What happens by itself when nobody does anything: reminders, a second contact, an end.

Everything here is done at most once, since what was done is written down with the inquiry. A
row that another worker has at hand is left to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from directory.care.thresholds import KEPT_FOR_REPEAT, REPEAT_NOTICE_AFTER
from directory.clinics.local_time import clinic_zone, working_days_after
from directory.clinics.models import AddressProof, Clinic
from directory.inquiries.emails import PatientNews
from directory.inquiries.lifecycle.notifications import (
    answers_of,
    remind_clinic,
    tell_patient,
    tell_second_contact,
)
from directory.inquiries.lifecycle.transitions import (
    ENDS_AFTER,
    keep_at_most,
    move,
)
from directory.inquiries.models import Inquiry
from directory.inquiries.states import UNOPENED, Actor, InquiryState, can_become

_BATCH = 100  # a step and a run; the write lock is held meanwhile
_EXPIRING = [
    state for state in InquiryState if can_become(state, InquiryState.EXPIRED, Actor.WORKER)
]


@dataclass(frozen=True)
class Patience:
    """After how many working days without being opened something is done."""

    remind_after: int
    second_contact_after: int
    tell_patient_after: int


def escalate(session: Session, *, now: datetime, patience: Patience) -> None:
    """Do what is due for inquiries that nobody opens, that have ended, or that may be repeated."""
    _remind(session, now, patience.remind_after)
    _write_to_second_contact(session, now, patience.second_contact_after)
    _tell_patients(session, now, patience.tell_patient_after)
    _expire(session, now)
    _offer_repeat(session, now)


def _remind(session: Session, now: datetime, days: int) -> None:
    # An address that takes no email is not written to again.
    waiting = [Inquiry.reminded_at.is_(None), Inquiry.state != InquiryState.UNDELIVERABLE]
    for inquiry in _unopened(session, now, days, *waiting):
        inquiry.reminded_at = now
        remind_clinic(session, inquiry, now=now)


def _write_to_second_contact(session: Session, now: datetime, days: int) -> None:
    second, first = sa.func.lower(Clinic.second_email), sa.func.lower(Clinic.email)
    is_confirmed = Clinic.proofs.any(
        sa.and_(AddressProof.used_at.is_not(None), sa.func.lower(AddressProof.email) == second)
    )
    named = Inquiry.clinic.has(sa.and_(second != sa.func.coalesce(first, ""), is_confirmed))
    for inquiry in _unopened(session, now, days, Inquiry.second_contact_at.is_(None), named):
        # What databases and Python call the same letters may differ: the clinic has the last word.
        if inquiry.clinic.second_contact is None:
            continue
        inquiry.second_contact_at = now
        tell_second_contact(session, inquiry, now=now)


def _tell_patients(session: Session, now: datetime, days: int) -> None:
    for inquiry in _unopened(session, now, days, Inquiry.patient_told_at.is_(None)):
        inquiry.patient_told_at = now
        tell_patient(session, inquiry, PatientNews.NOT_OPENED, now=now)


def _unopened(
    session: Session, now: datetime, days: int, *conditions: sa.ColumnElement[bool]
) -> Sequence[Inquiry]:
    """Return what nobody has opened for so many working days of its clinic."""
    at = Inquiry
    # Working days are never fewer than days; which of these it is, the clinic's zone decides.
    early = at.sent_at <= now - timedelta(days=days)
    return [
        inquiry
        for inquiry in _locked(
            session, at.state.in_(UNOPENED), early, *conditions, order=at.sent_at
        )
        if working_days_after(inquiry.sent_at, days, clinic_zone(inquiry.clinic)) <= now
    ]


def _expire(session: Session, now: datetime) -> None:
    at = Inquiry
    # The first condition follows from the other; it is there because an index knows it.
    due = (at.sent_at <= now - ENDS_AFTER, at.expire_at <= now)
    for inquiry in _locked(session, at.state.in_(_EXPIRING), *due, order=at.expire_at):
        move(session, inquiry, InquiryState.EXPIRED, actor=Actor.WORKER, now=now)
        tell_patient(session, inquiry, PatientNews.EXPIRED, now=now)


def _offer_repeat(session: Session, now: datetime) -> None:
    at = Inquiry
    due = at.treated_on <= (now - REPEAT_NOTICE_AFTER).date()
    # Only with consent are answers kept that long after a treatment.
    kept = (at.deleted_at.is_(None), at.delete_at > now)
    completed = at.state == InquiryState.COMPLETED
    for inquiry in _locked(session, completed, due, *kept, order=at.treated_on):
        answers = answers_of(inquiry)
        if answers is None or not answers.may_repeat:
            continue
        move(session, inquiry, InquiryState.REPEAT_DUE, actor=Actor.WORKER, now=now)
        assert inquiry.treated_on is not None
        treated_at = datetime.combine(inquiry.treated_on, time(), UTC)
        keep_at_most(inquiry, treated_at + KEPT_FOR_REPEAT)
        tell_patient(session, inquiry, PatientNews.REPEAT_DUE, now=now)


def _locked(
    session: Session,
    *conditions: sa.ColumnElement[bool],
    order: InstrumentedAttribute[Any],
) -> Sequence[Inquiry]:
    """Return a batch of inquiries that meet the conditions, the oldest first."""
    return session.scalars(
        sa.select(Inquiry)
        .where(*conditions)
        .options(joinedload(Inquiry.clinic), joinedload(Inquiry.submission))
        .order_by(order, Inquiry.id)
        .limit(_BATCH)
        .with_for_update(of=Inquiry, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
