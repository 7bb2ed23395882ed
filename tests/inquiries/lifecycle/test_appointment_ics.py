"""The calendar file of an appointment: what other programs read from it, and what it leaves out."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from icalendar import Calendar, Event
from sqlalchemy.orm import Session

from directory.inquiries.lifecycle.appointment_ics import appointment_file, cancelling_file
from directory.inquiries.lifecycle.event_details import Details
from directory.inquiries.lifecycle.transitions import add_event
from directory.inquiries.models import Inquiry
from directory.inquiries.states import Actor, InquiryState
from tests.factories import make_clinic, make_inquiry, make_location, make_provider

AT = datetime(2026, 12, 3, 15, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def inquiry(session: Session) -> Inquiry:
    location = make_location(session, make_provider(session), line1="1 Long Street, Suite 9;")
    return make_inquiry(session, make_clinic(session, location), now=NOW)


def parsed(text: str) -> Event:
    [event] = Calendar.from_ical(text).walk("VEVENT")
    assert isinstance(event, Event)
    return event


def test_another_program_reads_the_time_and_the_place(app: Flask, inquiry: Inquiry) -> None:
    event = parsed(appointment_file(inquiry, AT, language="en", now=NOW).text)

    assert (event["DTSTART"].dt, event["DTEND"].dt) == (AT, AT + timedelta(minutes=30))
    assert str(event["LOCATION"]) == "1 Long Street, Suite 9;, Evanston, IL 60201"
    assert str(event["SUMMARY"]) == f"Appointment, reference {inquiry.reference}"
    assert str(event["UID"]) == f"{inquiry.public_id}@directory.test"


def test_it_names_neither_the_clinic_nor_the_patient_nor_a_treatment(
    app: Flask, inquiry: Inquiry
) -> None:
    text = appointment_file(inquiry, AT, language="en", now=NOW).text

    unfolded = text.replace("\r\n ", "")
    words = (inquiry.clinic.name, "Marked", "Botox", "Headache", "migraine", "treatment")
    assert [word for word in words if word.lower() in unfolded.lower()] == []


def test_lines_are_folded_and_end_as_the_standard_says(app: Flask, inquiry: Inquiry) -> None:
    inquiry.clinic.line2 = "Ñ" * 60
    file = appointment_file(inquiry, AT, language="en", now=NOW)

    lines = file.text.split("\r\n")
    assert "\n" not in "".join(lines)
    assert max(len(line.encode()) for line in lines) <= 75
    assert "METHOD:PUBLISH" in lines
    assert file.media_type == "text/calendar; method=PUBLISH"
    assert file.file_name == "appointment.ics"


def test_a_later_time_replaces_the_earlier_one(
    app: Flask, session: Session, inquiry: Inquiry
) -> None:
    inquiry.state = InquiryState.SCHEDULED
    files = []
    for day in range(2):
        at = AT + timedelta(days=day)
        details = Details(times=(at,))
        add_event(session, inquiry, actor=Actor.PATIENT, now=NOW, details=details)
        files.append(parsed(appointment_file(inquiry, at, language="en", now=NOW).text))

    assert [event["SEQUENCE"] for event in files] == [0, 1]
    assert len({str(event["UID"]) for event in files}) == 1


def test_a_cancelling_file_takes_the_very_same_visit_out(
    app: Flask, session: Session, inquiry: Inquiry
) -> None:
    inquiry.state = InquiryState.SCHEDULED
    add_event(session, inquiry, actor=Actor.PATIENT, now=NOW, details=Details(times=(AT,)))
    taken = parsed(appointment_file(inquiry, AT, language="en", now=NOW).text)
    inquiry.state = InquiryState.WITHDRAWN
    add_event(session, inquiry, actor=Actor.PATIENT, now=NOW)
    file = cancelling_file(inquiry, AT, language="es", now=NOW)

    over = parsed(file.text)
    assert "METHOD:CANCEL" in file.text.split("\r\n")
    assert file.media_type == "text/calendar; method=CANCEL"
    assert (str(over["STATUS"]), over["SEQUENCE"]) == ("CANCELLED", taken["SEQUENCE"] + 1)
    for name in ("UID", "ORGANIZER", "DTSTART", "LOCATION"):
        assert over[name].to_ical() == taken[name].to_ical()


def test_a_time_taken_after_one_was_given_up_is_newer_than_both(
    app: Flask, session: Session, inquiry: Inquiry
) -> None:
    for state, actor in (
        (InquiryState.SCHEDULED, Actor.PATIENT),
        (InquiryState.TIMES_PROPOSED, Actor.CLINIC),
        (InquiryState.SCHEDULED, Actor.PATIENT),
    ):
        inquiry.state = state
        add_event(session, inquiry, actor=actor, now=NOW)

    assert parsed(appointment_file(inquiry, AT, language="en", now=NOW).text)["SEQUENCE"] == 2
