"""The answering record: how many inquiries each clinic got within a year, and how it answered.

Counted are those that were handed off at least three working days ago. Who withdraws earlier
has not given the clinic its time, and what came back never reached it.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.clinics.hooks import clinic_changed
from directory.clinics.local_time import clinic_zone, working_days_after, working_minutes
from directory.clinics.models import Clinic
from directory.inquiries.models import Inquiry, InquiryEvent
from directory.inquiries.states import InquiryState
from directory.providers.models import Source

SETTLES_AFTER = 3  # working days
COVERS = timedelta(days=365)
_SETTLED_FOR_SURE = timedelta(days=7)  # three working days, whatever the day and the zone
_JUST_NOW = timedelta(hours=2)  # longer than from one look of the worker to the next
_MOST_CLINICS = 500  # that are looked at before the daily turn
_QUIET_HOUR = 8  # in UTC: night in the United States


@dataclass(frozen=True)
class Record:
    """What is said of a clinic. `minutes` is the median working time to its first answer."""

    received: int = 0
    answered: int = 0
    minutes: int | None = None


@dataclass(frozen=True)
class Course:
    """What an inquiry counts by."""

    handed_off_at: datetime
    answered_at: datetime | None
    withdrawn_at: datetime | None


def refresh_what_is_due(session: Session, now: datetime) -> None:
    """Bring all records up to date once a day, and those of clinics that have just answered."""
    if now.hour == _QUIET_HOUR:
        refresh_records(session, now)
        return
    answered = sa.select(Inquiry.clinic_id).where(Inquiry.answered_at > now - _JUST_NOW)
    clinic_ids = session.scalars(answered.distinct().limit(_MOST_CLINICS)).all()
    if clinic_ids:
        refresh_records(session, now, clinic_ids=clinic_ids)


def refresh_records(
    session: Session, now: datetime, *, clinic_ids: Sequence[int] | None = None
) -> None:
    """Bring the records of these clinics, or of all, up to date; write only what changed."""
    courses = _courses(session, now, clinic_ids)
    npis: set[str] = set()
    for clinic in session.scalars(_clinics(clinic_ids)):
        found = record_of(courses.get(clinic.id, []), clinic_zone(clinic), now=now)
        if _write(clinic, found):
            npis.update(member.npi for member in clinic.providers)
    if npis:
        clinic_changed(session, sorted(npis))


def record_of(courses: Iterable[Course], zone: ZoneInfo, *, now: datetime) -> Record:
    """Return the record of a clinic in this zone."""
    counted = [each for each in courses if _counts(each, zone, now)]
    minutes = [
        working_minutes(each.handed_off_at, each.answered_at, zone)
        for each in counted
        if each.answered_at is not None
    ]
    median = round(statistics.median(minutes)) if minutes else None
    return Record(received=len(counted), answered=len(minutes), minutes=median)


def _counts(course: Course, zone: ZoneInfo, now: datetime) -> bool:
    if course.withdrawn_at is None and course.handed_off_at <= now - _SETTLED_FOR_SURE:
        return True
    settles_at = working_days_after(course.handed_off_at, SETTLES_AFTER, zone)
    if settles_at > now:
        return False
    return course.withdrawn_at is None or course.withdrawn_at >= settles_at


def _write(clinic: Clinic, found: Record) -> bool:
    """Write the record down if it is another one."""
    known = Record(clinic.inquiries_received, clinic.inquiries_answered, clinic.answer_minutes)
    if known == found:
        return False
    clinic.inquiries_received = found.received
    clinic.inquiries_answered = found.answered
    clinic.answer_minutes = found.minutes
    return True


def _clinics(clinic_ids: Sequence[int] | None) -> sa.Select[Clinic]:
    """Select the clinics with inquiries, and those whose record has to end."""
    wanted = sa.true() if clinic_ids is None else Clinic.id.in_(clinic_ids)
    has_inquiries = sa.exists().where(Inquiry.clinic_id == Clinic.id)
    has_record = Clinic.inquiries_received > 0
    # The records of invented clinics are invented, too.
    is_real = Clinic.source != Source.DEMO
    return sa.select(Clinic).where(sa.or_(has_inquiries, has_record), is_real, wanted)


def _courses(
    session: Session, now: datetime, clinic_ids: Sequence[int] | None
) -> dict[int, list[Course]]:
    wanted = sa.true() if clinic_ids is None else Inquiry.clinic_id.in_(clinic_ids)
    at, event = Inquiry, InquiryEvent
    withdrawal = (
        sa.select(event.inquiry_id, sa.func.min(event.at).label("at"))
        .where(event.state == InquiryState.WITHDRAWN)
        .group_by(event.inquiry_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(at.clinic_id, at.handed_off_at, at.answered_at, withdrawal.c.at)
        .outerjoin(withdrawal, withdrawal.c.inquiry_id == at.id)
        .where(at.handed_off_at > now - COVERS, at.state != InquiryState.UNDELIVERABLE, wanted)
    )
    courses: dict[int, list[Course]] = defaultdict(list)
    for clinic_id, handed_off_at, answered_at, withdrawn_at in rows:
        courses[clinic_id].append(Course(handed_off_at, answered_at, withdrawn_at))
    return courses
