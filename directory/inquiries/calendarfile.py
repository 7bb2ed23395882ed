"""The calendar file of an appointment: calendars are shared, so it says no more than it must."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _
from icalendar import Calendar, Event

from directory.clinics.models import Clinic
from directory.core.translations import in_language
from directory.inquiries.models import Inquiry
from directory.inquiries.states import Actor, InquiryState
from directory.outbox.content import Attachment

_LASTS = timedelta(minutes=30)


def appointment_file(inquiry: Inquiry, at: datetime, *, language: str, now: datetime) -> Attachment:
    """Return the file (RFC 5545) of the time that was taken; a later one replaces it."""
    event = Event()
    event.add("uid", f"{inquiry.public_id}@{_domain()}")
    event.add("sequence", _sequence(inquiry))
    event.add("dtstamp", now)
    event.add("dtstart", at)
    event.add("dtend", at + _LASTS)
    with in_language(language):
        event.add("summary", _("Appointment, reference %(reference)s", reference=inquiry.reference))
    event.add("location", _address(inquiry.clinic))
    event.add("status", "CONFIRMED")
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Directory//Appointments//EN")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    text = calendar.to_ical().decode("utf-8")
    return Attachment("appointment.ics", "text/calendar; method=PUBLISH", text)


def _sequence(inquiry: Inquiry) -> int:
    """Count how often a time was taken before: a calendar keeps the highest."""
    taken = [
        event
        for event in inquiry.events
        if event.state is InquiryState.SCHEDULED and event.actor is Actor.PATIENT
    ]
    return max(0, len(taken) - 1)


def _domain() -> str:
    return urlsplit(current_app.config["SETTINGS"].public_base_url).hostname or "localhost"


def _address(clinic: Clinic) -> str:
    street = ", ".join(filter(None, (clinic.line1, clinic.line2)))
    return f"{street}, {clinic.city}, {clinic.state} {clinic.zip_code}"
