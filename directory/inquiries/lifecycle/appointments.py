"""A settled time: both sides get it as a calendar file, and another one when it no longer holds."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.clinics.emails import clinic_language
from directory.inquiries.emails import ClinicNews, PatientNews
from directory.inquiries.lifecycle.appointment_ics import appointment_file, cancelling_file
from directory.inquiries.lifecycle.notifications import tell_clinic, tell_patient
from directory.inquiries.lifecycle.transitions import details_of
from directory.inquiries.models import Inquiry
from directory.inquiries.states import InquiryState


def settled_time(inquiry: Inquiry) -> datetime | None:
    """Return the time that is settled, or None: there is none, or it has been deleted."""
    if inquiry.state is not InquiryState.SCHEDULED:
        return None
    details = details_of(inquiry.events[-1])
    return details.times[0] if details and details.times else None


def time_ahead(inquiry: Inquiry, now: datetime) -> datetime | None:
    """Return the settled time while it is still to come: a past one is not taken back."""
    at = settled_time(inquiry)
    return at if at is not None and at > now else None


def tell_of_time(session: Session, inquiry: Inquiry, at: datetime, *, now: datetime) -> None:
    """Send the time to both sides."""
    file = appointment_file(inquiry, at, language=inquiry.submission.language, now=now)
    tell_patient(session, inquiry, PatientNews.SCHEDULED, now=now, calendar=file)
    file = appointment_file(inquiry, at, language=clinic_language(inquiry.clinic), now=now)
    tell_clinic(session, inquiry, ClinicNews.SCHEDULED, now=now, calendar=file)


def take_back_time(
    session: Session,
    inquiry: Inquiry,
    at: datetime,
    *,
    to_patient: PatientNews,
    to_clinic: ClinicNews,
    now: datetime,
) -> None:
    """Have both sides take the time out of their calendars; after the step that ended it."""
    file = cancelling_file(inquiry, at, language=inquiry.submission.language, now=now)
    tell_patient(session, inquiry, to_patient, now=now, calendar=file)
    file = cancelling_file(inquiry, at, language=clinic_language(inquiry.clinic), now=now)
    tell_clinic(session, inquiry, to_clinic, now=now, calendar=file)
