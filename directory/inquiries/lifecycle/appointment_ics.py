"""The calendar files of a visit: calendars are shared, so they say no more than they must."""

from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _
from icalendar import Calendar, Event, vCalAddress

from directory.clinics.models import Clinic
from directory.core.translations import in_language
from directory.inquiries.models import Inquiry
from directory.inquiries.states import Actor, InquiryState
from directory.outbox.mail.content import Attachment
from directory.outbox.mail.sender import mail_settings, sender_address

_LASTS = timedelta(minutes=30)
# Where a settled time goes when it no longer holds.
_GIVEN_UP = frozenset({InquiryState.TIMES_PROPOSED, InquiryState.DECLINED, InquiryState.WITHDRAWN})


def appointment_file(inquiry: Inquiry, at: datetime, *, language: str, now: datetime) -> Attachment:
    """Return the file (RFC 5545) of the time that was taken; a later one replaces it."""
    event = _event(inquiry, at, now)
    with in_language(language):
        event.add("summary", _("Appointment, reference %(reference)s", reference=inquiry.reference))
    event.add("status", "CONFIRMED")
    return _file("appointment.ics", "PUBLISH", event)


def cancelling_file(inquiry: Inquiry, at: datetime, *, language: str, now: datetime) -> Attachment:
    """Return the file (RFC 5546) that takes the time out of a calendar again."""
    event = _event(inquiry, at, now)
    with in_language(language):
        words = _("Cancelled: appointment, reference %(reference)s", reference=inquiry.reference)
    event.add("summary", words)
    event.add("status", "CANCELLED")
    return _file("cancelled.ics", "CANCEL", event)


def _event(inquiry: Inquiry, at: datetime, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{inquiry.public_id}@{_domain()}")
    event.add("sequence", _sequence(inquiry))
    # Both methods need one, and a calendar takes a cancellation only from the same organizer.
    event.add("organizer", vCalAddress(f"mailto:{sender_address(mail_settings())}"))
    event.add("dtstamp", now)
    event.add("dtstart", at)
    event.add("dtend", at + _LASTS)
    event.add("location", _address(inquiry.clinic))
    return event


def _file(name: str, method: str, event: Event) -> Attachment:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Directory//Appointments//EN")
    calendar.add("method", method)
    calendar.add_component(event)
    return Attachment(name, f"text/calendar; method={method}", calendar.to_ical().decode("utf-8"))


def _sequence(inquiry: Inquiry) -> int:
    """Count how often a time was taken or given up before: a calendar keeps the highest."""
    taken = sum(
        event.state is InquiryState.SCHEDULED and event.actor is Actor.PATIENT
        for event in inquiry.events
    )
    given_up = sum(
        before.state is InquiryState.SCHEDULED and after.state in _GIVEN_UP
        for before, after in pairwise(inquiry.events)
    )
    return max(0, taken + given_up - 1)


def _domain() -> str:
    return urlsplit(current_app.config["SETTINGS"].public_base_url).hostname or "localhost"


def _address(clinic: Clinic) -> str:
    street = ", ".join(filter(None, (clinic.line1, clinic.line2)))
    return f"{street}, {clinic.city}, {clinic.state} {clinic.zip_code}"
