"""The answering record says what happened, of enough inquiries, within a year."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.clinics.hooks import clinic_changed
from directory.clinics.models import Clinic
from directory.inquiries.lifecycle.response_stats import refresh_records, refresh_what_is_due
from directory.inquiries.lifecycle.transitions import move
from directory.inquiries.models import Inquiry
from directory.inquiries.states import Actor, InquiryState
from directory.providers.models import Source
from tests.factories import make_clinic, make_inquiry, make_location, make_provider

MONDAY = datetime(2026, 11, 2, 15, tzinfo=UTC)
LATER = MONDAY + timedelta(days=4)
OPENED, ACCEPTED = InquiryState.OPENED, InquiryState.ACCEPTED


@pytest.fixture
def changed(app: Flask) -> list[list[str]]:
    """The NPIs that listings were told of."""
    told: list[list[str]] = []
    clinic_changed.register(app, lambda _session, npis: told.append(list(npis)))
    return told


def handed_off(session: Session, clinic: Clinic, at: datetime = MONDAY) -> Inquiry:
    inquiry = make_inquiry(session, clinic, now=at)
    move(session, inquiry, InquiryState.HANDED_OFF, actor=Actor.WORKER, now=at)
    return inquiry


def answered(session: Session, clinic: Clinic, after: timedelta, at: datetime = MONDAY) -> Inquiry:
    inquiry = handed_off(session, clinic, at)
    for state in (OPENED, ACCEPTED):
        move(session, inquiry, state, actor=Actor.CLINIC, now=at + after)
    return inquiry


def record(clinic: Clinic) -> tuple[int, int, int | None]:
    return clinic.inquiries_received, clinic.inquiries_answered, clinic.answer_minutes


def test_a_record_counts_answers_and_their_median_working_time(session: Session) -> None:
    clinic = make_clinic(session)
    handed_off(session, clinic)
    for hours in (1, 2, 30):
        answered(session, clinic, timedelta(hours=hours))
    refresh_records(session, LATER)
    assert record(clinic) == (4, 3, 120)


def test_a_weekend_is_no_working_time(session: Session) -> None:
    clinic = make_clinic(session)
    friday = datetime(2026, 11, 6, 21, tzinfo=UTC)
    answered(session, clinic, timedelta(days=3), friday)
    refresh_records(session, friday + timedelta(days=5))
    assert record(clinic) == (1, 1, 1440)


def test_an_inquiry_counts_after_three_working_days(session: Session) -> None:
    clinic = make_clinic(session)
    answered(session, clinic, timedelta(hours=1))
    refresh_records(session, MONDAY + timedelta(days=3) - timedelta(seconds=1))
    assert record(clinic) == (0, 0, None)
    refresh_records(session, MONDAY + timedelta(days=3))
    assert record(clinic) == (1, 1, 60)


def test_an_inquiry_no_longer_counts_after_a_year(session: Session) -> None:
    clinic = make_clinic(session)
    answered(session, clinic, timedelta(hours=1))
    refresh_records(session, LATER)
    refresh_records(session, MONDAY + timedelta(days=365))
    assert record(clinic) == (0, 0, None)


@pytest.mark.parametrize(("days", "received"), [(2, 0), (3, 1)])
def test_who_withdraws_early_is_not_counted(session: Session, days: int, received: int) -> None:
    clinic = make_clinic(session)
    inquiry = handed_off(session, clinic)
    when = MONDAY + timedelta(days=days)
    move(session, inquiry, InquiryState.WITHDRAWN, actor=Actor.PATIENT, now=when)
    refresh_records(session, LATER)
    assert record(clinic) == (received, 0, None)


def test_what_came_back_is_not_counted(session: Session) -> None:
    clinic = make_clinic(session)
    inquiry = handed_off(session, clinic)
    move(session, inquiry, InquiryState.UNDELIVERABLE, actor=Actor.WORKER, now=MONDAY)
    make_inquiry(session, clinic, now=MONDAY)
    refresh_records(session, LATER)
    assert record(clinic) == (0, 0, None)


def test_only_clinics_whose_record_changed_are_written(session: Session, changed: list) -> None:
    location = make_location(session, make_provider(session))
    clinic, other = make_clinic(session, location), make_clinic(session)
    answered(session, clinic, timedelta(hours=1))
    for moment in (LATER, LATER + timedelta(hours=1)):
        refresh_records(session, moment)
        session.flush()
    assert changed == [[location.npi]]
    assert record(other) == (0, 0, None)


@pytest.mark.parametrize(("hour", "is_quiet_hour"), [(7, False), (8, True), (9, False)])
def test_once_a_day_all_records_are_looked_at(
    session: Session, hour: int, is_quiet_hour: bool
) -> None:
    clinic = make_clinic(session)
    handed_off(session, clinic)
    refresh_what_is_due(session, LATER.replace(hour=hour))
    assert clinic.inquiries_received == is_quiet_hour


def test_the_record_of_who_has_just_answered_is_looked_at_soon(session: Session) -> None:
    clinic, other = make_clinic(session), make_clinic(session)
    answered(session, clinic, LATER - MONDAY)
    handed_off(session, other)
    refresh_what_is_due(session, LATER + timedelta(hours=1))
    assert (record(clinic)[:2], record(other)[:2]) == ((1, 1), (0, 0))


def test_the_record_of_an_invented_clinic_stays(session: Session) -> None:
    clinic = make_clinic(session, inquiries_received=14, inquiries_answered=12, answer_minutes=90)
    clinic.source = Source.DEMO
    handed_off(session, clinic)
    refresh_records(session, LATER)
    assert record(clinic) == (14, 12, 90)


@pytest.mark.parametrize(("count", "is_shown"), [(4, False), (5, True)])
def test_the_search_page_shows_a_record_from_five_on(
    app: Flask, session: Session, count: int, is_shown: bool
) -> None:
    clinic = make_clinic(session, make_location(session, make_provider(session, treatments=90)))
    for _ in range(count):
        answered(session, clinic, timedelta(hours=2))
    refresh_records(session, LATER)
    session.commit()
    page = app.test_client().get("/search?near=60201").text
    assert clinic.name in page
    assert (f"{count} of {count} answered" in page) == is_shown
